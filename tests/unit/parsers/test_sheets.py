"""Workbooks: what a person sees on their sheets is in the text, once and in order."""

import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lethe.adapters.parsers import parse
from lethe.adapters.parsers.office.old_sheets import read_old_workbook
from lethe.adapters.parsers.office.sheets import read_workbook_file
from lethe.adapters.parsers.source import Reading, Source
from lethe.domain.document import Place
from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from tests.unit.parsers import hostile
from tests.unit.parsers.made import sheets as made

Reader = Callable[[Source], Reading]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    def read(data: bytes, reader: Reader = read_workbook_file, limits: Limits | None = None) -> Reading:
        path = tmp_path / "upload"
        path.write_bytes(data)
        return reader(Source(path, "book", limits or Limits()))

    return read


def sheet(*rows: list[made.Value | None], after: str = "") -> bytes:
    return made.xlsx(made.worksheet(made.grid(rows), after))


def one_cell(xml: str, **options: object) -> bytes:
    return made.xlsx(made.worksheet(f'<row r="1">{xml}</row>'), **options)  # type: ignore[arg-type]


def note(reference: str, text: str, author: int = 0) -> str:
    return f'<comment ref="{reference}" authorId="{author}"><text><r><t>{text}</t></r></text></comment>'


def comments(*notes: str, authors: str = "<author>Ana</author>") -> str:
    return (
        f'<comments xmlns="{made.MAIN}"><authors>{authors}</authors>'
        f"<commentList>{''.join(notes)}</commentList></comments>"
    )


def with_relations(
    data: str, *entries: tuple[str, str, str], outside: tuple[str, ...] = (), after: str = "", **more: str
) -> bytes:
    parts = {f"xl/{name}" if "." in name else f"xl/{name}.xml": part for name, part in more.items()}
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = made.relations(*entries, outside=outside)
    return made.xlsx(made.worksheet(data, after), more=parts)


CHART = (
    f"<c:chartSpace {made.DRAWN}><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Sales</a:t></a:r></a:p></c:rich></c:tx>"
    "</c:title><c:plotArea><c:barChart>"
    "<c:ser><c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>North</c:v></c:pt></c:strCache></c:strRef></c:tx>"
    "<c:cat><c:strRef><c:strCache><c:pt idx='0'><c:v>May</c:v></c:pt><c:pt idx='1'><c:v>June</c:v></c:pt></c:strCache>"
    "</c:strRef></c:cat><c:val><c:numRef><c:numCache><c:formatCode>0.0%</c:formatCode><c:pt idx='0'><c:v>0.5</c:v></c:pt>"
    "<c:pt idx='1'><c:v>0.25</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser>"
    "</c:barChart><c:catAx><c:title><c:tx><c:rich><a:p><a:r><a:t>Month</a:t></a:r></a:p></c:rich></c:tx></c:title>"
    "</c:catAx></c:plotArea></c:chart></c:chartSpace>"
)
FRAME = '<xdr:graphicFrame><a:graphic><a:graphicData><c:chart r:id="c1"/></a:graphicData></a:graphic></xdr:graphicFrame>'
CHART_RELATIONS = made.relations(("c1", "chart", "../charts/chart1.xml"))
DIAGRAM = (
    f'<dgm:dataModel xmlns:dgm="x" {made.DRAWN}><dgm:ptLst><dgm:pt><dgm:t><a:p><a:r><a:t>Plan</a:t></a:r></a:p></dgm:t></dgm:pt>'
    "<dgm:pt/><dgm:pt><dgm:t><a:p><a:r><a:t>Do</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>"
)
BUTTON = (
    '<xml xmlns:v="v" xmlns:x="x"><v:shape><v:textbox><div><font>Press here</font></div></v:textbox>'
    '<x:ClientData ObjectType="Button"/></v:shape><v:shape><v:textbox><div>why?</div></v:textbox>'
    '<x:ClientData ObjectType="Note"/></v:shape></xml>'
)
RICH = "<si><r><t>10</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>6</t></r><r><rPr><b/></rPr><t xml:space='preserve'> big</t></r></si>"

CASES: list[tuple[str, bytes, str]] = [
    # cells
    ("text", sheet(["one", "two"], [1, 2.5]), "| one | two |\n| --- | --- |\n| 1 | 2.5 |\n"),
    ("truths", sheet([True, False, "x"]), "| TRUE | FALSE | x |"),
    ("errors", one_cell('<c r="A1" t="e"><v>#DIV/0!</v></c>'), "#DIV/0!\n"),
    ("shared", one_cell('<c r="A1" t="s"><v>1</v></c>', strings="<si><t>no</t></si><si><t>yes</t></si>"), "yes\n"),
    ("a shared string that is not there", one_cell('<c t="s"><v>9</v></c><c t="s"><v>-1</v></c><c><v>5</v></c>'), "5\n"),
    ("rich text", one_cell('<c r="A1" t="s"><v>0</v></c>', strings=RICH), "10^6^ **big**\n"),
    ("bold all over", one_cell('<c t="s"><v>0</v></c>', strings="<si><r><rPr><b/></rPr><t>a</t></r></si>"), "a\n"),
    ("struck part", one_cell('<c t="s"><v>0</v></c>', strings="<si><r><rPr><strike/></rPr><t>old</t></r><r><t> new</t></r></si>"), "~~old~~ new\n"),
    ("readings", one_cell('<c t="s"><v>0</v></c>', strings="<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>"), "東京\n"),
    ("escapes", one_cell('<c t="s"><v>0</v></c>', strings="<si><t>a_x000D__x000A_b _x005F_x0041_ c_x</t></si>"), "a\nb _x0041_ c_x\n"),
    ("inline rich", one_cell('<c t="inlineStr"><is><r><t>in</t></r><r><rPr><i/></rPr><t>line</t></r></is></c>'), "inline\n"),
    ("formula", one_cell('<c r="A1"><f>SUM(B1:B2)</f><v>12</v></c>'), "12\n"),
    ("formula's text", one_cell('<c r="A1" t="str"><f>A2&amp;"x"</f><v>ax</v></c>'), "ax\n"),
    ("formula's empty text", one_cell('<c t="str"><f>""</f><v></v></c><c><v>5</v></c>'), "5\n"),
    ("literal signs", sheet(["AT&T x<y && y>1 <b>"]), r"AT&T x<y && y>1 \<b>"),
    ("no link of its own", sheet(["[Red](#,##0)"]), r"[Red]\(#,##0)"),
    ("pipes and line ends", sheet(["a|b", "c\nd"]), r"| a\|b | c d |"),
    ("blanks around", sheet(["  a  ", " ", "b"]), "| a |  | b |"),
    ("a text that is a number", sheet(["007"]), "007\n"),
    ("a date in ISO's form", one_cell('<c t="d" s="1"><v>2024-05-17T13:30:00</v></c>', codes=["d/m/yy h:mm"]), "17/5/24 13:30\n"),
    ("an odd date", one_cell('<c t="d" s="1"><v>soon</v></c>', codes=["d/m/yy"]), "soon\n"),
    ("no number", one_cell('<c><v>x</v></c><c><v>nan</v></c>'), "| x | nan |"),
    ("a link that a formula makes", one_cell('<c t="str"><f>HYPERLINK("https://a.example/b","go")</f><v>go</v></c>'), "[go](https://a.example/b)"),
    ("percent", one_cell('<c s="1"><v>0.075</v></c>', codes=["0.00%"]), "7.50%\n"),
    ("a format by number", one_cell('<c s="1"><v>45429</v></c>', codes=[31]), "2024-05-17\n"),
    ("a quoted currency", one_cell('<c s="1"><v>80.5</v></c>', codes=['"CHF "0.00']), "CHF 80.50\n"),
    ("a style that is not there", one_cell('<c s="77"><v>80.5</v></c>'), "80.5\n"),
    ("a text's format", one_cell(made.cell("A1", "7", 1), codes=['"No. "@']), "No. 7\n"),
    ("since 1904", one_cell('<c s="1"><v>43967</v></c>', codes=[14], properties='date1904="1"'), "2024-05-17\n"),
    ("struck cells", one_cell(made.cell("A1", "old", 1), more={"xl/styles.xml": made.styles(["0"], "<strike/>")}), "~~old~~\n"),
    # where cells are
    ("no references", made.xlsx(made.worksheet("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c><c><v>4</v></c></row>")), "| 1 | 2 |\n| --- | --- |\n| 3 | 4 |"),
    ("leading empty rows and columns", made.xlsx(made.worksheet('<row r="7"><c r="E7"><v>1</v></c><c r="F7"><v>2</v></c></row>')), "# S1\n\n| 1 | 2 |\n"),
    ("rows out of order", made.xlsx(made.worksheet('<row r="2"><c r="A2"><v>2</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>')), "| 1 |\n| --- |\n| 2 |"),
    ("tables with an empty row between", sheet(["a", "b"], [1, 2], [], ["c", "d"], [3, 4]), "| 1 | 2 |\n\n| c | d |\n"),
    ("a head that stands apart", sheet(["a", "b"], [], [1, 2]), "| a | b |\n| --- | --- |\n| 1 | 2 |"),
    ("side by side", sheet(["a", "b", None, None, "c"], [1, 2, None, None, 3]), "| a | b |  | c |\n| --- | --- | --- | --- |\n| 1 | 2 |  | 3 |"),
    ("a title above a table", sheet(["Report"], ["a", "b"], [1, 2]), "Report\n\n| a | b |\n"),
    ("scattered cells", made.xlsx(made.worksheet("".join(f'<row r="{n}">{made.cell(f"{made.column_name(n)}{n}", n)}</row>' for n in range(1, 400)))), "| 1 |\n| --- |\n| 2 |\n"),
    ("merged title", sheet(["Report", None, None], ["a", "b", "c"], after='<mergeCells><mergeCell ref="A1:C1"/></mergeCells>'), "# S1\n\nReport\n\n| a | b | c |\n"),
    ("merged across", sheet([None, "2023", None], ["x", 1, 2], after='<mergeCells><mergeCell ref="B1:C1"/></mergeCells>'), "|  | 2023 |  |\n"),
    ("merged heads", sheet(["y", "2023", None, "2024", None], ["x", 1, 2, 3, 4], after='<mergeCells><mergeCell ref="B1:C1"/><mergeCell ref="D1:E1"/></mergeCells>'), "| y | 2023 | 2023 | 2024 | 2024 |\n"),
    ("merged downwards", sheet(["North", "a"], [None, "b"], [None, "c"], after='<mergeCells><mergeCell ref="A1:A3"/></mergeCells>'), "| North | a |\n| --- | --- |\n| North | b |\n| North | c |\n"),
    ("merged without bounds", sheet(["x", 1], [None, 2], after='<mergeCells><mergeCell ref="A1:A1048576"/><mergeCell ref="ZZZ1:B2"/></mergeCells>'), "| x | 1 |\n| --- | --- |\n| x | 2 |\n"),
    ("hidden rows and columns", made.xlsx(made.worksheet('<row r="1" hidden="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>')), "| 1 |\n| --- |\n| 2 |"),
    # what lies beside the cells
    ("links", with_relations(made.grid([["go"]]), ("l1", "hyperlink", "https://a.example/?q=1&r=2"), outside=("l1",), after='<hyperlinks><hyperlink ref="A1" r:id="l1"/></hyperlinks>'), "[go](https://a.example/?q=1&r=2)"),
    ("a link within", sheet(["go"], after='<hyperlinks><hyperlink ref="A1" location="S1!B2"/></hyperlinks>'), "\ngo\n"),
    ("a comment", with_relations(made.grid([["a", "b"]]), ("c1", "comments", "../comments1.xml"), comments1=comments(note("B1", "why?"))), "| a | b[^c1] |\n| --- | --- |\n\n[^c1]: Ana: why?\n"),
    ("a comment that begins with its author", with_relations(made.grid([["a"]]), ("c1", "comments", "../comments1.xml"), comments1=comments(note("A1", "Ana:\nwhy?"))), "[^c1]: Ana: why?\n"),
    ("a comment on an empty cell", with_relations(made.grid([["a"]]), ("c1", "comments", "../comments1.xml"), comments1=comments(note("A9", "why?"))), "a\n\n[^c1]\n\n[^c1]: Ana: why?\n"),
    ("boxes", made.with_drawing(made.drawing(made.box("one", "two"))), "one\ntwo\n"),
    ("boxes in groups", made.with_drawing(made.drawing(f"<xdr:grpSp><xdr:grpSp>{made.box('deep')}</xdr:grpSp></xdr:grpSp>")), "deep\n"),
    ("alternatives", made.with_drawing(made.drawing(f"<mc:AlternateContent><mc:Choice>{made.box('new')}</mc:Choice><mc:Fallback>{made.box('old')}</mc:Fallback></mc:AlternateContent>")), "# S1\n\nnew\n"),
    ("boxes by their rows", made.with_drawing(made.drawing(f"<xdr:from><xdr:row>9</xdr:row></xdr:from>{made.box('low')}", f"<xdr:from><xdr:row>1</xdr:row></xdr:from>{made.box('high')}")), "high\n\nlow\n"),
    ("an image's text", made.with_drawing(made.drawing('<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="1" descr="A lamp"/></xdr:nvPicPr></xdr:pic>')), "A lamp\n"),
    ("a chart", made.with_drawing(made.drawing(FRAME), more={"xl/drawings/_rels/drawing1.xml.rels": CHART_RELATIONS, "xl/charts/chart1.xml": CHART}), "Sales\n\nMonth\n\n|  | North |\n| --- | --- |\n| May | 50.0% |\n| June | 25.0% |\n"),
    ("a chart sheet", made.xlsx(f'<chartsheet xmlns="{made.MAIN}" xmlns:r="{made.OFFICE}"><drawing r:id="d1"/></chartsheet>', more={"xl/worksheets/_rels/sheet1.xml.rels": made.relations(("d1", "drawing", "../drawings/drawing1.xml")), "xl/drawings/drawing1.xml": made.drawing(FRAME), "xl/drawings/_rels/drawing1.xml.rels": CHART_RELATIONS, "xl/charts/chart1.xml": CHART}), "Sales\n"),
    ("a diagram", made.with_drawing(made.drawing('<xdr:graphicFrame><relIds xmlns="x" r:dm="c1"/></xdr:graphicFrame>'), more={"xl/drawings/_rels/drawing1.xml.rels": made.relations(("c1", "diagramData", "../diagrams/data1.xml")), "xl/diagrams/data1.xml": DIAGRAM}), "- Plan\n- Do\n"),
    ("printed header and footer", sheet(["a"], after="<headerFooter><oddHeader>&amp;L&amp;\"Arial,Bold\"&amp;12Casa &amp;&amp; Co&amp;R&amp;D</oddHeader><oddFooter>&amp;CPage &amp;P of &amp;N&amp;RSecret</oddFooter></headerFooter>"), "Casa & Co\n\na\n\nSecret\n"),
    ("a button", with_relations(made.grid([["a"]]), ("v1", "vmlDrawing", "../drawings/v.vml"), after='<legacyDrawing r:id="v1"/>', **{"drawings/v.vml": BUTTON}), "a\n\nPress here\n"),
    ("a table beside and below", sheet(["a", "b"], [1, 2], [None, None, "c", "d"], [None, None, 3, 4]), "| 1 | 2 |\n\n| c | d |\n"),
    # how programs write
    ("prefixed names", made.xlsx(f'<x:worksheet xmlns:x="{made.MAIN}"><x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>pre</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>'), "pre\n"),
    ("strict", made.xlsx(made.worksheet(made.grid([["strict"]]), namespace="http://purl.oclc.org/ooxml/spreadsheetml/main")), "strict\n"),
    ("a byte order mark", made.xlsx("\ufeff" + made.worksheet(made.grid([["bom"]]))), "bom\n"),
    ("another main part", made.xlsx(made.worksheet(made.grid([["moved"]])), more={"_rels/.rels": made.relations(("r1", "officeDocument", "/data/book.xml")), "data/book.xml": f'<workbook xmlns="{made.MAIN}" xmlns:r="{made.OFFICE}"><sheets><sheet name="M" r:id="q"/></sheets></workbook>', "data/_rels/book.xml.rels": made.relations(("q", "worksheet", "../xl/worksheets/sheet1.xml"))}), "# M\n\nmoved\n"),
    ("parts in other letters", made.xlsx(made.worksheet(made.grid([["case"]])), more={"xl/_rels/workbook.xml.rels": made.relations(("s1", "worksheet", "Worksheets\\Sheet1.xml"))}), "case\n"),
    ("an empty member", made.xlsx(made.worksheet(made.grid([["a"]])), more={"xl/theme/theme1.xml": "", "docProps/core.xml": "", "xl/sharedStrings.xml": "", "xl/styles.xml": ""}), "a\n"),
    ("damage beside the cells", made.xlsx(made.worksheet(made.grid([["a"]]), '<drawing r:id="d"/>'), more={"xl/styles.xml": "<x", "xl/worksheets/_rels/sheet1.xml.rels": "<x", "loose.html": "<p>a<br>"}), "a\n"),
    ("a relationship that is missing", made.xlsx(made.worksheet(made.grid([["a"]])), more={"xl/_rels/workbook.xml.rels": made.relations()}), "a\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "text"), CASES, ids=[case[0] for case in CASES])
def test_what_a_sheet_shows_is_in_its_text(
    name: str, data: bytes, text: str, read: Callable[..., Reading]
) -> None:
    reading = read(data)
    assert text in reading.markdown
    assert not reading.warnings


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (made.xlsx(made.worksheet(made.grid([["a"]])), made.worksheet(made.grid([["b"]])), states={2: "hidden"}),
         "1 hidden sheet is left out: 'S2'."),
        (made.xlsx(*[made.worksheet(made.grid([["a"]]))] * 3, states={2: "hidden", 3: "veryHidden"}),
         "2 hidden sheets are left out: 'S2', 'S3'."),
        (one_cell("<c><f>A1+1</f></c><c><f>A2</f><v></v></c>"),
         "2 formulas have no stored result: the formula stands in its place."),
        (made.with_drawing(made.drawing("<xdr:pic><xdr:nvPicPr><xdr:cNvPr id='1'/></xdr:nvPicPr></xdr:pic>"), data=made.grid([["a"]])),
         "1 image has no text that can be read: text recognition is not there."),
        (sheet(["a"], after='<oleObjects><oleObject progId="Word.Document"/></oleObjects>'), "1 embedded object is left out."),
        (made.xlsx(made.worksheet(made.grid([["a"]])), made.worksheet(""), more={"xl/_rels/workbook.xml.rels": made.relations(("s1", "worksheet", "worksheets/sheet1.xml"), ("s2", "worksheet", "gone.xml"))}),
         "1 sheet is not in the file: 'S2'."),
    ],
)  # fmt: skip
def test_what_is_left_out_is_told(data: bytes, sentence: str, read: Callable[..., Reading]) -> None:
    assert read(data).warnings == (sentence,)


def test_a_formula_without_a_result_is_shown_itself(read: Callable[..., Reading]) -> None:
    assert "=SUM(B1:B2)" in read(one_cell('<c r="A1"><f>SUM(B1:B2)</f><v></v></c>')).markdown


def test_hidden_sheets_and_shapes_are_not_in_the_text(read: Callable[..., Reading]) -> None:
    book = made.xlsx(
        made.worksheet(made.grid([["a"]])), made.worksheet(made.grid([["secret"]])), states={2: "hidden"}
    )
    assert "secret" not in read(book).markdown
    shape = made.box("secret", attributes='hidden="1"')
    assert "secret" not in read(made.with_drawing(made.drawing(shape))).markdown


def test_each_sheet_is_a_section_and_a_place_in_the_workbooks_order(read: Callable[..., Reading]) -> None:
    parts = [made.worksheet(made.grid([[text]])) for text in ("one", "two", "three")]
    reading = read(made.xlsx(*parts, names=["B & C", "#1", "Ä"], states={2: "hidden"}))
    assert reading.markdown == "# B & C\n\none\n\n# Ä\n\nthree\n"
    assert reading.places == (Place(0, 1, "B & C"), Place(13, 2, "Ä"))
    assert reading.pages == 2


def test_a_thread_stands_once_with_its_authors(read: Callable[..., Reading]) -> None:
    thread = (
        '<ThreadedComments><threadedComment ref="A1" personId="p1" id="1"><text>Right?</text></threadedComment>'
        '<threadedComment ref="A1" personId="p2" id="2" parentId="1"><text>Yes.</text></threadedComment>'
        "</ThreadedComments>"
    )
    reading = read(
        with_relations(
            made.grid([["a"]]),
            ("c1", "comments", "../comments1.xml"),
            ("t1", "threadedComment", "../threads.xml"),
            comments1=comments(note("A1", "[Threaded comment] Right? Yes."), authors="<author>tc=1</author>"),
            threads=thread,
            **{
                "persons/p": '<personList><person id="p1" displayName="Ana"/><person id="p2" displayName="Luis"/></personList>'
            },
        )
    )
    assert reading.markdown.endswith("a[^c1][^c2]\n\n[^c1]: Ana: Right?\n\n[^c2]: Luis: Yes.\n")
    assert "Threaded" not in reading.markdown


def test_a_header_that_repeats_is_written_once(read: Callable[..., Reading]) -> None:
    part = made.worksheet(made.grid([["a"]]), "<headerFooter><oddHeader>Casa</oddHeader></headerFooter>")
    assert read(made.xlsx(part, part)).markdown.count("Casa") == 1


def test_the_title_of_a_workbook_is_that_of_its_properties(read: Callable[..., Reading]) -> None:
    relations = (
        f'<Relationships xmlns="{made.PACKAGE}"><Relationship Id="r1" Type="x/officeDocument" Target="xl/workbook.xml"/>'
        '<Relationship Id="r2" Type="x/core-properties" Target="docProps/core.xml"/></Relationships>'
    )
    core = '<cp:coreProperties xmlns:cp="c" xmlns:dc="d"><dc:title>Fees</dc:title></cp:coreProperties>'
    book = made.xlsx(
        made.worksheet(made.grid([["a"]])), more={"_rels/.rels": relations, "docProps/core.xml": core}
    )
    assert read(book).title == "Fees"


# xls

OLD_CASES: list[tuple[str, bytes, str]] = [
    ("cells", made.xls(("Fées", [(1, 1, "ñ", 0), (1, 2, 5.0, 0), (2, 1, True, 0), (2, 2, 2.5, 0)])), "# Fées\n\n| ñ | 5 |\n| --- | --- |\n| TRUE | 2.5 |\n"),
    ("formats", made.xls(("S", [(1, 1, 0.075, 1), (1, 2, 26.5 / 24, 2), (1, 3, 1067.0, 3), (1, 4, 45429.0, 4)]), codes=["0.00%", "[h]:mm", "00000", "dd.mm.yyyy"]), "| 7.50% | 26:30 | 01067 | 17.05.2024 |"),
    ("since 1904", made.xls(("S", [(1, 1, 43967.0, 1)]), codes=["yyyy-mm-dd"], from_1904=True), "2024-05-17\n"),
    ("texts' formats", made.xls(("S", [(1, 1, "7", 1)]), codes=['"No. "@']), "No. 7\n"),
    ("merged", made.xls(("S", [(1, 1, "North", 0), (1, 2, "a", 0), (2, 2, "b", 0)]), extras={"S": made.record(0xE5, b"\1\0\0\0\1\0\0\0\0\0")}), "| North | a |\n| --- | --- |\n| North | b |\n"),
    ("boxes", made.xls(("S", [(1, 1, "a", 0)]), extras={"S": made.text_box("señal")}), "a\n\nseñal\n"),
    ("comments", made.xls(("S", [(1, 1, "a", 0)]), extras={"S": made.text_box("why?", 25, 3) + made.record(0x1C, b"\0\0\0\0\0\0\3\0" + made.long_text("Ana"))}), "a[^c1]\n\n[^c1]: Ana: why?\n"),
    ("headers", made.xls(("S", [(1, 1, "a", 0)]), extras={"S": made.record(0x14, made.long_text("&LCasa &P")) + made.record(0x15, made.long_text("&CSecret"))}), "a\n\nSecret\n"),
    ("charts", made.xls(("S", [(1, 1, "a", 0)]), extras={"S": made.record(0x809, bytes(16)) + made.record(0x100D, b"\0\0" + made.short_text("Sales")) + made.record(0x0A, b"")}), "a\n\nSales\n"),
    ("two sheets", made.xls(("One", [(1, 1, "a", 0)]), ("Two", [(1, 1, "b", 0)])), "# One\n\na\n\n# Two\n\nb\n"),
    ("far cells", made.xls(("S", [(1, 1, "a", 0), (65536, 256, "z", 0)])), "a\n\nz\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "text"), OLD_CASES, ids=[case[0] for case in OLD_CASES])
def test_what_an_old_sheet_shows_is_in_its_text(
    name: str, data: bytes, text: str, read: Callable[..., Reading]
) -> None:
    reading = read(data, read_old_workbook)
    assert text in reading.markdown
    assert not reading.warnings


def test_hidden_old_sheets_and_images_are_told(read: Callable[..., Reading]) -> None:
    image = made.record(0x5D, bytes([0x15, 0, 0x12, 0, 8, 0]) + bytes(16))
    book = made.xls(("S", [(1, 1, "a", 0)]), ("H", [(1, 1, "secret", 0)]), hidden=["H"], extras={"S": image})
    reading = read(book, read_old_workbook)
    assert "secret" not in reading.markdown
    assert reading.warnings == (
        "1 hidden sheet is left out: 'H'.",
        "1 image has no text that can be read: text recognition is not there.",
    )


# anything that may come

_WORDS = st.text("abcXYZñß漢0123456789 .,&<>*_[]()#|$", min_size=1, max_size=12).filter(
    lambda text: text.strip()
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.lists(st.none() | _WORDS | st.integers(-(10**10), 10**10), min_size=1, max_size=6),
        min_size=1,
        max_size=8,
    )
)
def test_every_cell_comes_out_in_order(
    rows: list[list[made.Value | None]], read: Callable[..., Reading]
) -> None:
    wanted = [str(value) for row in rows for value in row if value is not None]
    cells = [
        (r, c, v if isinstance(v, str) else float(v), 0)
        for r, row in enumerate(rows, 1)
        for c, v in enumerate(row, 1)
        if v is not None
    ]
    for text in (
        read(sheet(*rows)).markdown,
        read(made.xls(("S", cells)), read_old_workbook).markdown,
    ):
        assert _letters(re.sub(r"(?m)^# S1?$|\| ---.*", "", text)) == _letters(" ".join(wanted))


def _letters(text: str) -> str:
    return re.sub(r"[\s\\|]", "", text)


def _mutated(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(changed))
        if chance.random() < 0.7:
            changed[at] = chance.randrange(256)
        else:
            del changed[at : at + chance.randint(1, 40)]
    return bytes(changed)


def _mutated_part(book: bytes, chance: random.Random) -> bytes:
    """The workbook with a part dropped, cut, or with numbers and names in it changed."""
    name = chance.choice(sorted(hostile.members(book)))
    match chance.randrange(4):
        case 0:
            return made.samples.archive(
                {key: part for key, part in hostile.members(book).items() if key != name}
            )
        case 1:
            return hostile.with_member(book, name, lambda part: part[: chance.randint(0, len(part))])
        case 2:
            return hostile.with_member(
                book,
                name,
                lambda part: re.sub(
                    rb'"[^"]{0,12}"',
                    lambda found: chance.choice([found[0], b'"-1"', b'"99999999999"', b'""', b'"A0:ZZZ9"']),
                    part,
                ),
            )
        case _:
            return hostile.with_member(book, name, lambda part: _mutated(part, chance) if part else part)


RICH_BOOK = made.xlsx(
    made.worksheet(
        made.grid([["Report"], ["a", 1], ["b", 2.5]])
        + f'<row r="9"><c r="B9" t="s"><v>0</v></c>{made.cell("C9", 0.5, 1)}</row>',
        '<mergeCells><mergeCell ref="A1:B1"/></mergeCells><hyperlinks><hyperlink ref="A2" r:id="l1"/></hyperlinks>'
        '<headerFooter><oddHeader>&amp;LCasa</oddHeader></headerFooter><drawing r:id="d1"/>',
    ),
    codes=["[h]:mm"],
    strings=RICH,
    more={
        "xl/worksheets/_rels/sheet1.xml.rels": made.relations(
            ("d1", "drawing", "../drawings/drawing1.xml"),
            ("c1", "comments", "../comments1.xml"),
            ("l1", "hyperlink", "https://a.example"),
            outside=["l1"],
        ),
        "xl/comments1.xml": comments(note("B2", "why?")),
        "xl/drawings/drawing1.xml": made.drawing(FRAME, made.box("box")),
        "xl/drawings/_rels/drawing1.xml.rels": CHART_RELATIONS,
        "xl/charts/chart1.xml": CHART,
    },
)
OLD_BOOK = made.xls(
    ("S", [(1, 1, "a", 0), (1, 2, 0.5, 1), (2, 1, True, 0)]),
    ("T", [(1, 1, "b", 0)]),
    codes=["[h]:mm"],
    extras={"S": made.text_box("box") + made.record(0xE5, b"\1\0\0\0\1\0\0\0\0\0")},
)


@pytest.mark.parametrize(
    ("book", "change", "reader"),
    [(RICH_BOOK, _mutated, None), (RICH_BOOK, _mutated_part, None), (OLD_BOOK, _mutated, read_old_workbook)],
    ids=["bytes of xlsx", "parts of xlsx", "bytes of xls"],
)
def test_a_changed_workbook_is_read_or_refused(
    book: bytes, change: Callable[[bytes, random.Random], bytes], reader: Reader | None, tmp_path: Path
) -> None:
    chance = random.Random(7)
    path = tmp_path / "upload"
    start = time.process_time()
    for _ in range(200):
        path.write_bytes(change(book, chance))
        try:
            if reader:
                reader(Source(path, "a.xls", Limits()))
            else:
                parse(path, "a.xlsx", Limits())
        except InputRejected:
            pass
    assert time.process_time() - start < 20


def test_many_sheets_that_are_one_part_are_a_bomb(read: Callable[..., Reading]) -> None:
    part = made.worksheet(made.grid([["x" * 1000]] * 100))
    links = made.relations(*((f"s{at}", "worksheet", "worksheets/sheet1.xml") for at in range(1, 1001)))
    book = made.xlsx(part, *["" for _ in range(999)], more={"xl/_rels/workbook.xml.rels": links})
    with pytest.raises(InputRejected, match="bomb"):
        read(book, limits=Limits(unpacked_bytes=1_000_000))


def test_a_diagonal_of_cells_takes_no_more_room_than_its_cells(read: Callable[..., Reading]) -> None:
    rows = "".join(
        f'<row r="{n}"><c r="{made.column_name(n)}{n}"><v>{n}</v></c></row>' for n in range(1, 16_385)
    )
    assert len(read(made.xlsx(made.worksheet(rows))).markdown) < 1_000_000
