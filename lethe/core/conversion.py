"""Converts a file as an ingestion would, but stores nothing: its scratch folder is removed before the answer."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lethe.adapters.children import ChildKilled
from lethe.adapters.spool import Spool
from lethe.core.content.spooling import spooled
from lethe.core.content.texts import Text
from lethe.core.context import Context
from lethe.core.ingestion import originals
from lethe.core.ingestion.parsing import in_child
from lethe.core.ingestion.prepare import lines_of_parts, read
from lethe.core.ingestion.submit import Uri
from lethe.domain.errors import InputRejected, InvalidRequest, LimitExceeded
from lethe.domain.file_types import READERS, named_type, readable, reader_of
from lethe.domain.records.documents import LiveDocument, Prepared
from lethe.store.documents import StoredPart

_UNNAMED = "input"
_SMALLER = "send a smaller file"


@dataclass(frozen=True, slots=True)
class Conversion:
    """A file's content as JSON, the reader that read it, and warnings about what the content lacks."""

    content: Iterator[bytes]
    reader: str
    warnings: Sequence[str]


async def convert(
    ctx: Context,
    *,
    company_id: str,
    content: bytes | Uri,
    file_name: str | None,
    reader: str | None,
    as_tree: bool,
    encode: Callable[[Conversion], Iterator[bytes]],
) -> Spool:
    """The content of a file, as markdown or a tree, encoded by `encode`. Close it after use.

    Args:
        file_name: its extension determines the type; None to detect it from the content.
        reader: the reader to use; None for the one that reads this type.

    Raises:
        InvalidRequest: there is no such reader, or it does not read files of this type.
        InputRejected: the content cannot be read.
        LimitExceeded: the answer would be too large.
        Unavailable: the address cannot be fetched now, or too many conversions are waiting.
    """
    _require_fit(reader, named_type(file_name))
    with ctx.scratch.folder() as folder:
        async with _original(ctx, company_id, content, file_name, folder / "original") as name:
            async with ctx.conversion_limiter.turn(company_id, "conversions", nullcontext()):
                found = await _read(ctx, folder, name)
            _require_fit(reader, found.file_type)
            if as_tree and found.blocks > ctx.limits.content_nodes:
                raise LimitExceeded(
                    f"The tree would have more than {ctx.limits.content_nodes:,} nodes: ask for markdown."
                )
            text = await asyncio.to_thread(_text, folder, found)
        conversion = Conversion(
            text.tree(None) if as_tree else text.markdown(None), reader_of(found.file_type), found.warnings
        )
        async with spooled(ctx, company_id=company_id, advice=_SMALLER) as spool:
            await asyncio.to_thread(spool.write_all, encode(conversion))
        return spool


def _require_fit(reader: str | None, file_type: str | None) -> None:
    """Raise InvalidRequest if the reader is unknown or does not read the type (None: not known yet)."""
    where = ("body", "reader")
    if reader is not None and reader not in READERS:
        raise InvalidRequest(
            f"There is no such reader: use one of {', '.join(READERS)}, or leave it out.", where
        )
    if reader is not None and file_type is not None and file_type not in READERS[reader]:
        raise InvalidRequest(
            f"The reader '{reader}' does not read '.{file_type}', but {', '.join(readable(reader)[:10])}: use "
            f"'{reader_of(file_type)}', or leave it out.",
            where,
        )


@asynccontextmanager
async def _original(
    ctx: Context, company_id: str, content: bytes | Uri, file_name: str | None, target: Path
) -> AsyncIterator[str | None]:
    """Write the file to `target`; yields its name, if it has one. A fetched file takes room like a request's body."""
    if not isinstance(content, Uri):
        await originals.examine(ctx, content, name=file_name or _UNNAMED)
        await asyncio.to_thread(target.write_bytes, content)
        yield file_name
        return
    with ctx.bodies.share() as share:
        if content.address[:5].lower() != "data:":  # a data: URI has taken its room with the body
            await share.take(company_id, ctx.limits.file_bytes)
        fetched = await ctx.fetch(content.address, target)
        if fetched.size == 0:
            raise InputRejected("The address returned an empty document.")
        yield file_name or fetched.file_name


async def _read(ctx: Context, folder: Path, file_name: str | None) -> Prepared:
    """Parse the original into parts, in a child process."""
    label = file_name or _UNNAMED
    try:
        with (folder / "original").open("rb") as original, (folder / "parts").open("wb") as parts:
            return await in_child(
                ctx.children, ctx.limits, read, original, parts, file_name, ctx.limits, label
            )
    except ChildKilled as exc:
        raise InputRejected(f"'{label}' could not be parsed: {exc}.") from exc


def _text(folder: Path, found: Prepared) -> Text:
    with (folder / "parts").open("rb") as file:
        parts = [StoredPart("", *line) for line in lines_of_parts(file)]
    document = LiveDocument(
        node_id="",
        artifact=_UNNAMED,
        metadata={},
        hash=originals.sha256(folder / "original"),
        characters=found.characters,
        blocks=found.blocks,
        created_at=datetime.now(UTC),
        file_type=found.file_type,
        places=found.places,
    )
    return Text(document, parts)
