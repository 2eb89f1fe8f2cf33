"""Embeds callers' texts with the installation's model, and tells which model that is."""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from lethe.adapters.embedders.vectors import MAX_CHARACTERS, Vectors
from lethe.core.context import Context
from lethe.domain.errors import InvalidRequest
from lethe.store import installation
from lethe.text.chunking import count_tokens


@dataclass(frozen=True, slots=True)
class Model:
    """The embedding model: its recorded name, and the length of its vectors."""

    name: str
    dimension: int


async def model(ctx: Context) -> Model | None:
    """The installation's model; None until a worker has started for the first time."""
    async with ctx.db.system() as conn:
        recorded = await installation.recorded_embedder(conn)
    if recorded is None:
        return None
    name, _, dimension = recorded.removesuffix(")").rpartition(" (")
    return Model(name, int(dimension))


async def embed(ctx: Context, *, company_id: str, texts: Sequence[str]) -> tuple[list[Vectors], int]:
    """Embed each text as a search query is embedded; returns the embeddings and the total number of tokens.

    Each text takes a turn among the searches, so a long list delays no other company.

    Raises:
        InvalidRequest: a text is longer than MAX_CHARACTERS.
        Unavailable: the model is unavailable, or too many calls are waiting for it.
    """
    for i, text in enumerate(texts):
        if len(text) > MAX_CHARACTERS:
            raise InvalidRequest(
                f"A text has {len(text):,} characters, and at most {MAX_CHARACTERS:,} are embedded: split it.",
                ("body", "input", i),
            )
    tokens = await asyncio.to_thread(lambda: sum(map(count_tokens, texts)))
    vectors = []
    for text in texts:
        async with ctx.embedding_limiter.turn(company_id, "searches", nullcontext()):
            vectors.append(await ctx.embed_query(text.replace("\0", " ")))
    return vectors, tokens
