"""Cells that span rows and columns."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lethe.parsers.markdown.grid import Cell, grid, laid_out

spans = st.integers(-2, 5) | st.sampled_from([0, 1, 10**6, 10**12])
tables = st.lists(st.lists(st.tuples(spans, spans), max_size=5), max_size=7)


@given(tables)
@settings(max_examples=300, deadline=None)
def test_the_text_of_every_cell_is_there_in_order(spans: list[list[tuple[int, int]]]) -> None:
    rows = [[Cell(f"{y}.{x}", *span) for x, span in enumerate(row)] for y, row in enumerate(spans)]
    out = grid(rows)
    assert len(out) == len(rows)
    for cells, line in zip(rows, out, strict=True):
        own = [text for text in dict.fromkeys(line) if text in {cell.text for cell in cells}]
        assert own == [cell.text for cell in cells]
    for y, line in enumerate(out):
        assert all(not text or int(text.split(".")[0]) <= y for text in line)
    assert sum(map(len, out)) <= 1_000 + 51 * sum(map(len, rows))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[Cell("a", 2), Cell("b")], [Cell("c"), Cell("d"), Cell("e")]], [["a", "a", "b"], ["c", "d", "e"]]),
        ([[Cell("a", rows=2), Cell("b")], [Cell("c")]], [["a", "b"], ["a", "c"]]),
        ([[Cell("a", rows=0), Cell("b")], [Cell("c")], [Cell("d")]], [["a", "b"], ["a", "c"], ["a", "d"]]),
        ([[Cell("title", 3)], [Cell("a"), Cell("b"), Cell("c")]], [["title", "", ""], ["a", "b", "c"]]),
        ([[Cell("a", 100), Cell("b")], [Cell("c"), Cell("d")]], None),
        ([[Cell("a", 2, 2), Cell("b")], [Cell("c")]], [["a", "a", "b"], ["a", "a", "c"]]),
        ([[Cell("a"), Cell("b", rows=2)], []], [["a", "b"], ["", "b"]]),
        ([[Cell("a"), Cell("b", rows=2)], [Cell("c", 2)]], [["a", "b"], ["c", "b"]]),
        ([[Cell("a", 1000)], [Cell("b", 1000)]], [["a"], ["b"]]),
        ([], []),
    ],
)
def test_spans(rows: list[list[Cell]], expected: list[list[str]] | None) -> None:
    if expected is None:
        expected = [["a"] * 100 + ["b"], ["c", "d"]]
    assert grid(rows) == expected


def test_spans_past_the_bounds_cost_neither_memory_nor_time_nor_text() -> None:
    start = time.process_time()
    wide = grid([[Cell(f"{y}", 10**9, 10**9), Cell("b", 10**9)] for y in range(20_000)])
    deep = grid([[Cell("x" * 10_000, 1, 0) for _ in range(2_000)], *[[]] * 20_000])
    edge = grid([[*[Cell("x")] * 16_000, Cell("last", 1, 0)], *[[Cell("y")]] * 20_000])
    assert time.process_time() - start < 60
    assert "19999" in wide[-1]
    assert deep[0] == ["x" * 10_000] * 2_000
    assert edge[0][-1] == "last"
    assert sum(len(text) for line in deep for text in line) < 21 * 20_010_000
    for out, cells in ((wide, 40_000), (deep, 2_000), (edge, 36_000)):
        assert sum(map(len, out)) <= 51 * (20 + cells)


@given(tables)
@settings(max_examples=100, deadline=None)
def test_a_text_that_is_laid_out_stands_once_in_order(spans: list[list[tuple[int, int]]]) -> None:
    rows = [[Cell(f"{y}.{x}", *span) for x, span in enumerate(row)] for y, row in enumerate(spans)]
    out = laid_out(rows)
    assert [text for line in out for text in line if text] == [cell.text for row in rows for cell in row]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[Cell("a", 2), Cell("b")], [Cell("c"), Cell("d"), Cell("e")]], [["a", "", "b"], ["c", "d", "e"]]),
        ([[Cell("a", rows=2), Cell("b")], [Cell("c")]], [["a", "b"], ["", "c"]]),
        ([[Cell("a", 2, 3), Cell("b")], [Cell("c")], [Cell("d")]], [["a", "b"], ["", "c"], ["", "d"]]),
        ([[Cell("a", 60), Cell("b", 40)], [Cell("c", 60), Cell("d", 40)]], [["a", "b"], ["c", "d"]]),
        ([[Cell("a")], []], [["a"], []]),
    ],
)
def test_cells_that_are_laid_out(rows: list[list[Cell]], expected: list[list[str]]) -> None:
    assert laid_out(rows) == expected
