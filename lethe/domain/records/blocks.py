"""The parts of a document, from the parsed file to the indexed chunks."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class BlockType(StrEnum):
    """The types of blocks in a document's tree, as the Artifacts API names them."""

    SECTION = "SectionNode"
    TEXT = "TextNode"
    LIST = "ListNode"
    LIST_ITEM = "ListItemNode"
    TABLE = "TableNode"
    TABLE_ROW = "TableRowNode"
    IMAGE = "ImageNode"


class Place(NamedTuple):
    """Where a page, slide, sheet or part of a file begins in its text.

    `start` is an offset in characters, `number` counts from 1, `name` is a sheet's or part's name, otherwise empty.
    """

    start: int
    number: int
    name: str


class SheetRows(NamedTuple):
    """Which rows of sheets a text was made from: the text of row `numbers[i]` begins at the offset `starts[i]`. Rows
    count from 1; 0 means no row."""

    starts: Sequence[int] = ()
    numbers: Sequence[int] = ()

    def at(self, offset: int) -> int:
        """The row at an offset; 0 if there is none."""
        found = bisect_right(self.starts, offset)
        return self.numbers[found - 1] if found else 0


NO_ROWS = SheetRows()


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file turned into markdown.

    `file_type` is the canonical extension ("pdf", "md"). `markdown` has LF line ends and no NUL. `pages` is None for
    formats without pages. `warnings` are sentences for the caller about what is missing from `markdown`. `places` are
    in order; they are empty for formats without places, as `rows` are for formats without rows.
    """

    file_type: str
    media_type: str
    markdown: str
    pages: int | None = None
    title: str | None = None
    warnings: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    rows: SheetRows = NO_ROWS


class Block(NamedTuple):
    """A node of the document's tree.

    `number` counts the blocks of the document from 0 in reading order; `parent` is the number of the
    enclosing block, -1 under the document itself. `start` and `end` are offsets (characters) into the
    document's text: for a leaf its own text, for a section its heading line only, for a list or table all
    of its items. `level` is a section's heading level (1-6), otherwise 0. `place` is the number of the page,
    slide, sheet or part in which the block begins, 0 where the file has none; `row` is the row of the sheet.
    """

    number: int
    type: BlockType
    parent: int
    start: int
    end: int
    level: int
    place: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A run of a document's text with the blocks that begin in it.

    The parts' texts concatenate to the document's text. Parts bound what is held in memory at once.
    """

    number: int
    start: int
    text: str
    blocks: tuple[Block, ...]


Turn = tuple[int, int, int, tuple[str, ...]]
"""Where a chunk's text goes on in another place or under other headings: the offset, the new place, how many of the
previous headings remain (outermost first), and the headings below those."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """An indexed passage of a document. The texts of a document's chunks concatenate to its text.

    `headings` are the titles of the enclosing sections, outermost first; `tokens` counts by cl100k_base; `place` is the
    place of the block in which the chunk begins. `turns`: where place or headings change in its text. `rows`: the first
    and last row of a sheet in the text up to the first turn, then up to the next turn, and so on (0: none); empty if
    the text has no rows.
    """

    position: int
    start: int
    end: int
    headings: tuple[str, ...]
    text: str
    tokens: int
    place: int = 0
    turns: tuple[Turn, ...] = ()
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a document's text: `text` begins at character `start` of `characters`."""

    node_id: str
    title: str
    characters: int
    start: int
    text: str

    @property
    def next_start(self) -> int | None:
        """Where the text continues; None at its end."""
        end = self.start + len(self.text)
        return end if end < self.characters else None


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """A document without its text. `stored_generation` changes with the content."""

    node_id: str
    title: str
    characters: int
    file_type: str
    stored_generation: int
