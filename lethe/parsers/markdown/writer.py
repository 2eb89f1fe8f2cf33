"""Writes a markdown document block by block, and stops at the limit instead of filling memory."""

import re
from array import array
from collections.abc import Iterable, Sequence
from itertools import chain, repeat

from lethe.domain.records.blocks import Place, SheetRows
from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.markdown.misread import closing, plain_lines
from lethe.parsers.source import Reading, Source
from lethe.parsers.text import clean

_BACKTICKS = re.compile("`{3,}")
_NUMBER = re.compile(r"(\d{1,9})[.)]")
_BULLETS = frozenset("-*+•")
_CLOSING_HASHES = re.compile(r"(?:^|(?<= ))(?=#+$)")
_DEEPEST_ITEM = 8
_MOST_ROWS = 2_000_000
_MOST_FILLED = 100_000
"""The largest table (in cells) whose rows are padded to the header's width; markdown readers do not need it."""


class Writer:
    """Collects blocks as UTF-8. Raises InputRejected as soon as there are more than `limits.text_characters`.

    Texts are inline markdown (see inline.py). A block is escaped only where a line would be read as another kind of
    block.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = bytearray()
        self._characters = 0
        self._places: list[Place] = []
        self._row_starts, self._row_numbers = array("q"), array("q")
        self._warnings: dict[str, None] = {}
        self._items: list[tuple[int, str]] = []
        """Depth and marker of the open items, outermost first."""

    def place(self, number: int, name: str = "") -> None:
        """Starts a page, slide, sheet or part, numbered from 1; sheets and parts have a `name`."""
        self._places.append(Place(self._characters, number, name))

    def next_place(self, name: str = "") -> None:
        """Starts the next part."""
        self.place(len(self._places) + 1, name)

    def at_row(self, number: int) -> None:
        """Marks what follows as row `number` of a sheet, from 1, or 0 for none. Marks beyond `_MOST_ROWS` are
        dropped."""
        starts, numbers = self._row_starts, self._row_numbers
        if len(starts) <= _MOST_ROWS and number != (numbers[-1] if numbers else 0):
            starts.append(self._characters)
            numbers.append(number if len(starts) <= _MOST_ROWS else 0)

    def heading(self, level: int, text: str) -> None:
        """Writes a section's title; `level` is limited to 1 to 6."""
        line = _CLOSING_HASHES.sub(r"\\", " ".join(clean(text).split()))
        if line:
            self._block(f"{'#' * min(6, max(1, level))} {line}\n")

    def paragraph(self, text: str) -> None:
        """Writes a paragraph. Line ends are kept; empty lines split it."""
        text = plain_lines(text)
        if text:
            self._block(text + "\n")

    def item(self, text: str, depth: int = 0, marker: str = "-") -> None:
        """Writes a list item, `depth` levels deep. The markers "-", "1." and "2)" become markdown markers; any other
        ("a)", "IV.") is written as part of the text."""
        marker, text = marker.strip(), clean(text)
        if not text.strip():
            return
        if not _NUMBER.fullmatch(marker):
            marker, text = "-", text if marker in _BULLETS or not marker else f"{marker} {text}"
        text = plain_lines(text)
        if marker == "-" and not text.split("\n", 1)[0].strip("- \t"):
            text = f"\\{text}"  # with its marker it would be a horizontal rule
        above = len(self._items)
        del self._items[_DEEPEST_ITEM:]
        while self._items and self._items[-1][0] >= depth:
            self._items.pop()
        # Without a blank line, a list inside an item must begin with 1, or markdown reads it as text of that item.
        number = _NUMBER.fullmatch(marker)
        apart = not above or (number is not None and int(number[1]) != 1 and len(self._items) == above)
        indent = self._indent()
        self._items.append((depth, marker))
        body = text.replace("\n", "\n" + self._indent())
        self._block(f"{indent}{marker} {body}\n", apart=apart, ends_list=False)

    def table(self, rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> None:
        """Writes a table; its first row is the header. It is as wide as the widest row, as markdown drops cells beyond
        the header. `numbers` are the row numbers in the sheet (`at_row`)."""
        told = zip(chain(numbers, repeat(0)), rows, strict=False)
        kept = [(number, row) for number, row in told if any(cell.strip() for cell in row)]
        width = max((len(row) for _, row in kept), default=0)
        if not width:
            return
        filled = width if width * len(kept) <= _MOST_FILLED else 1
        self._block("")
        for index, (number, row) in enumerate(kept):
            self.at_row(number)
            self.row(row, filled if index else width)
            if index == 0:
                self.write("|" + " --- |" * width + "\n")
        self.at_row(0)

    def row(self, cells: Sequence[str], width: int) -> None:
        """Writes a row of a table, padded to `width` cells."""
        line = clean("\n".join(cells))
        if "|" in line or "\t" in line or line.count("\n") >= max(1, len(cells)):
            line = "\n".join(cell_text(cell) for cell in cells)
        self.write("| " + line.replace("\n", " | ") + " | " * (width - max(1, len(cells))) + " |\n")

    def code(self, text: str) -> None:
        """Writes a code block, in a fence that is longer than any inside."""
        text = clean(text).rstrip()
        if text:
            fence = "`" * max([3, *(len(run) + 1 for run in _BACKTICKS.findall(text))])
            self._block(f"{fence}\n")
            self.write(text)
            self.write(f"\n{fence}\n")

    def note(self, mark: str, text: str) -> None:
        """Writes the text of a footnote, endnote or comment whose mark `[^mark]` was written before."""
        if text.strip():
            self.paragraph(f"[^{mark}]: {' '.join(text.split())}")

    def write(self, piece: str) -> None:
        """Adds `piece` as it is."""
        piece = clean(piece)
        self._characters += len(piece)
        if self._characters > self._source.limits.text_characters:
            raise too_much_text(self._source)
        self._text += piece.encode("utf-8", "replace")

    def warn(self, sentence: str) -> None:
        """Warns the caller of something that is left out. Repeated sentences are dropped."""
        self._warnings[sentence] = None

    def tell(self, left_out: LeftOut) -> None:
        """Warns the caller of everything that a reader left out."""
        for sentence in left_out.sentences():
            self.warn(sentence)

    def include(self, reading: Reading) -> None:
        """Adds another reader's output as blocks of this document, without its places."""
        text = clean(reading.markdown).strip("\n")
        if text.strip():
            self._block(f"{text}\n{closing(text)}")
        for sentence in reading.warnings:
            self.warn(sentence)

    @property
    def characters(self) -> int:
        """The number of characters written so far."""
        return self._characters

    def text(self) -> str:
        """All that was written."""
        return self._text.decode()

    def reading(self, title: str | None = None, pages: int | None = None) -> Reading:
        """All that was written, with its places and warnings."""
        rows = SheetRows(self._row_starts, self._row_numbers)
        return Reading(self.text(), title, pages, tuple(self._warnings), tuple(self._places), rows)

    def _indent(self) -> str:
        """Where the text of the innermost open item begins."""
        return " " * sum(len(marker) + 1 for _depth, marker in self._items)

    def _block(self, text: str, *, apart: bool = True, ends_list: bool = True) -> None:
        if ends_list:
            self._items.clear()
        if apart and self._text and not self._text.endswith(b"\n\n"):
            self.write("\n" if self._text.endswith(b"\n") else "\n\n")
        self.write(text)


def cell_text(text: str) -> str:
    """`text` on one line with its pipes escaped, for a table cell."""
    return " ".join(clean(text).split()).replace("|", "\\|")


def too_much_text(source: Source) -> Exception:
    """The error for a document with more text than `limits.text_characters`."""
    most = source.limits.text_characters
    return source.rejected(f"contains more text than the limit of {most:,} characters: split it")
