"""Converts xls (Excel 2.0 to 2003) to markdown, as sheets.py does for xlsx.

xlrd reads cells with their number formats, merged cells, comments and links; office-oxide and calamine read less. It
skips drawings over the cells: see old_records.py. It is pure Python, reads no XML, and raises all kinds of exceptions
on damaged files.
"""

import io
import struct
from collections.abc import Sequence
from typing import Any

import xlrd

from lethe.parsers.markdown.inline import Run, inline, literal
from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.number_formats.formats import BY_VALUE, built_in, shown, shown_text
from lethe.parsers.source import Reading, Source
from lethe.parsers.workbooks.old_records import OldSheet, read_sheets
from lethe.parsers.workbooks.sheets import page_text
from lethe.parsers.workbooks.tables import Merged, Notes, Rows, write_tables

_DAMAGE = (
    xlrd.XLRDError,
    xlrd.compdoc.CompDocError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
"""What xlrd raises on damaged files; its own classes are only some of them."""
_CHANGED = frozenset({14, 22, *range(27, 37), *range(50, 59)})
"""Formats whose code in the file is specific to a country; `built_in` has ISO order."""


def read_old_workbook(source: Source) -> Reading:
    """Reads an xls. Raises InputRejected for damage, encryption, or more sheets than `limits.pages`."""
    try:
        return _read(source, formatting=True)
    except _DAMAGE as exc:
        if "encrypted" in str(exc).lower():
            raise source.rejected("is encrypted: save it without a password and send it again") from exc
    try:  # without formats, which may be what xlrd cannot read
        return _read(source, formatting=False)
    except _DAMAGE as exc:
        raise source.rejected("is damaged: it cannot be read to the end") from exc


def _read(source: Source, *, formatting: bool) -> Reading:
    with xlrd.open_workbook(
        file_contents=source.read(),
        logfile=_Nowhere(),
        formatting_info=formatting,
        on_demand=True,
        ragged_rows=True,
        ignore_workbook_corruption=True,
    ) as book:
        if book.nsheets > source.limits.pages:
            raise source.rejected(f"has more pages than the limit of {source.limits.pages:,}: split it")
        return _Reader(source, book, formatting).read()


class _Nowhere(io.TextIOBase):
    """Drops xlrd's log output, which may contain document text and be endless."""

    def write(self, text: str, /) -> int:
        return len(text)


class _Reader:
    def __init__(self, source: Source, book: Any, formatting: bool) -> None:
        self._writer = Writer(source)
        self._book = book
        self._codes = _codes(book) if formatting else []
        self._left_out = LeftOut()
        self._page_texts: dict[str, None] = {}
        self._comments = 0

    def read(self) -> Reading:
        sheets = _sheets(self._book)
        visible = [(sheet, index) for sheet, index in sheets if not sheet.hidden]
        for sheet, _ in sheets:
            if sheet.hidden:
                self._left_out.name("hidden sheet", f"'{sheet.name}'")
        for number, (sheet, index) in enumerate(visible, start=1):
            self._writer.place(number, sheet.name)
            self._writer.heading(1, literal(sheet.name))
            self._write_page_text(sheet.header, sheet.name)
            if index >= 0:
                self._write_cells(index)
            for text in sheet.texts:
                self._writer.paragraph(literal(text))
            self._write_page_text(sheet.footer, sheet.name)
            self._left_out["image"] += sheet.images
            self._left_out["embedded object"] += sheet.embedded
        self._writer.tell(self._left_out)
        return self._writer.reading(None, len(visible))

    def _write_cells(self, index: int) -> None:
        sheet = self._book.sheet_by_index(index)
        filled = (number for number in range(sheet.nrows) if sheet.row_len(number))
        rows = {number + 1: cells for number in filled if (cells := self._cells(sheet, number))}
        _link(sheet, rows)
        merged = [Merged(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells]
        notes = self._notes(sheet)
        self._book.unload_sheet(index)
        write_tables(self._writer, rows, merged, notes)

    def _cells(self, sheet: Any, row: int) -> dict[int, str]:
        found = {}
        types, values = sheet.row_types(row), sheet.row_values(row)
        for column, (kind, value) in enumerate(zip(types, values, strict=True)):
            if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                continue
            style = sheet.cell_xf_index(row, column) if self._codes else -1
            if kind == xlrd.XL_CELL_TEXT:
                text = self._text(value, style, sheet.rich_text_runlist_map.get((row, column), ()))
            else:
                text = self._shown(kind, value, style)
            if text := text.strip():
                found[column + 1] = text
        return found

    def _text(self, text: str, style: int, parts: Sequence[tuple[int, int]]) -> str:
        """The text of a cell. `parts` are starts of runs with their fonts; text before them has the cell's font."""
        if not 0 <= style < len(self._codes):
            return literal(text)
        first = self._book.xf_list[style].font_index
        if parts:
            ends = [start for start, _ in parts] + [len(text)]
            runs = [self._run(text[: ends[0]], first, bold=False)]
            runs += [self._run(text[at:end], font) for (at, font), end in zip(parts, ends[1:], strict=True)]
        else:
            runs = [self._run(text, first, bold=False)]
        return shown_text(inline(runs), self._codes[style])

    def _run(self, text: str, number: int, bold: bool = True) -> Run:
        fonts = self._book.font_list
        if number >= len(fonts):
            return Run(text)
        font = fonts[number]
        return Run(
            text,
            bold=bold and font.weight >= 600,
            italic=bold and bool(font.italic),
            struck=bool(font.struck_out),
            raised=font.escapement == 1,
            lowered=font.escapement == 2,
        )

    def _shown(self, kind: int, value: Any, style: int) -> str:
        if kind == xlrd.XL_CELL_BOOLEAN:
            return "TRUE" if value else "FALSE"
        if kind == xlrd.XL_CELL_ERROR:
            return str(xlrd.error_text_from_code.get(value, "#N/A"))
        code = self._codes[style] if 0 <= style < len(self._codes) else "General"
        if not self._codes and kind == xlrd.XL_CELL_DATE:
            code = BY_VALUE
        return literal(shown(value, code, from_1904=self._book.datemode == 1))

    def _notes(self, sheet: Any) -> Notes:
        found: Notes = {}
        for (row, column), note in sorted(sheet.cell_note_map.items()):
            words, author = literal(note.text.strip()), literal(note.author.strip())
            if words:
                self._comments += 1
                signed = words if not author or words.startswith(f"{author}:") else f"{author}: {words}"
                found[row + 1, column + 1] = [(f"c{self._comments}", signed)]
        return found

    def _write_page_text(self, code: str, sheet: str) -> None:
        text = page_text(code, sheet)
        if text and text not in self._page_texts:
            self._page_texts[text] = None
            self._writer.paragraph(text)


def _sheets(book: Any) -> list[tuple[OldSheet, int]]:
    """All sheets in order, with xlrd's index for those with cells, and -1 for charts."""
    if book.biff_version == 80:
        known = read_sheets(bytes(book.mem[book.base : book.base + book.stream_len]))
        numbers = iter(range(book.nsheets))
        listed = [
            (sheet, next(numbers, -1) if sheet.kind == 0 else -1) for sheet in known if sheet.kind in (0, 2)
        ]
        if sum(number >= 0 for _, number in listed) == book.nsheets:
            return listed
    states = book._sheet_visibility  # the public attribute is set only when a sheet is read
    return [(OldSheet(name, states[index] != 0), index) for index, name in enumerate(book.sheet_names())]


def _codes(book: Any) -> list[str]:
    """The number format code of each cell format."""
    found = []
    for style in book.xf_list:
        key = style.format_key
        known = book.format_map.get(key)
        code = known.format_str if known is not None and key not in _CHANGED else built_in(key)
        found.append("General" if code.lower() in ("", "general") else code)
    return found


def _link(sheet: Any, rows: Rows) -> None:
    for link in getattr(sheet, "hyperlink_list", []):
        if link.type != "url" or not isinstance(link.url_or_path, str):
            continue
        cells = rows.get(link.frowx + 1, {})
        column = link.fcolx + 1
        if column in cells and "](" not in cells[column]:
            cells[column] = inline([Run(cells[column], link=link.url_or_path)])
