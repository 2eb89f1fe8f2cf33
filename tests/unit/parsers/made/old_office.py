"""Makers of old Office files: an OLE container, and as much of doc, ppt and xls as holds a text."""

import struct
from collections.abc import Iterable

_SECTOR = 512
_SMALLEST = 4096  # a shorter stream would have to lie in the container's ministream
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def container(streams: dict[str, bytes]) -> bytes:
    """An OLE container (version 3) with the given streams at its root."""
    body = b""
    chains: list[int] = []
    entries: list[tuple[str, int, int, int]] = []
    for name, content in streams.items():
        padded = content.ljust(max(_SMALLEST, -(-len(content) // _SECTOR) * _SECTOR), b"\0")
        start, count = len(chains), len(padded) // _SECTOR
        chains += [*range(start + 1, start + count), _END]
        body += padded
        entries.append((name, 2, start, len(padded)))
    directory = len(chains)
    records = [_entry("Root Entry", 5, _END, 0, child=1), *_chained(entries)]
    packed = b"".join(records).ljust(-(-len(records) * 128 // _SECTOR) * _SECTOR, b"\0")
    count = len(packed) // _SECTOR
    chains += [*range(directory + 1, directory + count), _END, _FAT]
    table = struct.pack(f"<{len(chains)}I", *chains).ljust(_SECTOR, b"\xff")
    assert len(table) == _SECTOR, "more sectors than one table holds"
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
    )
    head += struct.pack("<IIIIIIIII", 0, 1, directory, 0, _SMALLEST, _END, 0, _END, 0)
    head += struct.pack("<109I", len(chains) - 1, *[_FREE] * 108)
    return head + body + packed + table


def word(text: str = "The body of the letter.\rSecond paragraph.\r") -> bytes:
    """A doc of plain paragraphs, which end with "\\r"."""
    where, letters = 2048, text.encode("utf-16-le")
    fib = struct.pack("<HHHHHHH", 0xA5EC, 0xC1, 0, 0x409, 0, 0x0200, 0xBF).ljust(32, b"\0")
    fib += struct.pack("<H", 14) + bytes(28)
    longs = [0] * 22
    longs[0], longs[3] = where + len(letters), len(text)
    fib += struct.pack("<H22I", 22, *longs)
    piece = struct.pack("<II", 0, len(text)) + struct.pack("<HIH", 0, where, 0)
    places = [0] * 186
    places[66:68] = [0, len(piece) + 5]
    fib += struct.pack("<H186I", 93, *places) + struct.pack("<H", 0)
    return container(
        {
            "WordDocument": fib.ljust(where, b"\0") + letters,
            "1Table": b"\x02" + struct.pack("<I", len(piece)) + piece,
        }
    )


def slides(texts: Iterable[str] = ("Title of the first slide", "Title of the second")) -> bytes:
    """A ppt whose slides hold one title each."""
    listed = b""
    for number, text in enumerate(texts, start=1):
        listed += _record(1011, struct.pack("<IIIII", number + 1, 0, 1, 255 + number, 0))
        listed += _record(3999, struct.pack("<I", 0)) + _record(4000, text.encode("utf-16-le"))
    document = _record(1000, _record(1001, bytes(40), 1) + _record(4080, listed, 0xF), 0xF)
    parts = [document, *(_record(1006, _record(1007, bytes(24), 2), 0xF) for _text in texts)]
    offsets, stream = [], b""
    for part in parts:
        offsets.append(len(stream))
        stream += part
    persist = len(stream)
    stream += _record(6002, struct.pack(f"<{1 + len(offsets)}I", len(offsets) << 20 | 1, *offsets))
    edit = len(stream)
    stream += _record(4085, struct.pack("<IHBBIIIIHH", 256, 0, 0, 3, 0, persist, 1, len(offsets) + 1, 1, 0))
    user = _record(
        4086, struct.pack("<IIIHHBBH", 20, 0xE391C05F, edit, 0, 1012, 3, 0, 0) + struct.pack("<I", 8)
    )
    return container({"PowerPoint Document": stream, "Current User": user})


def workbook(cells: Iterable[str] = ("Lamp", "Sofa")) -> bytes:
    """An xls (BIFF8) of one sheet with one column."""
    begin = struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6)
    end = _biff(0x0A, b"")
    name = b"\x04\x00Fees"
    sheet = _biff(0x809, begin.replace(b"\x05\x00", b"\x10\x00", 1))
    for row, text in enumerate(cells):
        sheet += _biff(0x204, struct.pack("<HHHHB", row, 0, 0, len(text), 1) + text.encode("utf-16-le"))
    start = len(_biff(0x809, begin)) + len(_biff(0x85, bytes(6) + name)) + len(end)
    book = _biff(0x809, begin) + _biff(0x85, struct.pack("<IBB", start, 0, 0) + name) + end
    return container({"Workbook": book + sheet + end})


def _entry(name: str, kind: int, start: int, size: int, *, right: int = _FREE, child: int = _FREE) -> bytes:
    letters = (name + "\0").encode("utf-16-le")
    head = letters.ljust(64, b"\0") + struct.pack("<HBB", len(letters), kind, 1)
    return head + struct.pack("<III", _FREE, right, child) + bytes(36) + struct.pack("<IQ", start, size)


def _chained(entries: list[tuple[str, int, int, int]]) -> list[bytes]:
    """The entries as a chain of right neighbours, ordered as the format wants it: short names first."""
    ordered = sorted(entries, key=lambda entry: (len(entry[0]), entry[0].upper()))
    last = len(ordered)
    return [
        _entry(*entry, right=number + 1 if number < last else _FREE)
        for number, entry in enumerate(ordered, start=1)
    ]


def _record(kind: int, content: bytes, version: int = 0) -> bytes:
    return struct.pack("<HHI", version, kind, len(content)) + content


def _biff(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content
