"""OpenDocument spreadsheets and presentations: cells as shown, slides as shown, and where each stands."""

from pathlib import Path

import pytest

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile
from lethe.parsers import parse
from tests.unit.parsers.made import opendocument as made
from tests.unit.parsers.made.opendocument import COVERED, box, frame, items, p, placed, row, slide, table, td
from tests.unit.parsers.made.spoilt import survives

IMAGE = '<draw:image xlink:href="Pictures/1.png"/>'
HIDDEN = '<style:style style:name="off" style:family="table"><style:table-properties table:display="false"/></style:style>'
PAGES = (
    '<style:style style:name="hid" style:family="drawing-page"><style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    '<style:style style:name="run" style:family="drawing-page"><style:drawing-page-properties presentation:display-footer="true"/></style:style>'
)
COMMENT = f"<office:annotation><dc:creator>Nora</dc:creator>{p('why?')}</office:annotation>"


def sheet(*rows: str, name: str = "One", attributes: str = "") -> str:
    return table(*rows, attributes=f'table:name="{name}" {attributes}')


def value(kind: str, attributes: str) -> str:
    return td("", f'office:value-type="{kind}" {attributes}')


SHEETS: list[tuple[str, str, str]] = [
    ("cells as shown", sheet(row(td(p("12.5 %"), 'office:value-type="percentage" office:value="0.125"'), "AT&amp;T")), "| 12.5 % | AT&T |\n| --- | --- |"),
    ("cells without a text", sheet(row(value("float", 'office:value="15.5"'), value("percentage", 'office:value="0.12"'),
     value("currency", 'office:value="4" office:currency="EUR"'), value("date", 'office:date-value="2026-11-02T10:30:00"'),
     value("time", 'office:time-value="PT26H05M07S"'), value("boolean", 'office:boolean-value="true"'),
     value("string", 'office:string-value="x&lt;y"'))), "| 15.5 | 12% | 4 EUR | 2026-11-02 10:30:00 | 26:05:07 | TRUE | x<y |\n" + "|" + " --- |" * 7),
    ("errors", sheet(row(td(p("#DIV/0!"), 'table:formula="of:=1/0" office:value-type="string"'))), "| #DIV/0! |\n| --- |"),
    ("several paragraphs and spans", sheet(row(td(p("a <text:span>b</text:span>") + p("c"))), row("d|e")), "| a b c |\n| --- |\n| d\\|e |"),
    ("empty rows and columns", sheet(row(td("", 'table:number-columns-repeated="3"'), "a", td("", 'table:number-columns-repeated="1020"')),
     row(td("", 'table:number-columns-repeated="1024"'), attributes='table:number-rows-repeated="1000"'),
     row(td("", 'table:number-columns-repeated="3"'), "b", "c"), row(attributes='table:number-rows-repeated="1047575"')), "| a |  |\n| --- | --- |\n| b | c |"),
    ("repeated cells and rows", sheet(row(td("x", 'table:number-columns-repeated="2"'), attributes='table:number-rows-repeated="3"')),
     "| x | x |\n| --- | --- |\n| x | x |\n| x | x |"),
    ("merged cells", sheet(row(td("a", 'table:number-columns-spanned="2"'), COVERED, "b"), row("c", "d", "e")), "| a | a | b |\n| --- | --- | --- |\n| c | d | e |"),
    ("a title above", sheet(row(td("Prices", 'table:number-columns-spanned="2"'), COVERED), row("c", "d")), "| Prices |  |\n| --- | --- |\n| c | d |"),
    ("a covered text", sheet(row(td("a", 'table:number-columns-spanned="2"'), f"<table:covered-table-cell>{p('under')}</table:covered-table-cell>"), row("c", "d")),
     "| a |  |\n| --- | --- |\n| c | d |"),
    ("groups and folded rows", sheet("<table:table-header-rows>" + row("h") + "</table:table-header-rows><table:table-row-group>"
     + row("a", attributes='table:visibility="collapse"') + "</table:table-row-group>" + row("b", attributes='table:visibility="filter"')), "| h |\n| --- |\n| a |\n| b |"),
    ("a comment", sheet(row(td(COMMENT + p("a"), 'office:value-type="string"'), "b")), "| a[^c1] | b |\n| --- | --- |\n\n[^c1]: Nora: why?"),
    ("a link", sheet(row(td(p('<text:a xlink:href="https://e.example/a">a</text:a>')))), "| [a](https://e.example/a) |\n| --- |"),
    ("boxes over cells", sheet("<table:shapes>" + box("over") + "</table:shapes>", row(td(p("a") + f"<draw:rect>{p('beside')}</draw:rect>"), "b")),
     "| a | b |\n| --- | --- |\n\nover\n\nbeside"),
    ("a chart", sheet(row(td(frame('<draw:object xlink:href="./Object 1"/>') + p("a")))),
     "| a |\n| --- |\n\nSales\n\n|  | Lamps |\n| --- | --- |\n| 2025 | 7 |"),
]  # fmt: skip
PLACE = "<draw:g><svg:desc>One.B2:One.B3</svg:desc></draw:g>"
CHART = {"Object 1/content.xml": made.content("chart", "<chart:chart><chart:title>" + p("Sales") + "</chart:title>"
         + table(row("", td(p("Lamps") + PLACE)), row("2025", td(p("7") + PLACE)), row("NaN", "")) + "</chart:chart>")}  # fmt: skip

SLIDES: list[tuple[str, str, str]] = [
    ("a title, an outline and notes", slide(placed("outline", items("a", p("b") + items("c"))) + placed("title", "Plan") + placed("subtitle", "of 2026")
     + "<presentation:notes>" + '<draw:page-thumbnail/>' + placed("notes", "Say it slowly.") + placed("page-number", "1") + "</presentation:notes>"),
     "## Plan\n\n- a\n- b\n  - c\n\nof 2026\n\n### Notes\n\nSay it slowly."),
    ("slides in order", slide(placed("title", "One")) + slide(box("text")) + slide(placed("title", "Three")), "## One\n\n## Slide 2\n\ntext\n\n## Three"),
    ("the slide's number in a text", slide(box("a")) + slide(box("Slide <text:page-number>&lt;number&gt;</text:page-number> of 2")), "a\n\nSlide 2 of 2"),
    ("a table", slide(frame(table(row("a", "b"), row("c", "d")))), "| a | b |\n| --- | --- |\n| c | d |"),
    ("words in several spans", slide(box("<text:span>in</text:span><text:span>voice</text:span>")), "invoice"),
    ("groups and shapes", slide(f"<draw:g><draw:custom-shape>{p('a')}<draw:enhanced-geometry/></draw:custom-shape>{box('b')}</draw:g>"), "a\n\nb"),
    ("a comment", slide(placed("title", "One") + COMMENT), "## One\n\n[^c1]: Nora: why?"),
    ("an old comment", slide(placed("title", "One") + COMMENT.replace("office:annotation", "o:annotation").replace(
        "<o:annotation>", '<o:annotation xmlns:o="http://openoffice.org/2009/office">')), "## One\n\n[^c1]: Nora: why?"),
    ("a footer once", "<presentation:footer-decl presentation:name='f'>Casa Alborada</presentation:footer-decl>"
     + slide(placed("title", "One"), "draw:style-name='run' draw:master-page-name='M' presentation:use-footer-name='f'") * 2,
     "## One\n\n## One\n\nCasa Alborada\n\nOn each slide"),
    ("places without text", slide(placed("title", "One") + frame("<draw:text-box/>", attributes='presentation:class="outline" presentation:placeholder="true"')), "## One"),
]  # fmt: skip
MASTER = made.styles(masters=f'<style:master-page style:name="M">{placed("title", "Click to edit")}{box("On each slide")}'
                     f'{placed("footer", "<text:p><presentation:footer/></text:p>")}</style:master-page>')  # fmt: skip


def read(directory: Path, data: bytes, name: str, limits: Limits | None = None) -> ParsedFile:
    path = directory / "upload"
    path.write_bytes(data)
    return parse(path, name, limits or Limits())


@pytest.mark.parametrize(
    ("body", "markdown"), [case[1:] for case in SHEETS], ids=[case[0] for case in SHEETS]
)
def test_a_sheet_says_what_a_person_sees(body: str, markdown: str, tmp_path: Path) -> None:
    parsed = read(tmp_path, made.container("spreadsheet", body, members=CHART), "a.ods")
    assert parsed.markdown.strip("\n") == f"# One\n\n{markdown}"
    assert parsed.warnings == ()


@pytest.mark.parametrize(
    ("body", "markdown"), [case[1:] for case in SLIDES], ids=[case[0] for case in SLIDES]
)
def test_a_slide_says_what_a_person_sees(body: str, markdown: str, tmp_path: Path) -> None:
    parsed = read(tmp_path, made.container("presentation", body, PAGES, MASTER), "a.odp")
    assert parsed.markdown.strip("\n") == markdown
    assert parsed.warnings == ()


def test_sheets_have_their_places_and_hidden_ones_are_told(tmp_path: Path) -> None:
    body = (
        sheet(row("a"))
        + sheet(row("secret"), name="Costs", attributes='table:style-name="off"')
        + sheet(row("b"), name="Two")
    )
    parsed = read(tmp_path, made.container("spreadsheet", body, HIDDEN), "a.ods")
    assert parsed.markdown == "# One\n\n| a |\n| --- |\n\n# Two\n\n| b |\n| --- |\n"
    assert [
        (place.number, place.name, parsed.markdown[place.start :].strip()[:5]) for place in parsed.places
    ] == [(1, "One", "# One"), (2, "Two", "# Two")]
    assert (parsed.pages, parsed.warnings) == (2, ("1 hidden sheet is left out: 'Costs'.",))


def test_slides_have_their_places_and_hidden_ones_are_told(tmp_path: Path) -> None:
    body = (
        slide(placed("title", "One"))
        + slide(placed("title", "secret"), 'draw:style-name="hid"')
        + slide(placed("title", "Three") + frame(IMAGE))
    )
    parsed = read(tmp_path, made.container("presentation", body, PAGES), "a.odp")
    assert parsed.markdown == "## One\n\n## Three\n"
    assert [(place.number, parsed.markdown[place.start :].strip()[:6]) for place in parsed.places] == [
        (1, "## One"),
        (3, "## Thr"),
    ]
    assert parsed.pages == 3
    assert parsed.warnings == (
        "1 hidden slide is left out: 2.",
        "1 image has no readable text: text recognition (OCR) is not available.",
    )


def test_a_sheet_is_printed_with_its_own_words_once(tmp_path: Path) -> None:
    pages = f"<style:header><style:region-left>{p('Confidential prices')}</style:region-left></style:header><style:footer>{p('Page <text:page-number>1</text:page-number>')}</style:footer>"
    styles = made.styles(masters=f'<style:master-page style:name="Default">{pages}</style:master-page>')
    parsed = read(
        tmp_path,
        made.container("spreadsheet", sheet(row("a")) + sheet(row("b"), name="Two"), members=styles),
        "a.ods",
    )
    assert parsed.markdown == "# One\n\nConfidential prices\n\n| a |\n| --- |\n\n# Two\n\n| b |\n| --- |\n"


@pytest.mark.parametrize(
    ("name", "kind", "body"),
    [("a.fods", "spreadsheet", sheet(row("words"))), ("a.fodp", "presentation", slide(box("words")))],
)
def test_flat_files_are_read(name: str, kind: str, body: str, tmp_path: Path) -> None:
    assert "words" in read(tmp_path, made.flat(kind, body), name).markdown


@pytest.mark.parametrize(("name", "kind", "body", "expected"), [
    ("a.ots", "spreadsheet", sheet(row("x")), "ots"), ("a.otp", "presentation", slide(box("x")), "otp"), (None, "spreadsheet", sheet(row("x")), "ods"),
    (None, "presentation", slide(box("x")), "odp"), ("a.odg", "drawing", slide(box("x")), "odg"),
])  # fmt: skip
def test_the_body_tells_the_type(
    name: str | None, kind: str, body: str, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(made.packed({"content.xml": made.content(kind, body)}))
    assert parse(path, name, Limits()).file_type == expected


@pytest.mark.parametrize(
    ("name", "kind", "body"),
    [("a.ods", "spreadsheet", sheet(row("x"))), ("a.odp", "presentation", slide(box("x")))],
)
def test_too_many_sheets_or_slides_are_refused(name: str, kind: str, body: str, tmp_path: Path) -> None:
    with pytest.raises(InputRejected, match=r"more (sheets|slides) than the limit of 2"):
        read(tmp_path, made.container(kind, body * 3), name, Limits(pages=2))


def test_a_sheet_of_thousands_of_millions_of_places_is_read(tmp_path: Path) -> None:
    diagonal = "".join(
        row(td("", f'table:number-columns-repeated="{at}"'), f"x{at}") for at in range(1, 5000)
    )
    whole = row(
        td("y", 'table:number-columns-repeated="16384"'), attributes='table:number-rows-repeated="1048576"'
    )
    parsed = read(
        tmp_path, made.container("spreadsheet", sheet(diagonal) + sheet(whole, name="Two")), "a.ods"
    )
    assert "| x4999 |" in parsed.markdown
    assert parsed.warnings == ("1 repeated row or cell is left out.",)


def test_spoilt_files_are_read_or_refused(tmp_path: Path) -> None:
    body = "".join(case[1] for case in SHEETS)
    survives(tmp_path, [made.container("spreadsheet", body, HIDDEN, CHART)], "a.ods", times=200)
    body = "".join(case[1] for case in SLIDES)
    survives(tmp_path, [made.container("presentation", body, PAGES, MASTER)], "a.odp", times=200)
