"""xlsx: what stands beside the cells, and what is left out and told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lethe.domain.limits import Limits
from lethe.domain.records.blocks import Place
from lethe.parsers.source import Reading, Source
from lethe.parsers.workbooks.sheets import read_workbook_file
from tests.unit.parsers.made import sheets as made
from tests.unit.parsers.made.slides import DIAGRAM


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    def read(data: bytes) -> Reading:
        path = tmp_path / "upload"
        path.write_bytes(data)
        return read_workbook_file(Source(path, "book", Limits()))

    return read


CASES: list[tuple[str, bytes, str]] = [
    (
        "links",
        made.with_relations(
            made.grid([["go"]]),
            ("l1", "hyperlink", "https://a.example/?q=1&r=2"),
            outside=("l1",),
            after='<hyperlinks><hyperlink ref="A1" r:id="l1"/></hyperlinks>',
        ),
        "[go](https://a.example/?q=1&r=2)",
    ),
    (
        "a link within",
        made.sheet(["go"], after='<hyperlinks><hyperlink ref="A1" location="S1!B2"/></hyperlinks>'),
        "\ngo\n",
    ),
    (
        "a comment",
        made.with_relations(
            made.grid([["a", "b"]]),
            ("c1", "comments", "../comments1.xml"),
            more={"comments1.xml": made.comments(made.comment("B1", "why?"))},
        ),
        "| a | b[^c1] |\n| --- | --- |\n\n[^c1]: Ana: why?\n",
    ),
    (
        "a comment that begins with its author",
        made.with_relations(
            made.grid([["a"]]),
            ("c1", "comments", "../comments1.xml"),
            more={"comments1.xml": made.comments(made.comment("A1", "Ana:\nwhy?"))},
        ),
        "[^c1]: Ana: why?\n",
    ),
    (
        "a comment on an empty cell",
        made.with_relations(
            made.grid([["a"]]),
            ("c1", "comments", "../comments1.xml"),
            more={"comments1.xml": made.comments(made.comment("A9", "why?"))},
        ),
        "a\n\n[^c1]\n\n[^c1]: Ana: why?\n",
    ),
    ("boxes", made.with_drawing(made.drawing(made.box("one", "two"))), "one\ntwo\n"),
    (
        "boxes in groups",
        made.with_drawing(made.drawing(f"<xdr:grpSp><xdr:grpSp>{made.box('deep')}</xdr:grpSp></xdr:grpSp>")),
        "deep\n",
    ),
    (
        "alternatives",
        made.with_drawing(
            made.drawing(
                f"<mc:AlternateContent><mc:Choice>{made.box('new')}</mc:Choice><mc:Fallback>{made.box('old')}</mc:Fallback></mc:AlternateContent>"
            )
        ),
        "# S1\n\nnew\n",
    ),
    (
        "boxes by their rows",
        made.with_drawing(
            made.drawing(
                f"<xdr:from><xdr:row>9</xdr:row></xdr:from>{made.box('low')}",
                f"<xdr:from><xdr:row>1</xdr:row></xdr:from>{made.box('high')}",
            )
        ),
        "high\n\nlow\n",
    ),
    (
        "an image's text",
        made.with_drawing(
            made.drawing('<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="1" descr="A lamp"/></xdr:nvPicPr></xdr:pic>')
        ),
        "A lamp\n",
    ),
    (
        "a chart",
        made.with_drawing(
            made.drawing(made.FRAME),
            more={
                "xl/drawings/_rels/drawing1.xml.rels": made.CHART_RELATIONS,
                "xl/charts/chart1.xml": made.CHART,
            },
        ),
        "Sales\n\nMonth\n\n|  | North |\n| --- | --- |\n| May | 50.0% |\n| June | 25.0% |\n",
    ),
    (
        "a chart sheet",
        made.xlsx(
            f'<chartsheet xmlns="{made.MAIN}" xmlns:r="{made.OFFICE}"><drawing r:id="d1"/></chartsheet>',
            more={
                "xl/worksheets/_rels/sheet1.xml.rels": made.relations(
                    ("d1", "drawing", "../drawings/drawing1.xml")
                ),
                "xl/drawings/drawing1.xml": made.drawing(made.FRAME),
                "xl/drawings/_rels/drawing1.xml.rels": made.CHART_RELATIONS,
                "xl/charts/chart1.xml": made.CHART,
            },
        ),
        "Sales\n",
    ),
    (
        "a diagram",
        made.with_drawing(
            made.drawing('<xdr:graphicFrame><dgm:relIds r:dm="c1"/></xdr:graphicFrame>'),
            more={
                "xl/drawings/_rels/drawing1.xml.rels": made.relations(
                    ("c1", "diagramData", "../diagrams/data1.xml")
                ),
                "xl/diagrams/data1.xml": DIAGRAM,
            },
        ),
        "- Chief\n  - Sales\n  - Stock\n",
    ),
    (
        "printed header and footer",
        made.sheet(
            ["a"],
            after='<headerFooter><oddHeader>&amp;L&amp;"Arial,Bold"&amp;12Casa &amp;&amp; Co&amp;R&amp;D</oddHeader>'
            "<oddFooter>&amp;CPage &amp;P of &amp;N&amp;RSecret</oddFooter></headerFooter>",
        ),
        "Casa & Co\n\na\n\nSecret\n",
    ),
    (
        "a button",
        made.with_relations(
            made.grid([["a"]]),
            ("v1", "vmlDrawing", "../drawings/v.vml"),
            after='<legacyDrawing r:id="v1"/>',
            more={"drawings/v.vml": made.BUTTON},
        ),
        "a\n\nPress here\n",
    ),
    (
        "a table beside and below",
        made.sheet(["a", "b"], [1, 2], [None, None, "c", "d"], [None, None, 3, 4]),
        "| 1 | 2 |\n\n| c | d |\n",
    ),
]


@pytest.mark.parametrize(("name", "data", "text"), CASES, ids=[case[0] for case in CASES])
def test_what_stands_beside_the_cells_is_in_its_text(
    name: str, data: bytes, text: str, read: Callable[..., Reading]
) -> None:
    reading = read(data)
    assert text in reading.markdown
    assert not reading.warnings


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            made.xlsx(
                made.worksheet(made.grid([["a"]])), made.worksheet(made.grid([["b"]])), states={2: "hidden"}
            ),
            "1 hidden sheet is left out: 'S2'.",
        ),
        (
            made.xlsx(*[made.worksheet(made.grid([["a"]]))] * 3, states={2: "hidden", 3: "veryHidden"}),
            "2 hidden sheets are left out: 'S2', 'S3'.",
        ),
        (
            made.one_cell("<c><f>A1+1</f></c><c><f>A2</f><v></v></c>"),
            "2 formulas have no stored result: the formula itself is shown.",
        ),
        (
            made.with_drawing(
                made.drawing("<xdr:pic><xdr:nvPicPr><xdr:cNvPr id='1'/></xdr:nvPicPr></xdr:pic>"),
                data=made.grid([["a"]]),
            ),
            "1 image has no readable text: text recognition (OCR) is not available.",
        ),
        (
            made.sheet(["a"], after='<oleObjects><oleObject progId="Word.Document"/></oleObjects>'),
            "1 embedded object of type Word.Document is left out.",
        ),
        (
            made.xlsx(
                made.worksheet(made.grid([["a"]])),
                made.worksheet(""),
                more={
                    "xl/_rels/workbook.xml.rels": made.relations(
                        ("s1", "worksheet", "worksheets/sheet1.xml"), ("s2", "worksheet", "gone.xml")
                    )
                },
            ),
            "1 sheet is missing from the file: 'S2'.",
        ),
    ],
)
def test_what_is_left_out_is_told(data: bytes, sentence: str, read: Callable[..., Reading]) -> None:
    assert read(data).warnings == (sentence,)


def test_damage_beside_the_cells_is_told(read: Callable[..., Reading]) -> None:
    sheet = made.worksheet(made.grid([["a"]]), '<drawing r:id="d"/>')
    damaged = ("xl/styles.xml", "xl/worksheets/_rels/sheet1.xml.rels")
    reading = read(made.xlsx(sheet, more=dict.fromkeys(damaged, "<x")))
    assert reading.markdown.endswith("\n\na\n")
    assert reading.warnings == (f"2 damaged parts are left out: '{damaged[0]}', '{damaged[1]}'.",)


def test_an_object_that_alternatives_name_twice_is_one(read: Callable[..., Reading]) -> None:
    one = '<oleObject progId="Word.Document" shapeId="7"/>'
    reading = read(made.sheet(["a"], after=f"<oleObjects>{one}{one}</oleObjects>"))
    assert reading.warnings == ("1 embedded object of type Word.Document is left out.",)


def test_a_formula_without_a_result_is_shown_itself(read: Callable[..., Reading]) -> None:
    assert "=SUM(B1:B2)" in read(made.one_cell('<c r="A1"><f>SUM(B1:B2)</f><v></v></c>')).markdown


def test_hidden_sheets_and_shapes_are_not_in_the_text(read: Callable[..., Reading]) -> None:
    book = made.xlsx(
        made.worksheet(made.grid([["a"]])), made.worksheet(made.grid([["secret"]])), states={2: "hidden"}
    )
    assert "secret" not in read(book).markdown
    shape = made.box("secret", attributes='hidden="1"')
    reading = read(made.with_drawing(made.drawing(shape)))
    assert "secret" not in reading.markdown
    assert reading.warnings == ("1 piece of hidden text is left out.",)


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
        made.with_relations(
            made.grid([["a"]]),
            ("c1", "comments", "../comments1.xml"),
            ("t1", "threadedComment", "../threads.xml"),
            more={
                "comments1.xml": made.comments(
                    made.comment("A1", "[Threaded comment] Right? Yes."), authors="<author>tc=1</author>"
                ),
                "threads.xml": thread,
                "persons/p.xml": '<personList><person id="p1" displayName="Ana"/>'
                '<person id="p2" displayName="Luis"/></personList>',
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
        f'<Relationships xmlns="{made.PACKAGE}">'
        '<Relationship Id="r1" Type="x/officeDocument" Target="xl/workbook.xml"/>'
        '<Relationship Id="r2" Type="x/core-properties" Target="docProps/core.xml"/></Relationships>'
    )
    core = '<cp:coreProperties xmlns:cp="c" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Fees</dc:title></cp:coreProperties>'
    book = made.xlsx(
        made.worksheet(made.grid([["a"]])), more={"_rels/.rels": relations, "docProps/core.xml": core}
    )
    assert read(book).title == "Fees"
