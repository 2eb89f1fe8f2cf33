"""xlsx: the cells that a person sees are in the text, once and in order."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lethe.domain.limits import Limits
from lethe.parsers.source import Reading, Source
from lethe.parsers.workbooks.sheets import read_workbook_file
from tests.unit.parsers.made import sheets as made


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    def read(data: bytes) -> Reading:
        path = tmp_path / "upload"
        path.write_bytes(data)
        return read_workbook_file(Source(path, "book", Limits()))

    return read


CASES: list[tuple[str, bytes, str]] = [
    # cells
    ("text", made.sheet(["one", "two"], [1, 2.5]), "| one | two |\n| --- | --- |\n| 1 | 2.5 |\n"),
    ("truths", made.sheet([True, False, "x"]), "| TRUE | FALSE | x |"),
    ("errors", made.one_cell('<c r="A1" t="e"><v>#DIV/0!</v></c>'), "#DIV/0!\n"),
    (
        "shared",
        made.one_cell('<c r="A1" t="s"><v>1</v></c>', strings="<si><t>no</t></si><si><t>yes</t></si>"),
        "yes\n",
    ),
    (
        "a shared string that is not there",
        made.one_cell('<c t="s"><v>9</v></c><c t="s"><v>-1</v></c><c><v>5</v></c>'),
        "5\n",
    ),
    ("rich text", made.one_cell('<c r="A1" t="s"><v>0</v></c>', strings=made.RICH), "10^6^ **big**\n"),
    (
        "bold all over",
        made.one_cell('<c t="s"><v>0</v></c>', strings="<si><r><rPr><b/></rPr><t>a</t></r></si>"),
        "a\n",
    ),
    (
        "struck part",
        made.one_cell(
            '<c t="s"><v>0</v></c>',
            strings="<si><r><rPr><strike/></rPr><t>old</t></r><r><t> new</t></r></si>",
        ),
        "~~old~~ new\n",
    ),
    (
        "readings",
        made.one_cell(
            '<c t="s"><v>0</v></c>', strings="<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>"
        ),
        "東京\n",
    ),
    (
        "escapes",
        made.one_cell('<c t="s"><v>0</v></c>', strings="<si><t>a_x000D__x000A_b _x005F_x0041_ c_x</t></si>"),
        "a\nb _x0041_ c_x\n",
    ),
    (
        "inline rich",
        made.one_cell('<c t="inlineStr"><is><r><t>in</t></r><r><rPr><i/></rPr><t>line</t></r></is></c>'),
        "inline\n",
    ),
    ("formula", made.one_cell('<c r="A1"><f>SUM(B1:B2)</f><v>12</v></c>'), "12\n"),
    ("formula's text", made.one_cell('<c r="A1" t="str"><f>A2&amp;"x"</f><v>ax</v></c>'), "ax\n"),
    ("formula's empty text", made.one_cell('<c t="str"><f>""</f><v></v></c><c><v>5</v></c>'), "5\n"),
    ("literal signs", made.sheet(["AT&T x<y && y>1 <b>"]), r"AT&T x<y && y>1 \<b>"),
    ("no link of its own", made.sheet(["[Red](#,##0)"]), r"[Red]\(#,##0)"),
    ("pipes and line ends", made.sheet(["a|b", "c\nd"]), r"| a\|b | c d |"),
    ("blanks around", made.sheet(["  a  ", " ", "b"]), "| a |  | b |"),
    ("a text that is a number", made.sheet(["007"]), "007\n"),
    (
        "a date in ISO's form",
        made.one_cell('<c t="d" s="1"><v>2024-05-17T13:30:00</v></c>', codes=["d/m/yy h:mm"]),
        "17/5/24 13:30\n",
    ),
    ("an odd date", made.one_cell('<c t="d" s="1"><v>soon</v></c>', codes=["d/m/yy"]), "soon\n"),
    ("no number", made.one_cell("<c><v>x</v></c><c><v>nan</v></c>"), "| x | nan |"),
    (
        "a link that a formula makes",
        made.one_cell('<c t="str"><f>HYPERLINK("https://a.example/b","go")</f><v>go</v></c>'),
        "[go](https://a.example/b)",
    ),
    ("percent", made.one_cell('<c s="1"><v>0.075</v></c>', codes=["0.00%"]), "7.50%\n"),
    ("a format by number", made.one_cell('<c s="1"><v>45429</v></c>', codes=[31]), "2024-05-17\n"),
    ("a quoted currency", made.one_cell('<c s="1"><v>80.5</v></c>', codes=['"CHF "0.00']), "CHF 80.50\n"),
    ("a style that is not there", made.one_cell('<c s="77"><v>80.5</v></c>'), "80.5\n"),
    ("a text's format", made.one_cell(made.cell("A1", "7", 1), codes=['"No. "@']), "No. 7\n"),
    (
        "since 1904",
        made.one_cell('<c s="1"><v>43967</v></c>', codes=[14], properties='date1904="1"'),
        "2024-05-17\n",
    ),
    (
        "struck cells",
        made.one_cell(made.cell("A1", "old", 1), more={"xl/styles.xml": made.styles(["0"], "<strike/>")}),
        "~~old~~\n",
    ),
    # where cells are
    (
        "no references",
        made.xlsx(
            made.worksheet(
                "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c><c><v>4</v></c></row>"
            )
        ),
        "| 1 | 2 |\n| --- | --- |\n| 3 | 4 |",
    ),
    (
        "leading empty rows and columns",
        made.xlsx(made.worksheet('<row r="7"><c r="E7"><v>1</v></c><c r="F7"><v>2</v></c></row>')),
        "# S1\n\n| 1 | 2 |\n",
    ),
    (
        "rows out of order",
        made.xlsx(
            made.worksheet('<row r="2"><c r="A2"><v>2</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>')
        ),
        "| 1 |\n| --- |\n| 2 |",
    ),
    (
        "tables with an empty row between",
        made.sheet(["a", "b"], [1, 2], [], ["c", "d"], [3, 4]),
        "| 1 | 2 |\n\n| c | d |\n",
    ),
    ("a head that stands apart", made.sheet(["a", "b"], [], [1, 2]), "| a | b |\n| --- | --- |\n| 1 | 2 |"),
    (
        "side by side",
        made.sheet(["a", "b", None, None, "c"], [1, 2, None, None, 3]),
        "| a | b |  | c |\n| --- | --- | --- | --- |\n| 1 | 2 |  | 3 |",
    ),
    ("a title above a table", made.sheet(["Report"], ["a", "b"], [1, 2]), "Report\n\n| a | b |\n"),
    (
        "scattered cells",
        made.xlsx(
            made.worksheet(
                "".join(
                    f'<row r="{n}">{made.cell(f"{made.column_name(n)}{n}", n)}</row>' for n in range(1, 400)
                )
            )
        ),
        "| 1 |\n| --- |\n| 2 |\n",
    ),
    (
        "merged title",
        made.sheet(
            ["Report", None, None], ["a", "b", "c"], after='<mergeCells><mergeCell ref="A1:C1"/></mergeCells>'
        ),
        "# S1\n\nReport\n\n| a | b | c |\n",
    ),
    (
        "merged across",
        made.sheet(
            [None, "2023", None], ["x", 1, 2], after='<mergeCells><mergeCell ref="B1:C1"/></mergeCells>'
        ),
        "|  | 2023 |  |\n",
    ),
    (
        "merged heads",
        made.sheet(
            ["y", "2023", None, "2024", None],
            ["x", 1, 2, 3, 4],
            after='<mergeCells><mergeCell ref="B1:C1"/><mergeCell ref="D1:E1"/></mergeCells>',
        ),
        "| y | 2023 | 2023 | 2024 | 2024 |\n",
    ),
    (
        "merged downwards",
        made.sheet(
            ["North", "a"],
            [None, "b"],
            [None, "c"],
            after='<mergeCells><mergeCell ref="A1:A3"/></mergeCells>',
        ),
        "| North | a |\n| --- | --- |\n| North | b |\n| North | c |\n",
    ),
    (
        "merged without bounds",
        made.sheet(
            ["x", 1],
            [None, 2],
            after='<mergeCells><mergeCell ref="A1:A1048576"/><mergeCell ref="ZZZ1:B2"/></mergeCells>',
        ),
        "| x | 1 |\n| --- | --- |\n| x | 2 |\n",
    ),
    (
        "hidden rows and columns",
        made.xlsx(
            made.worksheet(
                '<row r="1" hidden="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
            )
        ),
        "| 1 |\n| --- |\n| 2 |",
    ),
    # how programs write
    (
        "prefixed names",
        made.xlsx(
            f'<x:worksheet xmlns:x="{made.MAIN}"><x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr">'
            "<x:is><x:t>pre</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>"
        ),
        "pre\n",
    ),
    (
        "strict",
        made.xlsx(
            made.worksheet(made.grid([["strict"]]), namespace="http://purl.oclc.org/ooxml/spreadsheetml/main")
        ),
        "strict\n",
    ),
    ("a byte order mark", made.xlsx("\ufeff" + made.worksheet(made.grid([["bom"]]))), "bom\n"),
    (
        "another main part",
        made.xlsx(
            made.worksheet(made.grid([["moved"]])),
            more={
                "_rels/.rels": made.relations(("r1", "officeDocument", "/data/book.xml")),
                "data/book.xml": f'<workbook xmlns="{made.MAIN}" xmlns:r="{made.OFFICE}"><sheets>'
                '<sheet name="M" r:id="q"/></sheets></workbook>',
                "data/_rels/book.xml.rels": made.relations(("q", "worksheet", "../xl/worksheets/sheet1.xml")),
            },
        ),
        "# M\n\nmoved\n",
    ),
    (
        "parts in other letters",
        made.xlsx(
            made.worksheet(made.grid([["case"]])),
            more={
                "xl/_rels/workbook.xml.rels": made.relations(("s1", "worksheet", "Worksheets\\Sheet1.xml"))
            },
        ),
        "case\n",
    ),
    (
        "an empty member",
        made.xlsx(
            made.worksheet(made.grid([["a"]])),
            more={
                "xl/theme/theme1.xml": "",
                "docProps/core.xml": "",
                "xl/sharedStrings.xml": "",
                "xl/styles.xml": "",
            },
        ),
        "a\n",
    ),
    (
        "damage beside the cells",
        made.xlsx(
            made.worksheet(made.grid([["a"]]), '<drawing r:id="d"/>'),
            more={
                "xl/theme/theme1.xml": "<x",
                "loose.html": "<p>a<br>",
            },
        ),
        "a\n",
    ),
    (
        "a relationship that is missing",
        made.xlsx(made.worksheet(made.grid([["a"]])), more={"xl/_rels/workbook.xml.rels": made.relations()}),
        "a\n",
    ),
]


@pytest.mark.parametrize(("name", "data", "text"), CASES, ids=[case[0] for case in CASES])
def test_what_a_sheet_shows_is_in_its_text(
    name: str, data: bytes, text: str, read: Callable[..., Reading]
) -> None:
    reading = read(data)
    assert text in reading.markdown
    assert not reading.warnings
