"""Makers of small pptx files, from pieces of PresentationML; and charts and diagrams, which docx has as well."""

from tests.unit.parsers.made.word import OFFICE, PACKAGE, relations
from tests.unit.parsers.samples import archive

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_SHOW = "application/vnd.openxmlformats-officedocument.presentationml."
NAMES = (
    f'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="{_DRAWING}/main" xmlns:r="{OFFICE}" '
    f'xmlns:c="{_DRAWING}/chart" xmlns:dgm="{_DRAWING}/diagram" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main"'
)


def _cached(kind: str, values: tuple[str, ...], code: str = "") -> str:
    points = "".join(f'<c:pt idx="{at}"><c:v>{value}</c:v></c:pt>' for at, value in enumerate(values))
    form = f"<c:formatCode>{code}</c:formatCode>" if code else ""
    return f"<c:{kind}Ref><c:{kind}Cache>{form}{points}</c:{kind}Cache></c:{kind}Ref>"


def _title(words: str) -> str:
    return f"<c:title><c:tx><c:rich><a:p><a:r><a:t>{words}</a:t></a:r></a:p></c:rich></c:tx></c:title>"


CHART = (
    f'<c:chartSpace xmlns:c="{_DRAWING}/chart" xmlns:a="{_DRAWING}/main"><c:chart>{_title("Ducks by year")}<c:plotArea><c:barChart>'
    f"<c:ser><c:tx>{_cached('str', ('Wild',))}</c:tx><c:cat>{_cached('str', ('2019', '2020'))}</c:cat>"
    f"<c:val>{_cached('num', ('120', '130'), 'General')}</c:val></c:ser>"
    f"<c:ser><c:tx>{_cached('str', ('Tame',))}</c:tx><c:cat>{_cached('str', ('2019', '2020'))}</c:cat>"
    '<c:val><c:numRef><c:numCache><c:formatCode>General</c:formatCode><c:pt idx="0"><c:v>80.500000000000004</c:v></c:pt>'
    '<c:pt idx="1" formatCode="0%"><c:v>0.25</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser></c:barChart>'
    f"<c:catAx>{_title('Year')}</c:catAx></c:plotArea></c:chart></c:chartSpace>"
)
DATES = (
    f'<c:chartSpace xmlns:c="{_DRAWING}/chart"><c:chart><c:plotArea><c:scatterChart><c:ser><c:tx><c:v>Stock</c:v></c:tx>'
    f"<c:xVal>{_cached('num', ('45962', '45963.5'), 'd/m/yyyy')}</c:xVal><c:yVal>{_cached('num', ('1', '2'))}</c:yVal></c:ser>"
    "</c:scatterChart></c:plotArea></c:chart></c:chartSpace>"
)
LEVELS = (
    f'<c:chartSpace xmlns:c="{_DRAWING}/chart"><c:chart><c:plotArea><c:pieChart><c:ser><c:cat><c:multiLvlStrRef><c:multiLvlStrCache>'
    '<c:lvl><c:pt idx="0"><c:v>Q1</c:v></c:pt><c:pt idx="1"><c:v>Q2</c:v></c:pt></c:lvl><c:lvl><c:pt idx="0"><c:v>2026</c:v></c:pt></c:lvl>'
    f"</c:multiLvlStrCache></c:multiLvlStrRef></c:cat><c:val>{_cached('num', ('1', '2'))}</c:val></c:ser></c:pieChart></c:plotArea></c:chart>"
    "</c:chartSpace>"
)
NEWER_CHART = (
    f'<cx:chartSpace xmlns:cx="http://schemas.microsoft.com/office/drawing/2014/chartex" xmlns:a="{_DRAWING}/main"><cx:chartData>'
    '<cx:data id="0"><cx:strDim type="cat"><cx:lvl><cx:pt idx="0">Seen</cx:pt><cx:pt idx="1">Bought</cx:pt></cx:lvl></cx:strDim>'
    '<cx:numDim type="val"><cx:lvl><cx:pt idx="0">50</cx:pt><cx:pt idx="1">7</cx:pt></cx:lvl></cx:numDim></cx:data></cx:chartData>'
    "<cx:chart><cx:title><cx:tx><cx:rich><a:p><a:r><a:t>Funnel</a:t></a:r></a:p></cx:rich></cx:tx></cx:title><cx:plotArea>"
    '<cx:plotAreaRegion><cx:series layoutId="funnel"><cx:tx><cx:txData><cx:v>Visits</cx:v></cx:txData></cx:tx><cx:dataId val="0"/>'
    "</cx:series></cx:plotAreaRegion></cx:plotArea></cx:chart></cx:chartSpace>"
)


def _point(key: str, words: str) -> str:
    return f'<dgm:pt modelId="{key}"><dgm:t><a:p><a:r><a:t>{words}</a:t></a:r></a:p></dgm:t></dgm:pt>'


DIAGRAM = (
    f'<dgm:dataModel xmlns:dgm="{_DRAWING}/diagram" xmlns:a="{_DRAWING}/main"><dgm:ptLst><dgm:pt modelId="0" type="doc"/>'
    f"{_point('3', 'Stock')}{_point('2', 'Sales')}{_point('1', 'Chief')}</dgm:ptLst><dgm:cxnLst>"
    '<dgm:cxn modelId="4" srcId="0" destId="1" srcOrd="0"/><dgm:cxn modelId="6" srcId="1" destId="3" srcOrd="1"/>'
    '<dgm:cxn modelId="5" srcId="1" destId="2" srcOrd="0"/></dgm:cxnLst></dgm:dataModel>'
)


def show(
    *slides: str,
    order: tuple[int, ...] | None = None,
    of_slide: dict[str, tuple[str, str]] | None = None,
    parts: dict[str, str] | None = None,
) -> bytes:
    """A pptx of the given slides (their shapes, or a whole `p:sld`), listed in `order` (from 1). `of_slide` are kind and
    target of what the first slide refers to, by id; `parts` are further members of ppt/, by name."""
    parts = parts or {}
    wanted = order or range(1, len(slides) + 1)
    listed = "".join(f'<p:sldId id="{255 + at}" r:id="s{at}"/>' for at in wanted)
    targets = {f"s{at}": ("slide", f"slides/slide{at}.xml") for at in range(1, len(slides) + 1)}
    targets |= {
        name[:-4]: (name[:-4], name) for name in parts if name in ("authors.xml", "commentAuthors.xml")
    }
    members = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Override PartName="/ppt/presentation.xml" '
        f'ContentType="{_SHOW}presentation.main+xml"/></Types>',
        "_rels/.rels": relations({"p": ("officeDocument", "ppt/presentation.xml")}),
        "ppt/presentation.xml": f"<p:presentation {NAMES}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(targets),
        "ppt/slides/_rels/slide1.xml.rels": relations(of_slide or {}),
    }
    for at, inside in enumerate(slides, start=1):
        members[f"ppt/slides/slide{at}.xml"] = inside if inside.startswith("<p:sld ") else part("sld", inside)
    members |= {f"ppt/{name}": content for name, content in parts.items()}
    return archive({name: text.encode() for name, text in members.items()})


def part(name: str, shapes: str, attributes: str = "", more: str = "") -> str:
    """A slide ("sld"), layout ("sldLayout"), master ("sldMaster") or page of notes ("notes")."""
    return f"<p:{name} {NAMES} {attributes}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld>{more}</p:{name}>"


def shape(*paragraphs: str, place: str = "", styles: str = "", attributes: str = "") -> str:
    """A shape with text; `place` is the type of a placeholder. What does not begin with "<" is a paragraph."""
    made = "".join(words if words.startswith("<") else paragraph(words) for words in paragraphs)
    filled = f'<p:ph type="{place}"/>' if place else ""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="s" {attributes}/><p:cNvSpPr/><p:nvPr>{filled}</p:nvPr></p:nvSpPr><p:spPr/>'
        f"<p:txBody><a:bodyPr/><a:lstStyle>{styles}</a:lstStyle>{made}</p:txBody></p:sp>"
    )


def title(*runs: str) -> str:
    return shape(paragraph(*runs), place="title")


def paragraph(*runs: str, form: str = "") -> str:
    """A paragraph; what does not begin with "<" is a run of text."""
    return f"<a:p>{form}{''.join(words if words.startswith('<') else run(words) for words in runs)}</a:p>"


def run(words: str, form: str = "", inside: str = "") -> str:
    return f"<a:r><a:rPr {form}>{inside}</a:rPr><a:t>{words}</a:t></a:r>"


def frame(inside: str) -> str:
    """A table, chart, diagram or embedded file."""
    return (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="4" name="f"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>'
        f"<a:graphic><a:graphicData>{inside}</a:graphicData></a:graphic></p:graphicFrame>"
    )


def table(*rows: tuple[tuple[str, str], ...]) -> str:
    """A table of cells: text and attributes."""
    made = "".join(
        "<a:tr>"
        + "".join(f"<a:tc {form}><a:txBody>{paragraph(words)}</a:txBody></a:tc>" for words, form in row)
        + "</a:tr>"
        for row in rows
    )
    return frame(f"<a:tbl>{made}</a:tbl>")


def picture(says: str = "", inside: str = "") -> str:
    return f'<p:pic><p:nvPicPr><p:cNvPr id="5" name="p" descr="{says}"/><p:cNvPicPr/><p:nvPr>{inside}</p:nvPr></p:nvPicPr></p:pic>'
