"""Workbooks, built by hand: xlsx from its parts, xls from its records."""

import struct
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from tests.unit.parsers import samples

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
DRAWN = (
    'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    f' xmlns:r="{OFFICE}"'
)

Value = str | float | bool


def cell(reference: str, value: Value, style: int = 0) -> str:
    """A cell with an inline text, a number or a truth."""
    if isinstance(value, bool):
        return f'<c r="{reference}" s="{style}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        text = f'<is><t xml:space="preserve">{escape(value)}</t></is>'
        return f'<c r="{reference}" s="{style}" t="inlineStr">{text}</c>'
    return f'<c r="{reference}" s="{style}"><v>{value!r}</v></c>'


def grid(rows: Sequence[Sequence[Value | None]], first: int = 1) -> str:
    """Rows of cells from column A on; None is no cell."""
    return "".join(
        f'<row r="{number}">'
        + "".join(
            cell(f"{column_name(at)}{number}", value) for at, value in enumerate(row, 1) if value is not None
        )
        + "</row>"
        for number, row in enumerate(rows, first)
    )


def column_name(number: int) -> str:
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def worksheet(data: str, after: str = "", namespace: str = MAIN) -> str:
    """A sheet's part: rows, and what stands after them."""
    return (
        f'<worksheet xmlns="{namespace}" xmlns:r="{OFFICE}"><sheetData>{data}</sheetData>{after}</worksheet>'
    )


def relations(*entries: tuple[str, str, str], outside: Sequence[str] = ()) -> str:
    """Relationships as (id, kind, target); those named in `outside` lead out of the file."""
    found = "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target={quoteattr(target)}'
        + (' TargetMode="External"/>' if name in outside else "/>")
        for name, kind, target in entries
    )
    return f'<Relationships xmlns="{PACKAGE}">{found}</Relationships>'


def styles(codes: Sequence[str | int], font: str = "") -> str:
    """Style 0 is General, style n has the nth code; a number is that of a format that is built in."""
    own = "".join(
        f'<numFmt numFmtId="{164 + at}" formatCode={quoteattr(code)}/>'
        for at, code in enumerate(codes)
        if isinstance(code, str)
    )
    formats = "".join(
        f'<xf numFmtId="{code if isinstance(code, int) else 164 + at}" fontId="0"/>'
        for at, code in enumerate(codes)
    )
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts>{own}</numFmts><fonts><font>{font}</font></fonts>'
        f'<cellXfs><xf numFmtId="0"/>{formats}</cellXfs></styleSheet>'
    )


def xlsx(
    *sheets: str,
    names: Sequence[str] = (),
    states: Mapping[int, str] | None = None,
    codes: Sequence[str | int] = (),
    strings: str = "",
    properties: str = "",
    more: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """A workbook of these worksheet parts. `more` adds parts, or takes the place of others; `strings` are `si`s."""
    listed = "".join(
        f'<sheet name={quoteattr(names[at - 1] if at <= len(names) else f"S{at}")} sheetId="{at}"'
        f' state="{(states or {}).get(at, "visible")}" r:id="s{at}"/>'
        for at in range(1, len(sheets) + 1)
    )
    kept = [
        ("st", "styles", "styles.xml"),
        ("ss", "sharedStrings", "sharedStrings.xml"),
        ("p", "person", "persons/p.xml"),
    ]
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations(("r1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr {properties}/>'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations(
            *((f"s{at}", "worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(sheets) + 1)), *kept
        ),
        "xl/styles.xml": styles(codes),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        **{f"xl/worksheets/sheet{at}.xml": part for at, part in enumerate(sheets, 1)},
        **(more or {}),
    }
    return samples.archive(
        {name: part.encode() if isinstance(part, str) else part for name, part in parts.items()}
    )


def drawing(*anchors: str) -> str:
    """A drawing's part."""
    return f"<xdr:wsDr {DRAWN}>{''.join(f'<xdr:twoCellAnchor>{anchor}</xdr:twoCellAnchor>' for anchor in anchors)}</xdr:wsDr>"


def box(*paragraphs: str, attributes: str = "") -> str:
    """A text box."""
    text = "".join(f"<a:p><a:r><a:t>{escape(one)}</a:t></a:r></a:p>" for one in paragraphs)
    return (
        f'<xdr:sp><xdr:nvSpPr><xdr:cNvPr id="2" name="Box" {attributes}/></xdr:nvSpPr>'
        f"<xdr:txBody>{text}</xdr:txBody></xdr:sp>"
    )


def with_drawing(part: str, *, data: str = "", more: Mapping[str, str | bytes] | None = None) -> bytes:
    """A workbook whose one sheet has this drawing; `more` may hold the drawing's relations and charts."""
    return xlsx(
        worksheet(data, '<drawing r:id="d1"/>'),
        more={
            "xl/worksheets/_rels/sheet1.xml.rels": relations(("d1", "drawing", "../drawings/drawing1.xml")),
            "xl/drawings/drawing1.xml": part,
            **(more or {}),
        },
    )


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
    header = struct.pack("<8s16sHHHHHHIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, 0, 0,
                         0, tables, sectors, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)  # fmt: skip
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
