"""PDFs: what stands on a page comes out as a person reads it, and what does not come out is told."""

import random
import time
from itertools import pairwise
from pathlib import Path

import fpdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lethe.adapters.parsers import parse
from lethe.domain.document import ParsedFile
from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from tests.unit.parsers.made.pdf import (
    HELVETICA,
    any_text,
    document,
    field,
    form,
    look,
    prose,
    ruled,
    stream,
    text,
    turned,
)

IMAGE = stream(
    b"\xff\0\0" * 4, b"/Type/XObject/Subtype/Image/Width 2/Height 2/BitsPerComponent 8/ColorSpace/DeviceRGB"
)
BODY = [
    "The company sold more units than in the year before and the",
    "margin rose in all of the regions but one. The board expects",
    "that the trend will go on in the coming year as well.",
]
BODY_READ = (
    "The company sold more units than in the year before and the margin rose in all of the regions but one. "
    "The board expects that the trend will go on in the coming year as well.\n"
)
READS_OFF, LIES_ON = b"/XObject<</I 500 0 R>>", {500: IMAGE}


def read(directory: Path, data: bytes) -> ParsedFile:
    path = directory / "upload"
    path.write_bytes(data)
    return parse(path, "a.pdf", Limits())


def backwards(words: str) -> str:
    """A right-to-left text as it stands on the page, from left to right."""
    return words[::-1]


def columns(
    *stories: str, count: int = 10, top: float = 700, drift: float = 0, by_column: bool = False
) -> str:
    """Stories side by side, drawn row by row, or one after the other; each one lower than the one before by `drift`."""
    places = [(row, column) for row in range(count) for column in range(len(stories))]
    if by_column:
        places.sort(key=lambda place: place[1])
    width = 520 // len(stories)
    return "".join(
        text(
            50 + width * column,
            top - 14 * row - drift * column,
            f"{stories[column]} {row} of the tale told",
            8,
        )
        for row, column in places
    )


def cells(*rows: tuple[str, ...], width: int = 130) -> str:
    """Short texts side by side, without lines."""
    return "".join(
        text(72 + width * column, 700 - 16 * number, cell)
        for number, row in enumerate(rows)
        for column, cell in enumerate(row)
    )


def in_turn(*words: str) -> str:
    return " ".join(words)


# Pages, and what is read of them, whole.
PAGES: dict[str, tuple[bytes, str]] = {
    "the top and the foot of a page": (
        document(
            text(72, 775, "Northwind Trading Ltd") + prose(72, 600, BODY) + text(72, 12, "IBAN XX00 1234")
        ),
        f"Northwind Trading Ltd\n\n{BODY_READ}\nIBAN XX00 1234\n",
    ),
    "a title in large letters": (
        document(text(72, 755, "Annual Report", 24) + prose(72, 600, BODY)),
        f"# Annual Report\n\n{BODY_READ}",
    ),
    "headings of two sizes, and a bold one": (
        document(
            text(72, 755, "Annual Report", 24)
            + text(72, 720, "Europe", 16)
            + prose(72, 700, BODY)
            + text(72, 630, "The south", 11, "F2")
            + prose(72, 612, BODY)
        ),
        f"# Annual Report\n\n## Europe\n\n{BODY_READ}\n### The south\n\n{BODY_READ}",
    ),
    "a numbered heading": (
        document(text(72, 720, "2. Sales", 16) + prose(72, 700, BODY)),
        f"# 2. Sales\n\n{BODY_READ}",
    ),
    "bold text that is a sentence": (
        document(prose(72, 700, BODY) + text(72, 640, "This is a sentence in bold.", 11, "F2")),
        f"{BODY_READ}\nThis is a sentence in bold.\n",
    ),
    "paragraphs by indent and by gap": (
        document(
            prose(72, 700, BODY)
            + text(87, 658, "The second is indented and it goes on for more than one")
            + text(72, 644, "line, and ends.")
            + text(72, 616, "The third stands apart.")
        ),
        f"{BODY_READ}\nThe second is indented and it goes on for more than one line, and ends.\n\n"
        "The third stands apart.\n",
    ),
    "lines that were ended on purpose": (
        document(prose(72, 700, ["Northwind Trading", "5 Harbour Road", "Bristol"]) + prose(72, 600, BODY)),
        f"Northwind Trading\n5 Harbour Road\nBristol\n\n{BODY_READ}",
    ),
    "words parted at the end of a line": (
        document(
            prose(
                72,
                700,
                [
                    "This well-known text has infor-",
                    "mation on a thing that is well-",
                    "known, and on co­",
                    "operation.",
                ],
            )
        ),
        "This well-known text has information on a thing that is well-known, and on cooperation.\n",
    ),
    "a name and a number with a hyphen at the line's end": (
        document(
            prose(
                72,
                700,
                ["It was told to us by Jean-", "Paul on the day of COVID-", "19 and on no other day."],
            )
        ),
        "It was told to us by Jean-Paul on the day of COVID-19 and on no other day.\n",
    ),
    "a list in a list": (
        document(
            prose(72, 700, ["Buy:", "• bread", "• milk and a long"])
            + text(80, 658, "second line")
            + text(90, 644, "- skimmed")
            + prose(72, 630, ["• eggs"])
        ),
        "Buy:\n\n- bread\n- milk and a long second line\n  - skimmed\n- eggs\n",
    ),
    "bullets that are shapes, and images": (
        document(
            "72 703 4 4 re f 72 689 m 76 689 l 76 693 l 74 695 72 693 72 689 c f q 5 0 0 5 72 674 cm /I Do Q "
            + prose(84, 700, ["bread", "milk", "eggs"]),
            resources=READS_OFF,
            objects=LIES_ON,
        ),
        "- bread\n- milk\n- eggs\n",
    ),
    "numbered lists": (
        document(prose(72, 700, ["1. first", "2. second", "3) third", "a) fourth"])),
        "1. first\n2. second\n3) third\n- a) fourth\n",
    ),
    "a number at a line's start by chance": (
        document(
            prose(
                72,
                700,
                [
                    "The house was built in the long and warm summer of the year",
                    "1984. It stood for all of a hundred years.",
                ],
            )
        ),
        "The house was built in the long and warm summer of the year 1984. It stood for all of a hundred years.\n",
    ),
    "typewriter letters": (
        document(
            prose(72, 700, BODY)
            + text(72, 640, "if x<b>y:", 10, "F3")
            + text(96, 628, "go()", 10, "F3")
            + text(72, 604, "stop()", 10, "F3")
        ),
        f"{BODY_READ}\n```\nif x<b>y:\n    go()\n\nstop()\n```\n",
    ),
    "ligatures": (document(any_text(72, 700, "The oﬃce ﬁnds a ﬂower")), "The office finds a flower\n"),
    "accents drawn over letters": (
        document(any_text(72, 700, "cafe") + any_text(90, 700, "´")),
        "café\n",
    ),
    "text that is drawn twice": (
        document(
            text(72, 700, "Annual")
            + text(72.4, 700, "Annual")
            + text(72, 660, "Shadow", 11)
            + text(72.8, 659.2, "Shadow", 11)
        ),
        "Annual\n\nShadow\n",
    ),
    "letters wide apart": (
        document(text(72, 700, "A n n u a l   R e p o r t") + prose(72, 600, BODY)),
        f"Annual Report\n\n{BODY_READ}",
    ),
    "letters wide apart by the font's setting": (
        document(text(72, 700, "Annual Report", setup="3 Tc") + " BT 0 Tc ET " + prose(72, 600, BODY)),
        f"Annual Report\n\n{BODY_READ}",
    ),
    "letters alone": (document(text(72, 700, "a b c d e f")), "a b c d e f\n"),
    "raised and lowered signs": (
        document(
            text(72, 700, "A claim")
            + text(108.5, 704, "12", 7)
            + text(120, 700, "of H")
            + text(140.5, 697, "2", 7)
            + text(144.5, 700, "O on the 1")
            + text(196, 704, "st", 7)
            + text(205, 700, "day")
        ),
        "A claim^12^ of H~2~O on the 1st day\n",
    ),
    "text that cannot be seen, over a scan": (
        document("BT /F1 12 Tf 3 Tr 1 0 0 1 72 700 Tm (Recognised words) Tj ET"),
        "Recognised words\n",
    ),
    "a value over a line of underscores": (
        document(text(72, 700, "Name: ____________________ Age: 7") + text(110, 701, "Jane Doe")),
        "Name: … Jane Doe Age: 7\n",
    ),
    "dots that lead to a number": (
        document(text(72, 700, "Introduction . . . . . . . . . 1")),
        "Introduction … 1\n",
    ),
    # right to left
    "a line from right to left, as one string": (
        document(any_text(100, 700, backwards("שלום עולם הלקוח יכול"))),
        "שלום עולם הלקוח יכול\n",
    ),
    "a line from right to left, word by word": (
        document(
            any_text(250, 700, backwards("שלום"))
            + any_text(215, 700, backwards("עולם"))
            + any_text(140, 700, "(123)")
            + any_text(180, 700, backwards("סוף"))
        ),
        "שלום עולם סוף (123)\n",
    ),
    "words from right to left, drawn from the left": (
        document(
            any_text(180, 700, backwards("סוף"))
            + any_text(215, 700, backwards("עולם"))
            + any_text(250, 700, backwards("שלום"))
        ),
        "שלום עולם סוף\n",
    ),
    "numbers and words of Latin letters in it": (
        document(any_text(100, 700, "ףוס PDF/A םלוע 12.50 םולש")),
        "שלום 12.50 עולם PDF/A סוף\n",
    ),
    "two lines from right to left": (
        document(
            any_text(100, 700, backwards("השורה הראשונה של הטקסט"))
            + any_text(106, 686, backwards("והשנייה באה אחריה כאן"))
        ),
        "השורה הראשונה של הטקסט והשנייה באה אחריה כאן\n",
    ),
    "a word from right to left in a line of Latin letters": (
        document(
            text(72, 700, "The word")
            + any_text(122, 700, backwards("שלום"), 11)
            + text(150, 700, "means peace.")
        ),
        "The word שלום means peace.\n",
    ),
    "the shapes of Arabic letters": (
        document(any_text(100, 700, backwards("\ufe8d\ufedf\ufecc\ufe8e\ufedf\ufee2"))),
        "العالم\n",
    ),
    # directions
    "text in the margin and a watermark": (
        document(
            prose(100, 700, BODY)
            + turned(40, 300, "Copy for the files", "0 1 -1 0")
            + turned(200, 300, "DRAFT", "0.7071 0.7071 -0.7071 0.7071")
        ),
        f"{BODY_READ}\nDRAFT\n\nCopy for the files\n",
    ),
    "a page that stands on its head": (
        document(
            turned(500, 100, "First line of the page", "-1 0 0 -1")
            + turned(500, 114, "and the second", "-1 0 0 -1")
        ),
        "First line of the page and the second\n",
    ),
    "a page on its side": (
        document(
            turned(100, 100, "First line of the page", "0 1 -1 0")
            + turned(114, 100, "and the second", "0 1 -1 0"),
            page=b"/MediaBox[0 0 612 792]/Rotate 90",
        ),
        "First line of the page and the second\n",
    ),
    "lines that run down the page": (
        document(any_text(500, 700, "縦書きの文", font="V") + any_text(480, 700, "二行目です", font="V")),
        "縦書きの文二行目です\n",
    ),
    "Japanese lines": (
        document(any_text(72, 700, "日本語の文が、二つの") + any_text(72, 686, "行に分かれています。")),
        "日本語の文が、二つの行に分かれています。\n",
    ),
    # tables
    "a ruled table": (
        document(
            text(72, 740, "Before.")
            + ruled(72, 700, [100, 80], [["Item", "Fee"], ["Lamp", "4 EUR"], ["A|B", ""]])
            + text(72, 600, "After.")
        ),
        "Before.\n\n| Item | Fee |\n| --- | --- |\n| Lamp | 4 EUR |\n| A\\|B |  |\n\nAfter.\n",
    ),
    "a table with cells over several": (
        document(
            "".join(f"72 {y} m 312 {y} l S " for y in (700, 680, 640))
            + "".join(
                f"{x} {top} m {x} 640 l S " for x, top in ((72, 700), (152, 680), (232, 680), (312, 700))
            )
            + "152 660 m 312 660 l S "
            + text(76, 686, "Over all")
            + text(76, 655, "Left")
            + text(156, 666, "b1")
            + text(236, 666, "c1")
            + text(156, 646, "b2")
            + text(236, 646, "c2")
        ),
        "| Over all |  |  |\n| --- | --- | --- |\n| Left | b1 | c1 |\n| Left | b2 | c2 |\n",
    ),
    "a table of thin boxes": (
        document(
            "".join(f"72 {y} 200 0.5 re f " for y in (700, 680, 660))
            + "".join(f"{x} 660 0.5 40 re f " for x in (72, 172, 271.5))
            + text(76, 686, "a")
            + text(176, 686, "b")
            + text(76, 666, "c")
            + text(176, 666, "d")
        ),
        "| a | b |\n| --- | --- |\n| c | d |\n",
    ),
    "a table of a box for each cell": (
        document(
            "".join(f"{x} {y} 100 20 re S " for x in (72, 172) for y in (660, 680))
            + text(76, 686, "a")
            + text(176, 686, "b")
            + text(76, 666, "c")
            + text(176, 666, "d")
        ),
        "| a | b |\n| --- | --- |\n| c | d |\n",
    ),
    "a table with open sides": (
        document(
            "".join(f"72 {y} m 272 {y} l S " for y in (700, 680, 660))
            + "172 660 m 172 700 l S "
            + text(76, 686, "a")
            + text(176, 686, "b")
            + text(76, 666, "c")
            + text(176, 666, "d")
        ),
        "| a | b |\n| --- | --- |\n| c | d |\n",
    ),
    "a table drawn in a form of its own": (
        document(
            "q 1 0 0 1 0 -100 cm /T Do Q " + text(72, 500, "After."),
            resources=b"/XObject<</T 500 0 R>>",
            objects={
                500: stream(
                    ruled(72, 700, [60, 60], [["a", "b"], ["c", "d"]]).encode(),
                    b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</Font<<%s>>>>" % HELVETICA,
                )
            },
        ),
        "| a | b |\n| --- | --- |\n| c | d |\n\nAfter.\n",
    ),
    "a turned word in a table": (
        document(
            ruled(72, 700, [100, 80], [["", "Fee"], ["Lamp", "4 EUR"]], 60)
            + turned(100, 645, "Upward", "0 1 -1 0")
        ),
        "| Upward | Fee |\n| --- | --- |\n| Lamp | 4 EUR |\n",
    ),
    "a frame around text": (
        document("72 600 400 100 re S " + text(80, 680, "A box is no table")),
        "A box is no table\n",
    ),
    "two columns of cells without lines": (
        document(cells(("Item", "Fee"), ("Lamp", "4 EUR"), ("Sofa", "49 EUR"), ("Chair", "12 EUR"))),
        "Item Fee\nLamp 4 EUR\nSofa 49 EUR\nChair 12 EUR\n",
    ),
    "three columns of cells without lines": (
        document(cells(("Item", "Count", "Fee"), ("Lamp", "2", "4 EUR"), ("Sofa", "1", "49 EUR"))),
        "| Item | Count | Fee |\n| --- | --- | --- |\n| Lamp | 2 | 4 EUR |\n| Sofa | 1 | 49 EUR |\n",
    ),
    # links, figures
    "a link": (
        document(
            text(72, 700, "See our terms for more."),
            annotations=[
                b"<</Type/Annot/Subtype/Link/Rect[91 695 141 712]/A<</S/URI/URI(https://a.example/x)>>>>"
            ],
        ),
        "See [our terms](https://a.example/x) for more.\n",
    ),
    "a link that says its own address": (
        document(
            text(72, 700, "https://a.example/x"),
            annotations=[
                b"<</Type/Annot/Subtype/Link/Rect[70 695 200 712]/A<</S/URI/URI(https://a.example/x)>>>>"
            ],
        ),
        "https://a.example/x\n",
    ),
    "a text that stands for an image": (
        document(
            text(72, 700, "Above")
            + "/Figure<</MCID 0>>BDC q 100 0 0 100 72 550 cm /I Do Q EMC "
            + text(72, 500, "Below"),
            resources=READS_OFF,
            page=b"/MediaBox[0 0 612 792]/StructParents 0",
            objects={
                **LIES_ON,
                501: b"<</Type/StructTreeRoot/K 502 0 R/ParentTree<</Nums[0[503 0 R]]>>>>",
                502: b"<</Type/StructElem/S/Document/P 501 0 R/K[503 0 R]>>",
                503: b"<</Type/StructElem/S/Figure/P 502 0 R/Pg 1000 0 R/K 0/Alt(A red square)>>",
            },
            catalog=b"/StructTreeRoot 501 0 R/MarkInfo<</Marked true>>",
        ),
        "Above\n\nA red square\n\nBelow\n",
    ),
    # whole files
    "a file without its end mark": (document(text(72, 700, "Whole"), end=b""), "Whole\n"),
    "a file with something behind its end": (
        document(text(72, 700, "Whole"), end=b"%%EOF\n" + b"<!-- x -->" * 200),
        "Whole\n",
    ),
    "a file whose table of objects is wrong": (
        document(text(72, 700, "Whole")).replace(b"xref\n0", b"xref\n7"),
        "Whole\n",
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_as_it_is_seen(name: str, tmp_path: Path) -> None:
    data, expected = PAGES[name]
    parsed = read(tmp_path, data)
    assert parsed.markdown == expected
    assert parsed.warnings == ()


@pytest.mark.parametrize(
    "layout",
    [
        columns("left", "right"),
        columns("left", "right", by_column=True),
        columns("left", "right", drift=5),
        columns("left", "right", drift=-9),
        columns("left", "middle", "right"),
        columns("left", "middle", "right", drift=4),
        columns("left", "second", "third", "right"),
    ],
)
def test_columns_are_read_one_after_the_other(layout: str, tmp_path: Path) -> None:
    markdown = read(tmp_path, document(layout)).markdown
    for story in ("left", "second", "middle", "third", "right"):
        found = [int(word) for before, word in pairwise(markdown.split()) if before == story]
        assert found in ([], list(range(10)))
    first = [markdown.find(f"{story} 0") for story in ("left", "second", "middle", "third", "right")]
    assert sorted(at for at in first if at >= 0) == [at for at in first if at >= 0]


def test_columns_go_around_headings_as_wide_as_the_page(tmp_path: Path) -> None:
    page = (
        text(50, 740, "The mill and the sea, a story in two parts", 20)
        + columns("one", "two", count=6)
        + text(50, 590, "The second part begins here and is long", 20)
        + columns("three", "four", count=6, top=560)
        + text(50, 440, "Here ends the story, and the page has one more line that is as wide as all of it.")
    )
    markdown = read(tmp_path, document(page)).markdown
    order = [
        "# The mill",
        "one 0",
        "one 5",
        "two 0",
        "two 5",
        "# The second",
        "three 0",
        "three 5",
        "four 0",
        "Here ends",
    ]
    found = [markdown.index(words) for words in order]
    assert found == sorted(found)


def test_columns_from_right_to_left_begin_on_the_right(tmp_path: Path) -> None:
    rows = [backwards(f"השורה מספר {letter} של הסיפור הארוך") for letter in "אבגדהו"]
    other = [backwards(f"והמשך מספר {letter} של הסיפור האחר") for letter in "אבגדהו"]
    page = "".join(
        any_text(60, 700 - 14 * number, second, 9) + any_text(330, 700 - 14 * number, first, 9)
        for number, (first, second) in enumerate(zip(rows, other, strict=True))
    )
    markdown = read(tmp_path, document(page)).markdown
    assert markdown.index("השורה מספר ו") < markdown.index("והמשך מספר א")


def a_form() -> bytes:
    font = b"/F4<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>"
    signs = b"/Type/XObject/Subtype/Form/BBox[0 0 15 17]/Resources<</Font<<%s>>>>" % font
    boxes = b"/AP<</N<</Yes 501 0 R/Off 502 0 R>>>>"
    labels = ["Name:", "City:", "Married", "Children", "Colour:", "Secret:", "Code:"]
    return document(
        "".join(text(72, 600 - 30 * number, label) for number, label in enumerate(labels))
        + text(72, 380, "Notes:"),
        annotations=[
            field(b"Tx", "180 595 360 612", 500, b"/T(a)/V(Smithers)"),
            field(b"Tx", "180 565 360 582", None, b"/T(b)/V(Springdale)/DA(/F1 11 Tf)"),
            field(b"Btn", "180 535 195 552", None, b"/T(c)/V/Yes/AS/Yes" + boxes),
            field(b"Btn", "180 505 195 522", None, b"/T(d)/V/Off/AS/Off" + boxes),
            field(
                b"Ch", "180 475 360 492", None, b"/T(e)/V(green)/Opt[(red)(green)]/Ff 131072/DA(/F1 11 Tf)"
            ),
            field(b"Tx", "180 445 360 462", 503, b"/T(f)/V(hunter2)/Ff 8192"),
            field(b"Tx", "180 415 360 432", None, b"/T(g)/V(1234567)/Ff 16777216/MaxLen 12/DA(/F1 11 Tf)"),
            field(
                b"Tx",
                "180 360 360 395",
                504,
                b"/T(h)/V(First line\\rSecond line\\rThird line that is not seen)/Ff 4096",
            ),
            field(b"Tx", "180 320 360 337", None, b"/T(i)/V(not shown)").replace(b"/F 4", b"/F 2"),
        ],
        objects={
            500: look("Smithers"),
            501: stream(b"BT /F4 11 Tf 2 4 Td (4) Tj ET", signs),
            502: stream(b"", signs),
            503: look("*******"),
            504: look("First line", height=35),
        },
        catalog=form(9),
    )


def test_the_values_of_a_form_stand_beside_their_labels(tmp_path: Path) -> None:
    parsed = read(tmp_path, a_form())
    lines = [line for line in parsed.markdown.splitlines() if line]
    assert lines[:7] == [
        "Name: Smithers",
        "City: Springdale",
        "Married [x]",
        "Children [ ]",
        "Colour: green",
        "Secret: *******",
        "Code: 1234567",
    ]
    assert "First line" in parsed.markdown
    assert "Third line that is not seen" in parsed.markdown
    assert parsed.markdown.count("First line") == 1
    assert "hunter2" not in parsed.markdown
    assert "not shown" not in parsed.markdown
    assert parsed.warnings == ("1 hidden field of the form was left out.",)


def test_a_form_without_other_text_is_read(tmp_path: Path) -> None:
    data = document(
        " ",
        annotations=[
            field(b"Tx", "180 595 360 612", 500, b"/T(a)/V(Smithers)"),
            field(b"Tx", "180 565 360 582", 501, b"/T(b)/V(Springdale)"),
            b"<</Type/Annot/Subtype/FreeText/Rect[72 500 252 517]/Contents(Typed note)/DA(/F1 11 Tf)>>",
        ],
        objects={500: look("Smithers"), 501: look("Springdale")},
        catalog=form(2),
    )
    assert read(tmp_path, data).markdown.split() == ["Smithers", "Springdale", "Typed", "note"]


def test_comments_are_notes_at_the_words_that_they_lie_on(tmp_path: Path) -> None:
    data = document(
        text(72, 700, "This sentence was marked.") + text(72, 600, "And this is more."),
        annotations=[
            b"<</Type/Annot/Subtype/Highlight/Rect[72 695 138 712]/QuadPoints[72 712 138 712 72 695 138 695]"
            b"/Contents(Is this so?)/T(Nora)>>",
            b"<</Type/Annot/Subtype/Text/Rect[300 595 320 615]/Contents(Ask Luis)>>",
        ],
    )
    assert read(tmp_path, data).markdown == (
        "This sentence[^c1] was marked.\n\n[^c1]: Nora: Is this so?\n\nAnd this is more.[^c2]\n\n[^c2]: Ask Luis\n"
    )


def paged(*, count: int = 4) -> list[str]:
    words = ["one", "two", "three", "four", "five", "six"]
    return [
        text(72, 765, "Northwind Trading Ltd - Annual Report", 9)
        + text(72, 30, f"Page {number + 1} of {count}", 9)
        + text(300, 30, f"Report of the year 2024 | {number + 1}", 9)
        + prose(
            72,
            700,
            [
                f"The text of page {words[number]} stands here, and it is",
                "long enough for the body of a page.",
            ],
        )
        for number in range(count)
    ]


def test_a_head_that_runs_through_is_written_once_and_page_numbers_stay(tmp_path: Path) -> None:
    markdown = read(tmp_path, document(*paged())).markdown
    assert markdown.count("Northwind Trading Ltd - Annual Report") == 1
    assert markdown.count("Report of the year") == 1
    assert [f"Page {number} of 4" in markdown for number in range(1, 5)] == [True] * 4
    assert markdown.startswith("Northwind Trading Ltd - Annual Report\n")


def test_the_same_title_on_each_page_stays_when_there_is_nothing_else(tmp_path: Path) -> None:
    assert read(tmp_path, document(*[text(72, 765, "Hello world")] * 5)).markdown.count("Hello world") == 5


def test_a_paragraph_goes_on_over_the_page(tmp_path: Path) -> None:
    first = prose(72, 110, ["The first page ends in the middle of a sentence, and of a"]) + text(300, 30, "1")
    second = prose(72, 700, ["long word: it goes on here."]) + text(300, 30, "2")
    assert "and of a long word: it goes on here." in read(tmp_path, document(first, second)).markdown


def test_a_table_goes_on_over_the_page_and_each_row_knows_its_own(tmp_path: Path) -> None:
    first = ruled(72, 200, [100, 80], [["Item", "Fee"], ["Lamp", "4 EUR"]]) + text(300, 30, "1")
    second = ruled(72, 740, [100, 80], [["Item", "Fee"], ["Chair", "12 EUR"]]) + text(300, 30, "2")
    parsed = read(tmp_path, document(first, second))
    assert "| Item | Fee |\n| --- | --- |\n| Lamp | 4 EUR |\n| Chair | 12 EUR |\n" in parsed.markdown
    assert [place.number for place in parsed.places] == [1, 2]
    assert parsed.markdown[parsed.places[1].start :].startswith("| Chair |")


def test_each_page_is_a_place(tmp_path: Path) -> None:
    parsed = read(
        tmp_path, document(text(72, 700, "First."), text(72, 700, "Second."), text(72, 700, "Third."))
    )
    assert parsed.pages == 3
    assert [parsed.markdown[place.start :].split()[0] for place in parsed.places] == [
        "First.",
        "Second.",
        "Third.",
    ]


def test_a_table_that_is_only_a_page_s_frame_is_read_cell_by_cell(tmp_path: Path) -> None:
    page = "60 500 m 540 500 l S 60 720 m 540 720 l S " + "".join(
        f"{x} 500 m {x} 720 l S " for x in (60, 300, 540)
    )
    page += prose(66, 700, [f"left {n} of the story about the mill" for n in range(12)], 9)
    page += prose(306, 700, [f"right {n} tells of the road and sea" for n in range(12)], 9)
    markdown = read(tmp_path, document(page)).markdown
    assert "|" not in markdown
    assert markdown.index("left 11") < markdown.index("right 0")


# Files, words of theirs that are read, and the whole of what is told.
LOSSES: dict[str, tuple[bytes, str, tuple[str, ...]]] = {
    "an image, and a scanned page": (
        document(
            text(72, 700, "Text") + "q 100 0 0 100 72 550 cm /I Do Q",
            "q 500 0 0 700 50 50 cm /I Do Q",
            resources=READS_OFF,
            objects=LIES_ON,
        ),
        "Text",
        (
            "Page 2 has no text that can be read: text recognition is not there.",
            "1 image has no text that can be read: text recognition is not there.",
        ),
    ),
    "an image that is a dot": (
        document(text(72, 700, "Text") + "q 5 0 0 5 72 550 cm /I Do Q", resources=READS_OFF, objects=LIES_ON),
        "Text",
        (),
    ),
    "a scan with recognised text": (
        document(
            "q 500 0 0 700 50 50 cm /I Do Q BT /F1 12 Tf 3 Tr 72 700 Td (Words) Tj ET",
            resources=READS_OFF,
            objects=LIES_ON,
        ),
        "Words",
        (),
    ),
    "an empty page": (document(text(72, 700, "Text"), " "), "Text", ()),
    "letters without a meaning": (
        document(text(72, 700, "Text") + any_text(72, 680, "\ue123\ue124")),
        "Text",
        ("2 characters could not be read: the file does not tell which letters they are.",),
    ),
    "text beside the page": (
        document(text(72, 700, "Text") + text(-200, 600, "Unseen")),
        "Text",
        ("6 characters stand outside of the pages, where they cannot be seen: left out.",),
    ),
    "text that the page's edge cuts": (document(text(72, 700, "Text") + text(72, -3, "Half")), "Half", ()),
    "a layer that is off": (
        document(
            "/OC/L1 BDC " + text(72, 700, "Shown") + "EMC /OC/L2 BDC " + text(72, 680, "Hidden") + "EMC",
            objects={500: b"<</Type/OCG/Name(One)>>", 501: b"<</Type/OCG/Name(Two)>>"},
            catalog=b"/OCProperties<</OCGs[500 0 R 501 0 R]/D<</Order[500 0 R]/OFF[501 0 R]>>>>",
            resources=b"/Properties<</L1 500 0 R/L2 501 0 R>>",
        ),
        "Shown",
        ("6 characters are on layers that are switched off: left out.",),
    ),
    "files inside": (
        document(
            text(72, 700, "Text"),
            annotations=[b"<</Type/Annot/Subtype/FileAttachment/Rect[72 400 100 420]/FS<</F(a.xls)>>>>"],
            objects={500: b"<</Type/Filespec/F(b.xls)/EF<</F 501 0 R>>>>", 501: stream(b"x")},
            catalog=b"/Names<</EmbeddedFiles<</Names[(b.xls) 500 0 R]>>>>",
        ),
        "Text",
        ("2 embedded files were not read: send them as documents of their own.",),
    ),
    "fonts that give wrong letters": (
        document(*[any_text(72, 700, " ".join(["ȥǂ࣎ʤ ƹΉటҧ ຏହഀ ȥࠨ˖Η"] * 5), 6)]),
        "ƹΉటҧ",
        ("Page 1 has text that may be wrong: the fonts do not tell which letters they show.",),
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_what_is_left_out_is_told_and_nothing_else(name: str, tmp_path: Path) -> None:
    data, expected, warnings = LOSSES[name]
    parsed = read(tmp_path, data)
    assert expected in parsed.markdown
    assert parsed.warnings == warnings
    assert "Hidden" not in parsed.markdown


@pytest.mark.parametrize(
    ("info", "title"),
    [
        (b"/Title(The annual report)", "The annual report"),
        (b"/Title(Microsoft Word - plan.doc)", None),
        (b"/Title(untitled)", None),
        (b"/Title(scan0001.pdf)", None),
        (b"", None),
    ],
)
def test_a_title_is_one_only_when_it_says_something(info: bytes, title: str | None, tmp_path: Path) -> None:
    assert read(tmp_path, document(text(72, 700, "Text"), info=info)).title == title


def test_a_file_that_opens_without_a_password_is_read(tmp_path: Path) -> None:
    maker = fpdf.FPDF()
    maker.set_encryption(owner_password="owner", user_password="")
    maker.add_page()
    maker.set_font("helvetica")
    maker.cell(text="open to all")
    assert read(tmp_path, bytes(maker.output())).markdown == "open to all\n"


HEAVY = {
    "letters": lambda: document("BT /F1 1 Tf 1 0 0 1 10 10 Tm " + "(abcdefghij) Tj " * 20_000 + "ET"),
    "one letter": lambda: document(
        "".join(f"BT /F1 9 Tf {n % 500} {n % 700} Td (a) Tj ET " for n in range(30_000))
    ),
    "gaps": lambda: document(
        "".join(text(10 + 37 * (n % 16), 780 - n // 16, "ab", 0.5) for n in range(12_000)),
        page=b"/MediaBox[0 0 612 792]",
    ),
    "lines": lambda: document(
        text(9, 9, "a") + "".join(f"{n % 600} 0 m {n % 600} 700 l S " for n in range(50_000))
    ),
    "a net": lambda: document(
        text(9, 9, "a") + "".join(f"{n} 0 m {n} 480 l S 0 {n} m 480 {n} l S " for n in range(0, 490, 4))
    ),
    "notes": lambda: document(
        text(9, 9, "a b"),
        annotations=[b"<</Type/Annot/Subtype/Text/Rect[9 9 20 20]/Contents(x)>>"] * 3_000,
    ),
}


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_page_is_read_in_time(name: str, tmp_path: Path) -> None:
    data = HEAVY[name]()
    start = time.process_time()
    assert read(tmp_path, data).markdown
    assert time.process_time() - start < 8


WORD = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(WORD, min_size=3, max_size=9), min_size=1, max_size=12),
    size=st.integers(7, 16),
    shuffled=st.randoms(use_true_random=False),
)
def test_words_come_out_in_the_order_they_are_read_in(
    rows: list[list[str]], size: int, shuffled: random.Random, tmp_path: Path
) -> None:
    drawn = [text(50, 740 - 1.3 * size * number, " ".join(row), size) for number, row in enumerate(rows)]
    shuffled.shuffle(drawn)
    markdown = read(tmp_path, document("".join(drawn))).markdown
    assert markdown.split() == [word for row in rows for word in row]


def text_or_refusal(directory: Path, data: bytes) -> str:
    try:
        return read(directory, data).markdown
    except InputRejected as refusal:
        return str(refusal)


@pytest.mark.parametrize("seed", range(3))
def test_a_damaged_file_gives_text_or_one_sentence(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    good = [
        a_form(),
        document(*paged(), ruled(72, 700, [90, 90], [["a", "b"], ["c", "d"]])),
        PAGES["a text that stands for an image"][0],
        LOSSES["a layer that is off"][0],
        PAGES["lines that run down the page"][0],
    ]
    for _ in range(100):
        data = bytearray(chance.choice(good))
        for _change in range(chance.choice((1, 2, 8, 40))):
            at = chance.randrange(len(data))
            kind = chance.random()
            if kind < 0.6:
                data[at] = chance.randrange(256)
            elif kind < 0.8:
                del data[at : at + chance.randrange(30)]
            else:
                data[at:at] = data[at : at + chance.randrange(200)]
        start = time.process_time()
        assert text_or_refusal(tmp_path, bytes(data)).strip()
        assert time.process_time() - start < 5
