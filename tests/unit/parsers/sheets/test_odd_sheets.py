"""Workbooks of any content: each cell comes out, and one that was changed anywhere is read or refused, soon."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.parsers.source import Reading, Source
from lethe.parsers.workbooks.old_sheets import read_old_workbook
from lethe.parsers.workbooks.sheets import read_workbook_file
from tests.unit.parsers.made import old_sheets as old
from tests.unit.parsers.made import sheets as made
from tests.unit.parsers.made.spoilt import survives

Reader = Callable[[Source], Reading]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    def read(data: bytes, reader: Reader = read_workbook_file, limits: Limits | None = None) -> Reading:
        path = tmp_path / "upload"
        path.write_bytes(data)
        return reader(Source(path, "book", limits or Limits()))

    return read


_WORDS = st.text("abcXYZñß漢0123456789 .,&<>*_[]()#|$", min_size=1, max_size=12).filter(
    lambda text: text.strip()
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
        read(made.sheet(*rows)).markdown,
        read(old.xls(("S", cells)), read_old_workbook).markdown,
    ):
        assert _letters(re.sub(r"(?m)^# S1?$|\| ---.*", "", text)) == _letters(" ".join(wanted))


def _letters(text: str) -> str:
    return re.sub(r"[\s\\|]", "", text)


RICH_BOOK = made.xlsx(
    made.worksheet(
        made.grid([["Report"], ["a", 1], ["b", 2.5]])
        + f'<row r="9"><c r="B9" t="s"><v>0</v></c>{made.cell("C9", 0.5, 1)}</row>',
        '<mergeCells><mergeCell ref="A1:B1"/></mergeCells><hyperlinks><hyperlink ref="A2" r:id="l1"/></hyperlinks>'
        '<headerFooter><oddHeader>&amp;LCasa</oddHeader></headerFooter><drawing r:id="d1"/>',
    ),
    codes=["[h]:mm"],
    strings=made.RICH,
    more={
        "xl/worksheets/_rels/sheet1.xml.rels": made.relations(
            ("d1", "drawing", "../drawings/drawing1.xml"),
            ("c1", "comments", "../comments1.xml"),
            ("l1", "hyperlink", "https://a.example"),
            outside=["l1"],
        ),
        "xl/comments1.xml": made.comments(made.comment("B2", "why?")),
        "xl/drawings/drawing1.xml": made.drawing(made.FRAME, made.box("box")),
        "xl/drawings/_rels/drawing1.xml.rels": made.CHART_RELATIONS,
        "xl/charts/chart1.xml": made.CHART,
    },
)
OLD_BOOK = old.xls(
    ("S", [(1, 1, "a", 0), (1, 2, 0.5, 1), (2, 1, True, 0)]),
    ("T", [(1, 1, "b", 0)]),
    codes=["[h]:mm"],
    extras={"S": old.text_box("box") + old.record(0xE5, b"\1\0\0\0\1\0\0\0\0\0")},
)


@pytest.mark.parametrize(
    ("name", "good", "times"), [("a.xlsx", RICH_BOOK, 200), ("a.xls", OLD_BOOK, 150)], ids=["xlsx", "xls"]
)
def test_a_spoilt_workbook_is_read_or_refused(name: str, good: bytes, times: int, tmp_path: Path) -> None:
    start = time.process_time()
    survives(tmp_path, [good], name, times=times)
    assert time.process_time() - start < 60


def test_many_sheets_that_are_one_part_are_a_bomb(read: Callable[..., Reading]) -> None:
    part = made.worksheet(made.grid([["x" * 1000]] * 100))
    links = made.relations(*((f"s{at}", "worksheet", "worksheets/sheet1.xml") for at in range(1, 1001)))
    book = made.xlsx(part, *["" for _ in range(999)], more={"xl/_rels/workbook.xml.rels": links})
    with pytest.raises(InputRejected, match="bomb"):
        read(book, limits=Limits(unpacked_bytes=1_000_000))


def test_a_diagonal_of_cells_takes_no_more_room_than_its_cells(read: Callable[..., Reading]) -> None:
    rows = "".join(
        f'<row r="{n}"><c r="{made.column_name(n)}{n}"><v>{n}</v></c></row>' for n in range(1, 4_001)
    )
    assert len(read(made.xlsx(made.worksheet(rows))).markdown) < 250_000


def _whole_column(number: int) -> str:
    name = made.column_name(number)
    return f'<mergeCell ref="{name}1:{name}1048576"/>'


@pytest.mark.parametrize(
    "after",
    [
        "<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 20_000 + "</mergeCells>",
        "<mergeCells>" + "".join(map(_whole_column, range(1, 999))) + "</mergeCells>",
        "<hyperlinks>" + '<hyperlink ref="A1:XFD1048576" r:id="l1"/>' * 20_000 + "</hyperlinks>",
    ],
    ids=["overlapping", "columns", "links"],
)
def test_many_ranges_over_many_rows_take_bounded_time(after: str, read: Callable[..., Reading]) -> None:
    rows = made.grid([[f"c{n}" for n in range(300)]])
    rows += "".join(f'<row r="{n}"><c><v>{n}</v></c></row>' for n in range(2, 1_500))
    start = time.process_time()
    reading = read(
        made.with_relations(rows, ("l1", "hyperlink", "https://a.example"), outside=["l1"], after=after)
    )
    assert "1499" in reading.markdown
    assert time.process_time() - start < 30
