"""xlsx, built by hand from its parts."""

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
    ' xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
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
    placed = "".join(f"<xdr:twoCellAnchor>{anchor}</xdr:twoCellAnchor>" for anchor in anchors)
    return f"<xdr:wsDr {DRAWN}>{placed}</xdr:wsDr>"


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


def sheet(*rows: list[Value | None], after: str = "") -> bytes:
    """A workbook of one sheet with these rows; `after` stands after them in its part."""
    return xlsx(worksheet(grid(rows), after))


def one_cell(xml: str, **options: object) -> bytes:
    """A workbook whose one row has these cells; `options` are those of `xlsx`."""
    return xlsx(worksheet(f'<row r="1">{xml}</row>'), **options)  # type: ignore[arg-type]


def comment(reference: str, text: str, author: int = 0) -> str:
    return f'<comment ref="{reference}" authorId="{author}"><text><r><t>{text}</t></r></text></comment>'


def comments(*notes: str, authors: str = "<author>Ana</author>") -> str:
    return (
        f'<comments xmlns="{MAIN}"><authors>{authors}</authors>'
        f"<commentList>{''.join(notes)}</commentList></comments>"
    )


def with_relations(
    data: str,
    *entries: tuple[str, str, str],
    more: Mapping[str, str] | None = None,
    outside: Sequence[str] = (),
    after: str = "",
) -> bytes:
    """A workbook whose one sheet has these relations; `more` are parts by their names below `xl`."""
    parts = {f"xl/{name}": part for name, part in (more or {}).items()}
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = relations(*entries, outside=outside)
    return xlsx(worksheet(data, after), more=parts)


CHART = (
    f"<c:chartSpace {DRAWN}><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Sales</a:t></a:r></a:p></c:rich></c:tx>"
    "</c:title><c:plotArea><c:barChart>"
    "<c:ser><c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>North</c:v></c:pt></c:strCache></c:strRef></c:tx>"
    "<c:cat><c:strRef><c:strCache><c:pt idx='0'><c:v>May</c:v></c:pt><c:pt idx='1'><c:v>June</c:v></c:pt></c:strCache>"
    "</c:strRef></c:cat><c:val><c:numRef><c:numCache><c:formatCode>0.0%</c:formatCode>"
    "<c:pt idx='0'><c:v>0.5</c:v></c:pt><c:pt idx='1'><c:v>0.25</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser>"
    "</c:barChart><c:catAx><c:title><c:tx><c:rich><a:p><a:r><a:t>Month</a:t></a:r></a:p></c:rich></c:tx></c:title>"
    "</c:catAx></c:plotArea></c:chart></c:chartSpace>"
)
FRAME = (
    '<xdr:graphicFrame><a:graphic><a:graphicData><c:chart r:id="c1"/></a:graphicData></a:graphic>'
    "</xdr:graphicFrame>"
)
"""The place of a chart in a drawing."""
CHART_RELATIONS = relations(("c1", "chart", "../charts/chart1.xml"))
BUTTON = (
    '<xml xmlns:v="v" xmlns:x="x"><v:shape><v:textbox><div><font>Press here</font></div></v:textbox>'
    '<x:ClientData ObjectType="Button"/></v:shape><v:shape><v:textbox><div>why?</div></v:textbox>'
    '<x:ClientData ObjectType="Note"/></v:shape></xml>'
)
RICH = (
    "<si><r><t>10</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>6</t></r>"
    "<r><rPr><b/></rPr><t xml:space='preserve'> big</t></r></si>"
)
