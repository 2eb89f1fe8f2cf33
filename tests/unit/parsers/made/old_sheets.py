"""xls, built by hand from its records, in an OLE container."""

import struct
from collections.abc import Mapping, Sequence

from tests.unit.parsers.made.sheets import Value


def xls(
    *sheets: tuple[str, Sequence[tuple[int, int, Value, int]]],
    codes: Sequence[str] = (),
    from_1904: bool = False,
    hidden: Sequence[str] = (),
    extras: Mapping[str, bytes] | None = None,
) -> bytes:
    """An Excel 97 workbook: sheets by name, each with cells as (row, column, value, style). Style 0 is General,
    style n the nth code. `extras` are records that follow a sheet's cells."""
    head = record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 6)) + record(
        0x0042, struct.pack("<H", 1200)
    )
    head += record(0x0022, struct.pack("<H", from_1904))
    head += (
        record(0x0031, struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + short_text("Arial"))
        * 5
    )
    for at, code in enumerate(codes):
        head += record(0x041E, struct.pack("<H", 164 + at) + long_text(code))
    for style in range(len(codes) + 1):
        number = 164 + style - 1 if style else 0
        head += record(0x00E0, struct.pack("<HHHBBBBIIH", 0, number, 1, 0x20, 0, 0, 0, 0, 0, 0x20C0))
    bodies = [_sheet(cells, (extras or {}).get(name, b"")) for name, cells in sheets]
    names = [short_text(name) for name, _ in sheets]
    start = len(head) + sum(len(name) + 10 for name in names) + len(record(0x000A, b""))
    for (name, _), body, text in zip(sheets, bodies, names, strict=True):
        head += record(0x0085, struct.pack("<IBB", start, name in hidden, 0) + text)
        start += len(body)
    return compound(head + record(0x000A, b"") + b"".join(bodies))


def record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def short_text(text: str) -> bytes:
    return struct.pack("<BB", len(text.encode("utf-16-le")) // 2, 1) + text.encode("utf-16-le")


def long_text(text: str) -> bytes:
    return struct.pack("<HB", len(text.encode("utf-16-le")) // 2, 1) + text.encode("utf-16-le")


def text_box(text: str, kind: int = 6, number: int = 1) -> bytes:
    """An object with a text; kind 25 is that of a comment."""
    characters = text.encode("utf-16-le")
    content = record(0x003C, b"\x01" + characters) + record(0x003C, bytes(16))
    return (
        record(0x005D, struct.pack("<HHHHH", 0x15, 0x12, kind, number, 0) + bytes(16))
        + record(0x01B6, struct.pack("<HHHHHHHI", 0, 0, 0, 0, 0, len(characters) // 2, 16, 0))
        + content
    )


def _sheet(cells: Sequence[tuple[int, int, Value, int]], extra: bytes) -> bytes:
    out = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 6))
    for row, column, value, style in cells:
        place = struct.pack("<HHH", row - 1, column - 1, style)
        if isinstance(value, bool):
            out += record(0x0205, place + struct.pack("<BB", value, 0))
        elif isinstance(value, str):
            out += record(0x0204, place + long_text(value))
        else:
            out += record(0x0203, place + struct.pack("<d", value))
    return out + extra + record(0x000A, b"")


def compound(stream: bytes, name: str = "Workbook") -> bytes:
    """An OLE container with one stream."""
    stream = stream.ljust(4096, b"\0")
    stream += bytes(-len(stream) % 512)
    sectors = len(stream) // 512
    tables = (sectors + 1 + 127) // 127  # sectors of the table of sectors
    chain = [*range(1, sectors), -2, -2, *[-3] * tables]
    table = b"".join(struct.pack("<i", one) for one in chain).ljust(tables * 512, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIiIiI", 0, tables, sectors, 0, 4096, -2, 0, -2, 0)
    header += b"".join(struct.pack("<i", sectors + 1 + at if at < tables else -1) for at in range(109))
    return (
        header
        + stream
        + _entry("Root Entry", 5, child=1)
        + _entry(name, 2, size=len(stream))
        + bytes(256)
        + table
    )


def _entry(name: str, kind: int, child: int = -1, size: int = 0) -> bytes:
    text = name.encode("utf-16-le")
    start = 0 if kind == 2 else -2
    return struct.pack(
        "<64sHBBiii16sI8s8siII", text, len(text) + 2, kind, 1, -1, -1, child, b"", 0, b"", b"", start, size, 0
    )
