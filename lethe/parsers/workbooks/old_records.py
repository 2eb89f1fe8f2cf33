"""Reads what xlrd skips in an xls: text boxes, chart titles, printed headers and footers, counts of images."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

_BOF, _EOF, _SHEET, _CONTINUE = 0x0809, 0x000A, 0x0085, 0x003C
_HEADER, _FOOTER, _OBJECT, _TEXT, _CHART_TEXT = 0x0014, 0x0015, 0x005D, 0x01B6, 0x100D
_PICTURE, _COMMENT = 0x08, 0x19
_FORMULA_OF_PICTURE = 0x0009
"""The part of an object record that marks it as an object of another program."""


class _Record(NamedTuple):
    start: int
    kind: int
    data: bytes


@dataclass(slots=True)
class OldSheet:
    """A sheet in the workbook's order, with the drawings over its cells. `kind` is 0 for cells, 2 for a chart; `header`
    and `footer` are codes as in xlsx."""

    name: str
    hidden: bool = False
    kind: int = 0
    header: str = ""
    footer: str = ""
    texts: list[str] = field(default_factory=list)
    images: int = 0
    embedded: int = 0


def read_sheets(stream: bytes) -> list[OldSheet]:
    """The sheets of a workbook of Excel 97 or later, from its stream. Damaged records are skipped."""
    reader = _Reader()
    for record in _records(stream):
        reader.take(record)
    return list(reader.sheets.values())


class _Reader:
    def __init__(self) -> None:
        self.sheets: dict[int, OldSheet] = {}
        """Sheets by their start in the stream."""
        self._sheet = OldSheet("")
        self._depth = 0
        self._drawn = 0
        """The kind of the last drawn object."""

    def take(self, record: _Record) -> None:
        kind, data = record.kind, record.data
        if kind == _BOF:
            if self._depth == 0:
                self._sheet = self.sheets.get(record.start, OldSheet(""))
            self._depth += 1
        elif kind == _EOF:
            self._depth = max(0, self._depth - 1)
        elif kind == _SHEET and len(data) > 7:
            start, state, sheet_kind, length = struct.unpack_from("<IBBB", data)
            name = _characters(data, 7, length)
            self.sheets[start] = OldSheet(name, state & 3 != 0, sheet_kind)
        else:
            self._take_extra(kind, data)

    def _take_extra(self, kind: int, data: bytes) -> None:
        sheet = self._sheet
        if kind == _OBJECT and len(data) >= 8:
            self._drawn = struct.unpack_from("<H", data, 4)[0]
            if self._drawn == _PICTURE:
                embedded = _has_part(data, _FORMULA_OF_PICTURE)
                sheet.embedded += embedded
                sheet.images += not embedded
        elif kind == _TEXT and self._drawn != _COMMENT:
            sheet.texts.append(_drawn_text(data))
        elif kind == _CHART_TEXT and len(data) > 3:
            sheet.texts.append(_characters(data, 3, data[2]))
        elif kind in (_HEADER, _FOOTER) and self._depth == 1 and len(data) > 2:
            text = _characters(data, 2, struct.unpack_from("<H", data)[0])
            if kind == _HEADER:
                sheet.header = text
            else:
                sheet.footer = text


def _records(stream: bytes) -> Iterator[_Record]:
    """The stream's records. A text record includes its continuations, each preceded by its length (two bytes)."""
    at = 0
    while at + 4 <= len(stream):
        start = at
        kind, length = struct.unpack_from("<HH", stream, at)
        data = stream[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == _TEXT:
            pieces = [data[:18].ljust(18, b"\0")]
            while stream[at : at + 2] == struct.pack("<H", _CONTINUE) and at + 4 <= len(stream):
                length = struct.unpack_from("<H", stream, at + 2)[0]
                pieces.append(struct.pack("<H", length) + stream[at + 4 : at + 4 + length])
                at += 4 + length
            data = b"".join(pieces)
        yield _Record(start, kind, data)


def _drawn_text(data: bytes) -> str:
    """The text of a text record: pieces, each preceded by its length, up to the length of the text."""
    wanted = struct.unpack_from("<H", data, 10)[0]
    at, found = 18, ""
    while len(found) < wanted and at + 3 <= len(data):
        length = struct.unpack_from("<H", data, at)[0]
        found += _characters(data[at + 2 : at + 2 + length], 0, wanted - len(found))
        at += 2 + length
    return found.strip()


def _characters(data: bytes, at: int, count: int) -> str:
    """`count` characters after the byte at `at`, which says whether each has one or two bytes."""
    if at >= len(data):
        return ""
    if data[at] & 1:
        return data[at + 1 : at + 1 + 2 * count].decode("utf-16-le", "replace")
    return data[at + 1 : at + 1 + count].decode("latin-1")


def _has_part(data: bytes, wanted: int) -> bool:
    at = 0
    while at + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, at)
        if kind == wanted:
            return True
        at += 4 + length
    return False
