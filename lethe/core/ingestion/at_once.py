"""Texts that come in a request can be read when it is answered; a worker makes them searchable."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lethe.core.ingestion.prepare import PartLine, row_of
from lethe.domain.clean_text import clean
from lethe.domain.document import Part
from lethe.domain.file_types import file_type
from lethe.domain.records import Json, Prepared, Source
from lethe.store import texts
from lethe.store.transactions import Tx
from lethe.store.work import ingestions
from lethe.text import languages
from lethe.text.blocks import split_parts

_CHARACTERS, _LINES = 256 * 1024, 2_000
"""The structure of a text up to both is told at once: 40 ms for prose, half a second for lists in lists."""

_BYTE_ORDER_MARK = "\ufeff"


@dataclass(slots=True)
class ReadableText:
    """A text as its readers get it. Of a long one the `parts` have no structure yet, and are made as they are taken."""

    characters: int
    language: str
    structured: bool
    parts: Iterator[Part]
    blocks: int = field(default=0, init=False)
    """Of the parts that were taken."""

    def rows(self) -> Iterator[PartLine]:
        """The parts as they are stored."""
        for part in self.parts:
            self.blocks += len(part.blocks)
            yield row_of(part)


async def readable(text: str) -> ReadableText | None:
    """The text as the parser of its file will give it; None when nothing of it can be read."""
    return await asyncio.to_thread(_readable, text)


async def store_parts(tx: Tx, text: ReadableText, *, node_id: str) -> None:
    """Store what is read of a new document. Takes long for a long one: it comes before any lock."""
    await ingestions.insert_parts(tx, node_id=node_id, parts=text.rows())


async def store_document(
    tx: Tx,
    text: ReadableText,
    *,
    node_id: str,
    generation: int,
    source: Source,
    metadata: Mapping[str, Json],
    file_name: str,
) -> None:
    """Let a new document be read, in the transaction that makes its node and has stored its parts.

    It holds no input and no original yet: both belong to its ingestion, which takes its place.
    """
    markdown = file_type("md")
    added = {"file_name": file_name, "file_type": markdown.extension, "hash": source.hash}
    await texts.insert(
        tx,
        node_id=node_id,
        generation=generation,
        source=source,
        metadata={**metadata, **added},
        prepared=Prepared(
            file_type=markdown.extension,
            media_type=markdown.media_type,
            language=text.language,
            characters=text.characters,
            blocks=text.blocks,
            chunks=0,
            title=None,
            warnings=(),
            places={},
        ),
        structured=text.structured,
    )


def _readable(text: str) -> ReadableText | None:
    text = clean(text.removeprefix(_BYTE_ORDER_MARK))
    if not text or text.isspace():
        return None
    structured = len(text) <= _CHARACTERS and text.count("\n") <= _LINES
    parts = split_parts(text) if structured else split_parts(text, steps=0)
    return ReadableText(
        characters=len(text),
        language=languages.detect(text),
        structured=structured,
        parts=iter(list(parts)) if structured else parts,
    )
