"""OpenDocument texts that are deep, wide or spoilt: read as far as they go, or refused."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.parsers.made import opendocument as made
from tests.unit.parsers.made.opendocument import (
    COVERED,
    OUTLINE,
    box,
    frame,
    h,
    header,
    items,
    master,
    note,
    p,
    row,
    table,
    td,
    text_style,
)
from tests.unit.parsers.made.spoilt import survives
from tests.unit.parsers.office.reading import read

NESTED = [
    ("<text:section>", "</text:section>", 250), ("<text:list><text:list-item>", "</text:list-item></text:list>", 120),
    ("<text:p><text:span>", "</text:span></text:p>", 120), ("<draw:g>", "</draw:g>", 240),
    (f"<table:table><table:table-row>{td('t')}<table:table-cell>", "</table:table-cell></table:table-row></table:table>", 80),
    ("<text:p><text:note><text:note-body>", "</text:note-body></text:note></text:p>", 80),
    ("<text:p><draw:frame><draw:text-box>", "</draw:text-box></draw:frame></text:p>", 80),
]  # fmt: skip


@pytest.mark.parametrize(("begin", "end", "times"), NESTED, ids=[case[0] for case in NESTED])
def test_blocks_within_each_other_are_read_as_deep_as_they_may_be(
    begin: str, end: str, times: int, tmp_path: Path
) -> None:
    parsed = read(
        tmp_path, made.container("text", p("first") + begin * times + p("deepest") + end * times), "a.odt"
    )
    assert "first" in parsed.markdown
    assert "deepest" in parsed.markdown


def test_cells_that_cover_millions_of_places_cost_nothing(tmp_path: Path) -> None:
    huge = td("", 'table:number-columns-spanned="99999999" table:number-rows-spanned="99999999"')
    wide = td("x", 'table:number-columns-spanned="99999999" table:number-rows-spanned="99999999"')
    empty = row(attributes='table:number-rows-repeated="99999999"')
    body = table((row(huge) + empty + row(wide) + empty) * 20 + row("end"))
    assert "end" in read(tmp_path, made.container("text", body), "a.odt").markdown


WORDS = st.lists(st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"], exclude_characters="²³¹"), min_size=1, max_size=8),
                 min_size=1, max_size=5).map(" ".join)  # fmt: skip
BLOCKS = st.one_of(
    WORDS.map(lambda words: (words, p(words))),
    WORDS.map(lambda words: (words, h(words))),
    WORDS.map(lambda words: (words, items(words))),
    WORDS.map(
        lambda words: (
            words,
            p("<text:span>" + words.replace(" ", "</text:span> <text:span>") + "</text:span>"),
        )
    ),
    WORDS.map(lambda words: (words, table(row(words, "cell"))[:-14] + "</table:table>")),
    WORDS.map(lambda words: (words, p("box" + box(words)))),
    WORDS.map(lambda words: (words, p("note" + note("1", words)))),
)


@settings(max_examples=60)
@given(blocks=st.lists(BLOCKS, min_size=1, max_size=8))
def test_words_that_were_put_in_come_out_in_order(
    blocks: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    parsed = read(
        tmp_path_factory.getbasetemp(), made.container("text", "".join(xml for _, xml in blocks)), "a.odt"
    )
    found = " ".join(parsed.markdown.split())
    position = 0
    for words, _ in blocks:
        position = found.index(words, position) + len(words)


def test_a_changed_file_is_read_or_refused(tmp_path: Path) -> None:
    members = made.styles(OUTLINE, master("Standard", header("Top")))
    body = (
        h("One")
        + p(f"a{note('1', 'x')}{box('y')}")
        + items("a", "b")
        + table(row(td("a", 'table:number-columns-spanned="2"'), COVERED))
    )
    data = made.container("text", body + p(frame('<draw:object xlink:href="./O"/>')), text_style("B", 'fo:font-weight="bold"'),
                          members | {"O/content.xml": made.content("chart", table(row("a", "b")))})  # fmt: skip
    survives(tmp_path, [data], "a.odt", times=250)
