"""Charts of Word, PowerPoint and Excel: what a person sees of one is its titles, its labels and its values."""

from pathlib import Path

import pytest

from lethe.domain.limits import Limits
from lethe.parsers import parse
from tests.unit.parsers import hostile
from tests.unit.parsers.made import sheets
from tests.unit.parsers.made.slides import DIAGRAM, NEWER_CHART, frame, show
from tests.unit.parsers.made.word import alternates, document, drawing, paragraph, relations, run

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_C15 = "http://schemas.microsoft.com/office/drawing/2012/chart"


def words(text: str, field: str = "") -> str:
    """A text on a chart, with a field before it."""
    holder = f'<a:fld type="VALUE"><a:t>{field}</a:t></a:fld>' if field else ""
    return f"<c:tx><c:rich><a:p>{holder}<a:r><a:t>{text}</a:t></a:r></a:p></c:rich></c:tx>"


def cached(tag: str, *values: str, code: str = "") -> str:
    kind = "num" if code else "str"
    form = f"<c:formatCode>{code}</c:formatCode>" if code else ""
    points = "".join(f'<c:pt idx="{at}"><c:v>{value}</c:v></c:pt>' for at, value in enumerate(values))
    return f"<c:{tag}><c:{kind}Ref><c:{kind}Cache>{form}{points}</c:{kind}Cache></c:{kind}Ref></c:{tag}>"


def chart(*series: str, around: str = "", before: str = "") -> str:
    made = "".join(f"<c:ser>{one}</c:ser>" for one in series)
    return (
        f'<c:chartSpace xmlns:c="{_DRAWING}/chart" xmlns:a="{_DRAWING}/main" xmlns:c15="{_C15}">{before}<c:chart>{around}'
        f"<c:plotArea><c:barChart>{made}</c:barChart></c:plotArea></c:chart></c:chartSpace>"
    )


MONTHS = cached("cat", "May", "June")
RANGE = (
    "<c:extLst><c:ext><c15:datalabelsRange><c15:dlblRangeCache><c:pt idx='0'><c:v>best</c:v></c:pt>"
    "</c15:dlblRangeCache></c15:datalabelsRange></c:ext></c:extLst>"
)
CASES: dict[str, tuple[str, str]] = {
    "numbers and dates in their formats": (
        chart(cached("tx", "Share") + cached("cat", "45962", "45963", code="mmm yyyy") + cached("val", "0.075", "1234.5", code="#,##0.0%")),
        "|  | Share |\n| --- | --- |\n| Nov 2025 | 7.5% |\n| Nov 2025 | 123,450.0% |",
    ),
    "dates since 1904": (
        chart(cached("cat", "43967", code="d/m/yyyy") + cached("val", "1", code="0.00"), before='<c:date1904 val="1"/>'),
        "| 17/5/2024 | 1.00 |\n| --- | --- |",
    ),
    "series with their own categories are tables of their own": (
        chart(cached("tx", "A") + MONTHS + cached("val", "1", "2", code="0"), cached("tx", "B") + cached("cat", "North") + cached("val", "3", code="0")),
        "|  | A |\n| --- | --- |\n| May | 1 |\n| June | 2 |\n\n|  | B |\n| --- | --- |\n| North | 3 |",
    ),
    "bubbles have sizes": (
        chart(cached("tx", "A") + cached("xVal", "1", code="0") + cached("yVal", "2", code="0") + cached("bubbleSize", "9", code="0")),
        "|  | A | A |\n| --- | --- | --- |\n| 1 | 2 | 9 |",
    ),
    "labels that somebody wrote, without what they repeat": (
        chart(f"<c:dLbls><c:dLbl>{words(' record', '[VALUE]')}</c:dLbl><c:dLbl>{words('; ', '[VALUE]')}</c:dLbl></c:dLbls>" + MONTHS + cached("val", "1", "2", code="0")),
        "record\n\n| May | 1 |\n| --- | --- |\n| June | 2 |",
    ),
    "labels out of cells": (
        chart(cached("tx", "A") + MONTHS + cached("val", "1", "2", code="0") + RANGE),
        "|  | A |  |\n| --- | --- | --- |\n| May | 1 | best |\n| June | 2 |  |",
    ),
    "titles, also those out of cells, and names of trend lines": (
        chart("<c:trendline><c:name>Trend</c:name></c:trendline>" + MONTHS + cached("val", "1", "2", code="0"),
              around=f"<c:title>{words('Sales &lt;b&gt;')}</c:title><c:valAx><c:title>{cached('tx', 'Euro')}</c:title></c:valAx>"),
        "Sales \\<b>\n\nEuro\n\nTrend\n\n| May | 1 |\n| --- | --- |\n| June | 2 |",
    ),
    "a newer kind": (NEWER_CHART, "Funnel\n\n|  | Visits |\n| --- | --- |\n| Seen | 50 |\n| Bought | 7 |"),
    "a newer kind with formats, and labels that are digits": (
        NEWER_CHART.replace('"val"><cx:lvl>', '"val"><cx:lvl formatCode="0.0">').replace(">Seen<", ">007<"),
        "Funnel\n\n|  | Visits |\n| --- | --- |\n| 007 | 50.0 |\n| Bought | 7.0 |",
    ),
}  # fmt: skip


def in_word(part: str) -> bytes:
    return document(paragraph(run(drawing('<c:chart r:id="chart1"/>'))), chart1=part)


def in_slides(part: str) -> bytes:
    return show(
        frame('<c:chart r:id="c"/>'), of_slide={"c": ("chart", "../chart.xml")}, parts={"chart.xml": part}
    )


def in_sheets(part: str) -> bytes:
    more = {"xl/drawings/_rels/drawing1.xml.rels": sheets.CHART_RELATIONS, "xl/charts/chart1.xml": part}
    return sheets.with_drawing(sheets.drawing(sheets.FRAME), more=more)


def read(directory: Path, data: bytes, name: str) -> str:
    (directory / "upload").write_bytes(data)
    parsed = parse(directory / "upload", name, Limits())
    assert parsed.warnings == ()
    return parsed.markdown.removeprefix("# S1\n").strip()


@pytest.mark.parametrize(("part", "markdown"), CASES.values(), ids=CASES)
def test_a_chart_reads_the_same_in_each_program(part: str, markdown: str, tmp_path: Path) -> None:
    assert read(tmp_path, in_word(part), "a.docx") == markdown
    assert read(tmp_path, in_slides(part), "a.pptx") == markdown
    assert read(tmp_path, in_sheets(part), "a.xlsx") == markdown


def test_a_text_that_was_drawn_on_a_chart_stands_below_it(tmp_path: Path) -> None:
    drawn = (
        f'<c:userShapes xmlns:c="{_DRAWING}/chart" xmlns:a="{_DRAWING}/main" xmlns:cdr="{_DRAWING}/chartDrawing">'
        "<cdr:relSizeAnchor><cdr:sp><cdr:txBody><a:p><a:r><a:t>Strike in June</a:t></a:r></a:p></cdr:txBody></cdr:sp>"
        "</cdr:relSizeAnchor></c:userShapes>"
    )
    part = chart(MONTHS + cached("val", "1", "2", code="0"))
    data = in_word(part)
    data = hostile.with_member(data, "word/drawn.xml", lambda _old: drawn.encode())
    links = relations({"u": ("chartUserShapes", "drawn.xml")})
    data = hostile.with_member(data, "word/_rels/chart1.xml.rels", lambda _old: links.encode())
    assert read(tmp_path, data, "a.docx").endswith("| June | 2 |\n\nStrike in June")


def test_a_slicer_is_not_read_as_the_excuse_for_one(tmp_path: Path) -> None:
    slicer = '<sle:slicer xmlns:sle="http://schemas.microsoft.com/office/drawing/2010/slicer" name="Year"/>'
    shown = (
        f"<xdr:graphicFrame><a:graphic><a:graphicData>{slicer}</a:graphicData></a:graphic></xdr:graphicFrame>"
    )
    part = sheets.drawing(
        alternates(shown, sheets.box("This shape represents a slicer.")), sheets.box("Seen")
    )
    assert read(tmp_path, sheets.with_drawing(part), "a.xlsx") == "Seen"


def test_a_diagram_of_a_sheet_is_a_list(tmp_path: Path) -> None:
    holder = sheets.drawing('<xdr:graphicFrame><dgm:relIds r:dm="c1"/></xdr:graphicFrame>')
    links = sheets.relations(("c1", "diagramData", "../diagrams/data1.xml"))
    more = {"xl/drawings/_rels/drawing1.xml.rels": links, "xl/diagrams/data1.xml": DIAGRAM}
    assert read(tmp_path, sheets.with_drawing(holder, more=more), "a.xlsx") == "- Chief\n  - Sales\n  - Stock"
