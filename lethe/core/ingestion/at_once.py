"""Texts sent in a request are readable as soon as it is answered; a worker then makes them searchable."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lethe.core.ingestion.prepare import PartLine, row_of
from lethe.domain.clean_text import clean
from lethe.domain.file_types import file_type
from lethe.domain.json import Json
from lethe.domain.records.blocks import Part
from lethe.domain.records.documents import Prepared, Source
from lethe.store import document_contents, texts
from lethe.store.database.transactions import Tx
from lethe.text import languages
from lethe.text.blocks import split_parts

_CHARACTERS, _LINES = 256 * 1024, 2_000
"""Texts within both limits are structured at once: 40 ms for prose, half a second for nested lists."""

_BYTE_ORDER_MARK = "\ufeff"


@dataclass(slots=True)
class ReadableText:
    """A text as readers get it. The `parts` of a long text are made lazily and have no structure yet."""

    characters: int
    language: str
    structured: bool
    parts: Iterator[Part]
    blocks: int = field(default=0, init=False)
    """The number of blocks in the parts consumed so far."""

    def rows(self) -> Iterator[PartLine]:
        """The parts as they are stored."""
        for part in self.parts:
            self.blocks += len(part.blocks)
            yield row_of(part)


async def readable(text: str) -> ReadableText | None:
    """The text as the parser will later return it; None if it is blank."""
    return await asyncio.to_thread(_readable, text)


async def store_parts(tx: Tx, text: ReadableText, *, node_id: str) -> None:
    """Store the readable text of a new document. Slow for long texts, so call it before taking locks."""
    await document_contents.insert_parts(tx, node_id=node_id, parts=text.rows())


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
    """Make a new document readable, in the transaction that creates its node and has stored its parts.

    The document has no input and no original yet: both belong to its ingestion, which later replaces this content.
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
