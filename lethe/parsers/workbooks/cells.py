"""Reads the cells of one sheet of an xlsx as the texts that they show."""

import datetime
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from lethe.parsers.markdown.inline import Run, inline, literal
from lethe.parsers.markup import read_xml
from lethe.parsers.number_formats.formats import number_text, shown, shown_text
from lethe.parsers.source import Source
from lethe.parsers.workbooks.texts import RichText, unescaped
from lethe.parsers.workbooks.workbook import Style, Workbook

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_LINK_FORMULA = re.compile(r'^=?\s*HYPERLINK\(\s*"([^"]{1,2000})"', re.IGNORECASE)
_DAY_ZERO = datetime.datetime(1899, 12, 30, tzinfo=datetime.UTC)
_BETWEEN_EPOCHS = 1462
_PLAIN = Style()


class Range(NamedTuple):
    """A range of cells; rows and columns count from 1, and the last ones are included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Cells:
    """The content of a sheet. `rows` are texts in inline markdown by row and column; `links` are ranges with
    relationship ids; `page_texts` are the codes of printed headers and footers; `drawings` are relationship ids."""

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    links: list[tuple[Range, str]] = field(default_factory=list)
    page_texts: dict[str, str] = field(default_factory=dict)
    drawings: list[str] = field(default_factory=list)
    embedded: dict[str, str] = field(default_factory=dict)
    """The kinds of embedded objects by shape, since alternatives contain an object twice."""
    without_value: int = 0
    """The number of formulas without a stored result; the formula itself is shown."""
    pictures: int = 0
    """The number of pictures placed in cells that have no alternative text."""


def read_cells(source: Source, book: Workbook, data: bytes) -> Cells:
    """Reads a worksheet or chart sheet. Raises InputRejected for damaged XML."""
    reader = _Reader(book)
    read_xml(source, data, start=reader.start, end=reader.end, text=reader.text)
    return reader.cells


def span(reference: str) -> Range | None:
    """ "B2:D5" or "B2" as a range; None if malformed."""
    first, _, last = reference.partition(":")
    start, end = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last or first)
    if not start or not end:
        return None
    rows = sorted((int(start[2]), int(end[2])))
    columns = sorted((column_number(start[1]), column_number(end[1])))
    if rows[0] < 1 or rows[1] > LAST_ROW or columns[1] > LAST_COLUMN:
        return None
    return Range(rows[0], columns[0], rows[1], columns[1])


def column_number(letters: str) -> int:
    """ "A" is 1, "XFD" is 16384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


class _Reader:
    """Handles the parser's events. A sheet may have millions of cells, so their path is kept short."""

    def __init__(self, book: Workbook) -> None:
        self.cells = Cells()
        self._book = book
        self._styles = {str(index): style for index, style in enumerate(book.styles)}
        self._row_number = self._column = 0
        self._kind = ""
        self._style = _PLAIN
        self._rich: RichText | None = None
        self._texts: list[str] | None = None
        """Pieces of the open value, formula or header."""
        self._value: str | None = None
        self._formula: str | None = None
        self._rich_value: str | None = None

    def start(self, name: str, attributes: list[str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "v":
            self._texts = []
        elif name == "c":
            self._start_cell(attributes)
        elif self._rich:
            self._rich.start(name, attributes[1] if attributes else None)
        elif name == "f":
            self._texts = []
        elif name == "is":
            self._rich = RichText()
        elif name == "row":
            number = _attribute(attributes, "r")
            known = number.isdecimal() and len(number) < 8
            self._row_number = int(number) if known else self._row_number + 1
            self._column = 0
        else:
            self._other(name, attributes)

    def end(self, name: str) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "v":
            self._value = self._taken()
        elif name == "c":
            if (text := self._cell_text()) and (text := text.strip()):
                self.cells.rows.setdefault(self._row_number, {})[self._column] = text
        elif name == "is" and self._rich:
            self._value = self._rich.markdown()
            self._kind, self._rich = "markdown", None
        elif self._rich:
            self._rich.end(name)
        elif name == "f":
            self._formula = self._taken()
        elif self._texts is not None:
            self.cells.page_texts[name] = self._taken()

    def text(self, text: str) -> None:
        if self._texts is not None:
            self._texts.append(text)
        elif self._rich:
            self._rich.text(text)

    def _taken(self) -> str:
        texts, self._texts = self._texts or (), None
        return "".join(texts)

    def _start_cell(self, attributes: list[str]) -> None:
        self._kind = ""
        self._style = _PLAIN
        self._value = self._formula = self._rich_value = None
        self._column += 1
        for name, value in zip(attributes[::2], attributes[1::2], strict=True):
            if name == "r":
                self._column = _columns(value.rstrip("0123456789")) or self._column
            elif name == "s":
                self._style = self._styles.get(value, _PLAIN)
            elif name == "t":
                self._kind = value
            elif name == "vm":
                self._rich_value = self._book.rich_values.get(value)

    def _other(self, name: str, attributes: list[str]) -> None:
        cells = self.cells
        if name in ("mergeCell", "hyperlink"):
            covered = span(_attribute(attributes, "ref"))
            if covered and name == "mergeCell":
                cells.merged.append(covered)
            elif covered:
                cells.links.append((covered, _attribute(attributes, "id")))
        elif name in ("drawing", "legacyDrawing"):
            cells.drawings.append(_attribute(attributes, "id"))
        elif name == "oleObject":
            kind = _attribute(attributes, "progId") or "unknown"
            cells.embedded[_attribute(attributes, "shapeId") or str(len(cells.embedded))] = kind
        elif name.endswith(("Header", "Footer")):
            self._texts = []

    def _cell_text(self) -> str:
        value, formula, style = self._value, self._formula, self._style
        if self._rich_value is not None:
            self.cells.pictures += not self._rich_value
            return self._rich_value
        if formula is not None and not value and (value is None or self._kind != "str"):
            self.cells.without_value += 1
            return literal(f"={formula}") if formula else ""
        if not value:
            return ""
        text = self._shown(value, style.code)
        if formula and (link := _LINK_FORMULA.match(formula)):
            text = inline([Run(text, link=link[1])])
        return inline([Run(text, struck=True)]) if style.struck and text and "~~" not in text else text

    def _shown(self, value: str, code: str) -> str:
        match self._kind:
            case "s":
                strings = self._book.strings
                known = value.isdecimal() and len(value) < 10 and int(value) < len(strings)
                return shown_text(strings[int(value)], code) if known else ""
            case "" | "n":
                return number_text(value, code, self._book.from_1904)
            case "markdown" | "str":
                return shown_text(value if self._kind == "markdown" else literal(unescaped(value)), code)
            case "b":
                return "TRUE" if value.strip() in ("1", "true") else "FALSE"
            case "d":
                return self._dated(value, code)
            case _:
                return literal(value)

    def _dated(self, value: str, code: str) -> str:
        """Formats an ISO date, as strict workbooks store dates."""
        try:
            moment = datetime.datetime.fromisoformat(value.strip().removesuffix("Z"))
        except ValueError:
            return literal(value)
        if code == "General":
            return value
        days = (moment.replace(tzinfo=datetime.UTC) - _DAY_ZERO) / datetime.timedelta(days=1)
        days -= _BETWEEN_EPOCHS if self._book.from_1904 else 0
        return shown(days, code, from_1904=self._book.from_1904)


@lru_cache(maxsize=LAST_COLUMN)
def _columns(letters: str) -> int:
    """The number of a column; 0 if malformed."""
    known = letters.isalpha() and letters.isascii() and len(letters) < 4
    number = column_number(letters) if known else 0
    return number if number <= LAST_COLUMN else 0


def _attribute(attributes: list[str], name: str) -> str:
    for index in range(0, len(attributes), 2):
        if attributes[index].rpartition(":")[2] == name:
            return attributes[index + 1]
    return ""
