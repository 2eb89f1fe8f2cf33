"""PDFs: tables and columns come out as a person reads them."""

from itertools import pairwise
from pathlib import Path

import pytest

from tests.unit.parsers.made.pdf import (
    HELVETICA,
    any_text,
    document,
    prose,
    ruled,
    stream,
    text,
    turned,
)
from tests.unit.parsers.pdf.pages import backwards, cells, columns, read

# Pages, and what is read of them, whole.
PAGES: dict[str, tuple[bytes, str]] = {
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
    "text above and below columns of cells without lines": (
        document(
            text(72, 716, "End of the text.")
            + cells(("Item", "Count", "Fee"), ("Lamp", "2", "4 EUR"), ("Sofa", "1", "49 EUR"))
            + text(72, 652, "Table 1: what it costs")
        ),
        "End of the text.\n\n| Item | Count | Fee |\n| --- | --- | --- |\n| Lamp | 2 | 4 EUR |\n"
        "| Sofa | 1 | 49 EUR |\n\nTable 1: what it costs\n",
    ),
    "two tables without lines, whose columns are in other places": (
        document(
            cells(("Shop:", "No.", "17"), ("Town:", "Date", "May 3"), ("Land:", "Due", "June 3"))
            + "".join(
                text(72 + 70 * column, 620 - 16 * number, cell)
                for number, row in enumerate(("Pos Item Fee Sum", "1 Lamp 4 8", "2 Sofa 9 18"))
                for column, cell in enumerate(row.split())
            )
        ),
        "| Shop: | No. | 17 |\n| --- | --- | --- |\n| Town: | Date | May 3 |\n| Land: | Due | June 3 |\n\n"
        "| Pos | Item | Fee | Sum |\n| --- | --- | --- | --- |\n| 1 | Lamp | 4 | 8 |\n| 2 | Sofa | 9 | 18 |\n",
    ),
    "a text that is cut off where the next cell begins": (
        document(
            ruled(72, 700, [60, 80, 60], [["No.", "What", "Who"], ["1", "Repair of the lan", "Maintenance"]])
        ),
        "| No. | What | Who |\n| --- | --- | --- |\n| 1 | Repair of the lan | Maintenance |\n",
    ),
    "captions of two lines side by side": (
        document(
            text(72, 740, "The harbours of the coast in the north.")
            + "".join(
                text(60 + 130 * number, 700, first) + text(60 + 130 * number, 688, second)
                for number, (first, second) in enumerate(
                    [
                        ("The old harbour", "in winter"),
                        ("The new quay", "at night"),
                        ("The mole", "from above"),
                    ]
                )
            )
        ),
        "The harbours of the coast in the north.\n\nThe old harbour in winter\n\nThe new quay at night\n\n"
        "The mole from above\n",
    ),
    "a box beside a line": (
        document(
            "300 680 200 40 re S "
            + text(72, 705, "What you need:")
            + text(310, 705, "Ask the keeper")
            + text(72, 665, "A lamp and a rope")
        ),
        "What you need:\n\nAsk the keeper\n\nA lamp and a rope\n",
    ),
    "boxes side by side": (
        document(
            "".join(
                f"{60 + 150 * number} 660 130 60 re S "
                + text(70 + 150 * number, 700, first)
                + text(70 + 150 * number, 686, second)
                for number, (first, second) in enumerate(
                    [("Plan for one", "keeper alone"), ("Plan for two", "at the lamp")]
                )
            )
        ),
        "Plan for one keeper alone\n\nPlan for two at the lamp\n",
    ),
    "a box in the corner of a text": (
        document(
            "320 640 200 80 re S "
            + prose(
                72,
                704,
                [
                    "The keeper lit the lamp at dusk and",
                    "went down to the shore, where once",
                    "an old boat with a broken mast lay in",
                    "the sand.",
                ],
            )
            + prose(330, 700, ["In brief: the lamp", "is lit at dusk."])
        ),
        "In brief: the lamp is lit at dusk.\n\n"
        "The keeper lit the lamp at dusk and went down to the shore, where once "
        "an old boat with a broken mast lay in the sand.\n",
    ),
    "a box as high as its line": (
        document("150 695 200 18 re S " + text(72, 700, "Name:") + text(160, 700, "Ann Smith")),
        "Name: Ann Smith\n",
    ),
    # links, figures
}


@pytest.mark.parametrize("name", PAGES)
def test_a_table_is_read_as_it_is_seen(name: str, tmp_path: Path) -> None:
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


def test_a_head_with_two_ends_over_a_page_with_little_on_it_begins_no_columns(tmp_path: Path) -> None:
    page = (
        text(72, 760, "Lamps of the North")
        + text(450, 760, "Issue 4")
        + text(300, 700, "In the middle of it")
        + text(72, 660, "Term and what it means")
        + text(72, 630, "Another line of it")
        + text(380, 600, "The one on the right")
        + text(72, 570, "One line more than that")
        + text(420, 540, "The end at right")
    )
    read_so = ["Lamps", "Issue", "In the middle", "Term", "Another", "The one", "One line", "The end"]
    found = [read(tmp_path, document(page)).markdown.index(words) for words in read_so]
    assert found == sorted(found)


def test_columns_above_a_list_of_short_lines_are_columns(tmp_path: Path) -> None:
    left = ["This is the left one of two columns", "which are close to each other here"] * 2
    right = ["The right column begins a bit higher", "than the left one does, as browsers"] * 2
    below = "".join(
        text(72, 600 - 16 * number, f"Name {number}") + text(150, 600 - 16 * number, "Ann")
        for number in range(12)
    )
    page = prose(72, 700, left) + prose(290, 708, right) + below + text(400, 420, "Page 1")
    markdown = read(tmp_path, document(page)).markdown
    assert markdown.startswith(f"{' '.join(left)}\n\n{' '.join(right)}\n\n")


def test_a_heading_in_one_column_stays_in_it_where_the_other_shows_a_picture(tmp_path: Path) -> None:
    def tale(words: str, x: int, top: int) -> str:
        return prose(x, top, [f"{words} {row} of the tale told here" for row in range(8)], 9)

    left = tale("first", 50, 700) + text(50, 570, "Second part", 11, "F2") + tale("second", 50, 550)
    right = tale("third", 310, 700) + tale("fourth", 310, 540)
    markdown = read(tmp_path, document(left + right)).markdown
    said = [
        markdown.index(words)
        for words in ("first 7", "Second part", "second 0", "second 7", "third 0", "fourth 7")
    ]
    assert said == sorted(said)


def test_a_colon_at_the_end_of_one_line_does_not_make_columns_a_form(tmp_path: Path) -> None:
    left = [f"Windmill {row} stands" for row in range(12)]
    left[5] = "Windmill 5 creaked:"
    page = prose(50, 700, left) + prose(310, 700, [f"Seaside {row} lies" for row in range(12)])
    markdown = read(tmp_path, document(page)).markdown
    assert markdown.index("Windmill 11") < markdown.index("Seaside 0")


def test_columns_from_right_to_left_begin_on_the_right(tmp_path: Path) -> None:
    rows = [backwards(f"השורה מספר {letter} של הסיפור הארוך") for letter in "אבגדהו"]
    other = [backwards(f"והמשך מספר {letter} של הסיפור האחר") for letter in "אבגדהו"]
    page = "".join(
        any_text(60, 700 - 14 * number, second, 9) + any_text(330, 700 - 14 * number, first, 9)
        for number, (first, second) in enumerate(zip(rows, other, strict=True))
    )
    markdown = read(tmp_path, document(page)).markdown
    assert markdown.index("השורה מספר ו") < markdown.index("והמשך מספר א")


def test_a_table_goes_on_over_the_page_and_each_row_knows_its_own(tmp_path: Path) -> None:
    first = ruled(72, 200, [100, 80], [["Item", "Fee"], ["Lamp", "4 EUR"]]) + text(300, 30, "1")
    second = ruled(72, 740, [100, 80], [["Item", "Fee"], ["Chair", "12 EUR"]]) + text(300, 30, "2")
    parsed = read(tmp_path, document(first, second))
    assert "| Item | Fee |\n| --- | --- |\n| Lamp | 4 EUR |\n| Chair | 12 EUR |\n" in parsed.markdown
    assert [place.number for place in parsed.places] == [1, 2]
    assert parsed.markdown[parsed.places[1].start :].startswith("| Chair |")


def test_a_table_over_many_pages_is_whole_and_its_header_and_that_of_the_pages_stand_once(
    tmp_path: Path,
) -> None:
    pages = [
        text(72, 765, "Northwind Trading")
        + ruled(72, 740, [100, 80], [["Item", "Fee"], [f"Lamp {page}", "4 EUR"], ["Chair", f"{page} EUR"]])
        + text(300, 30, f"Page {page}")
        for page in range(1, 5)
    ]
    rows = "".join(f"| Lamp {page} | 4 EUR |\n| Chair | {page} EUR |\n" for page in range(1, 5))
    assert read(tmp_path, document(*pages)).markdown == (
        f"Northwind Trading\n\nPage 1\n\n| Item | Fee |\n| --- | --- |\n{rows}\nPage 2\n\nPage 3\n\nPage 4\n"
    )


def test_a_table_that_is_only_a_page_s_frame_is_read_cell_by_cell(tmp_path: Path) -> None:
    page = "60 500 m 540 500 l S 60 720 m 540 720 l S " + "".join(
        f"{x} 500 m {x} 720 l S " for x in (60, 300, 540)
    )
    page += prose(66, 700, [f"left {n} of the story about the mill" for n in range(12)], 9)
    page += prose(306, 700, [f"right {n} tells of the road and sea" for n in range(12)], 9)
    markdown = read(tmp_path, document(page)).markdown
    assert "|" not in markdown
    assert markdown.index("left 11") < markdown.index("right 0")
