"""The writer of blocks: what is given to it is in the tree, as blocks of its types, in order, none in another."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import Block, BlockType
from lethe.parsers.markdown.inline import literal
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.source import Reading, Source
from lethe.text.blocks import split_parts
from tests.unit.parsers.markdown.nasty import any_texts, stays_listed, texts, words

SECTION, TEXT, TABLE, ROW = BlockType.SECTION, BlockType.TEXT, BlockType.TABLE, BlockType.TABLE_ROW
LIST, ITEM = BlockType.LIST, BlockType.LIST_ITEM
MARKERS = ["-", "1.", "2.", "2)", "10.", "a)", "IV.", "•", ""]


def writer(characters: int = 1_000_000) -> Writer:
    return Writer(Source(Path("x"), "x.docx", Limits(text_characters=characters)))


def tree_of(markdown: str, size: int = 128 * 1024) -> list[tuple[Block, str]]:
    """The blocks of a text with their own texts."""
    parts = list(split_parts(markdown, size))
    assert "".join(part.text for part in parts) == markdown
    return [(block, markdown[block.start : block.end]) for part in parts for block in part.blocks]


def between(markdown: str, count: int) -> list[list[tuple[Block, str]]]:
    """The blocks before each of the headings `mark 0`, `mark 1`... of the highest level, all of which must be there."""
    groups: list[list[tuple[Block, str]]] = [[]]
    for block, text in tree_of(markdown):
        if block.type is SECTION and text == f"# mark {len(groups) - 1}":
            groups.append([])
        else:
            groups[-1].append((block, text))
    assert len(groups) == count + 1
    assert not groups.pop()
    return groups


def own_words(blocks: list[tuple[Block, str]]) -> list[str]:
    return [word for block, text in blocks if block.type not in (LIST, TABLE) for word in words(text)]


@given(st.lists(st.tuples(st.integers(-1, 9), texts, st.booleans()), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_headings_and_paragraphs_stay_what_they_are(given: list[tuple[int, str, bool]]) -> None:
    out = writer()
    for number, (level, text, raw) in enumerate(given):
        inline = text if raw else literal(text)
        if level % 2:
            out.heading(level, inline)
        else:
            out.paragraph(inline)
        out.heading(1, f"mark {number}")
    for (level, text, _), blocks in zip(given, between(out.text(), len(given)), strict=True):
        assert own_words(blocks) == words(text)
        types = [block.type for block, _ in blocks]
        if level % 2:
            assert types in ([SECTION], [])
        elif not stays_listed(text):
            assert set(types) <= {TEXT}


@given(st.lists(any_texts, min_size=1, max_size=4), st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_paragraph_of_any_text_swallows_nothing_that_follows(given: list[str], table: bool) -> None:
    out = writer()
    for number, text in enumerate(given):
        out.paragraph(text)
        out.table([["one", "two"], ["three", "four"]]) if table else out.code("one\ntwo three four")
        out.heading(1, f"mark {number}")
    for text, blocks in zip(given, between(out.text(), len(given)), strict=True):
        assert own_words(blocks) == [*words(text), "one", "two", "three", "four"]
        assert blocks[-1][0].type is (ROW if table else TEXT)


@given(st.lists(st.tuples(texts, st.integers(-1, 12), st.sampled_from(MARKERS)), min_size=1, max_size=8))
@settings(max_examples=300, deadline=None)
def test_items_are_items_at_their_depth(given: list[tuple[str, int, str]]) -> None:
    out = writer()
    for text, depth, marker in given:
        out.item(text, depth, marker)
    out.paragraph("after")
    out.heading(1, "mark 0")
    (blocks,) = between(out.text(), 1)
    assert blocks[-1][0].type is TEXT
    assert blocks[-1][0].parent == -1
    assert blocks[-1][1] == "after"
    shown = [item for item in given if literal(item[0]).strip()]
    ordinals = {"1.": [], "2.": [], "2)": [], "10.": [], "a)": ["a"], "IV.": ["IV"]}
    assert [word for word in own_words(blocks) if not word.isdigit()][:-1] == [
        word
        for text, _, marker in shown
        for word in [*ordinals.get(marker, []), *words(text)]
        if not word.isdigit()
    ]
    if any(stays_listed(text) for text, _, _ in given):
        return
    parents = {block.number: block.parent for block, _ in blocks}
    depths = [_depth(parents, block.number) for block, _ in blocks if block.type is ITEM]
    assert {block.type for block, _ in blocks} <= {LIST, ITEM, TEXT}
    open_ones: list[int] = []
    expected = []
    for _, depth, _ in shown:
        open_ones = [above for above in open_ones[:8] if above < depth]
        expected.append(len(open_ones))
        open_ones.append(depth)
    assert depths == expected


def _depth(parents: dict[int, int], number: int) -> int:
    above = 0
    while parents[number] >= 0:
        number = parents[number]
        above += 1
    return above // 2


@given(st.lists(st.lists(texts, max_size=4), max_size=5))
@settings(max_examples=200, deadline=None)
def test_a_table_has_its_rows_and_nothing_is_outside_of_it(rows: list[list[str]]) -> None:
    out = writer()
    out.paragraph("before")
    out.table(rows)
    out.paragraph("after")
    blocks = [(block, text) for block, text in tree_of(out.text()) if text not in ("before", "after")]
    shown = [row for row in rows if any(cell.strip() for cell in row)]
    assert [block.type for block, _ in blocks] == ([TABLE, *[ROW] * len(shown)] if shown else [])
    assert own_words(blocks) == [word for row in shown for cell in row for word in words(cell)]


@given(st.lists(any_texts, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_code_is_one_block_with_its_text(given: list[str]) -> None:
    out = writer()
    for number, text in enumerate(given):
        out.code(text)
        out.note("1", "after")
        out.heading(1, f"mark {number}")
    for text, blocks in zip(given, between(out.text(), len(given)), strict=True):
        assert own_words(blocks) == [*words(text), "1", "after"]
        assert [block.type for block, _ in blocks] in ([TEXT, TEXT], [TEXT])


@given(st.lists(any_texts, min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_what_another_reader_read_swallows_nothing_that_follows(given: list[str]) -> None:
    out = writer()
    for number, text in enumerate(given):
        out.include(Reading(text, warnings=("Something.",)))
        out.heading(1, f"mark {number}")
        out.paragraph("end")
    sections = [text for block, text in tree_of(out.text()) if block.type is SECTION and "mark" in text]
    assert sections == [f"# mark {number}" for number in range(len(given))]
    expected = [
        word for number, text in enumerate(given) for word in [*words(text), "mark", str(number), "end"]
    ]
    closers = ("script", "pre")  # of blocks that the text leaves open
    assert [word for word in words(out.text()) if word not in closers] == [
        word for word in expected if word not in closers
    ]
    assert out.reading().warnings == ("Something.",)


@given(st.lists(st.tuples(texts, st.integers(0, 3)), max_size=6))
@settings(deadline=None)
def test_a_block_begins_behind_the_place_that_it_stands_in(given: list[tuple[str, int]]) -> None:
    out = writer()
    expected = []
    for number, (text, blocks) in enumerate(given, start=1):
        out.place(number, f"sheet {number}")
        for title in (f"{number} {count}" for count in range(blocks)):
            out.paragraph(text)
            out.heading(1, title)
            expected.append((number, f"# {title}"))
    reading = out.reading()
    found = []
    for block, text in tree_of(reading.markdown):
        if block.type is SECTION and block.level == 1:
            found.append((max(p.number for p in reading.places if p.start <= block.start), text))
    assert found == expected


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("# no heading", "\\# no heading"),
        ("#tag", "#tag"),
        ("a\n---", "a\n\\---"),
        ("===", "==="),
        ("a\n===", "a\n\\==="),
        ("```code``` is", "```code``` is"),
        ("```", "\\```"),
        ("-", "-"),
        ("* * *", "\\* * *"),
        ("1. Introduction", "1. Introduction"),
        ("> 5 and < 7", "> 5 and < 7"),
        ("a | b\n--- | ---", "a | b\n\\--- | ---"),
        ("<script", "\\<script"),
        ("<b is less", "<b is less"),
        ("AT&T, x<y && y>1", "AT&T, x<y && y>1"),
    ],
)
def test_a_paragraph_is_escaped_only_where_it_would_be_another_block(text: str, stored: str) -> None:
    out = writer()
    out.paragraph(text)
    assert out.text() == f"{stored}\n"


def test_a_heading_keeps_the_signs_at_its_end() -> None:
    out = writer()
    out.heading(2, "C# and C #")
    assert out.text() == "## C# and C \\#\n"


def test_items_of_another_form_begin_another_list() -> None:
    out = writer()
    out.item("a")
    out.item("b", 1, "2.")
    out.item("c", 0, "3.")
    out.item("d", 0, "4.")
    assert out.text() == "- a\n\n  2. b\n3. c\n4. d\n"


def test_rows_of_a_wide_table_are_not_filled_up() -> None:
    out = writer()
    out.table([["a"] * 1000, *[["b"]] * 1000])
    assert len(out.text()) < 20_000
    assert [block.type for block, _ in tree_of(out.text())] == [TABLE, *[ROW] * 1001]


def test_more_text_than_the_limit_is_refused() -> None:
    out = writer(10)
    with pytest.raises(InputRejected, match="more text than the limit of 10"):
        out.paragraph("eleven and more")
