"""The tree of a document: what becomes which block, and where a long text is cut."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings

from lethe.domain.records.blocks import Block, BlockType
from lethe.text.blocks import heading_title, split_parts
from tests.unit.text.markdown_texts import part_sizes, texts

OWN_TEXT = {BlockType.SECTION, BlockType.TEXT, BlockType.IMAGE, BlockType.LIST_ITEM, BlockType.TABLE_ROW}


def blocks_of(text: str, size: int = 128 * 1024) -> list[Block]:
    return [block for part in split_parts(text, size) for block in part.blocks]


def outline(text: str, size: int = 128 * 1024) -> list[tuple[str, int, str]]:
    """Type, parent and text of each block."""
    return [(b.type.name, b.parent, text[b.start : b.end]) for b in blocks_of(text, size)]


@given(texts, part_sizes)
def test_parts_concatenate_to_the_text(text: str, size: int) -> None:
    parts = list(split_parts(text, size))
    assert "".join(part.text for part in parts) == text
    assert [part.number for part in parts] == list(range(len(parts)))
    assert all(text.startswith(part.text, part.start) for part in parts)


@given(texts, part_sizes)
@settings(max_examples=300)
def test_every_character_that_is_not_blank_is_in_exactly_one_own_text(text: str, size: int) -> None:
    own = [b for b in blocks_of(text, size) if b.type in OWN_TEXT]
    assert all(one.end <= other.start for one, other in pairwise(own))
    gaps = [0, *(offset for b in own for offset in (b.start, b.end)), len(text)]
    assert all(not text[gaps[i] : gaps[i + 1]].strip() for i in range(0, len(gaps), 2))


@given(texts, part_sizes)
def test_blocks_are_numbered_in_reading_order_and_come_after_their_parents(text: str, size: int) -> None:
    blocks = blocks_of(text, size)
    assert [b.number for b in blocks] == list(range(len(blocks)))
    assert all(-1 <= b.parent < b.number for b in blocks)
    for b in blocks:
        above = blocks[b.parent].type if b.parent >= 0 else BlockType.SECTION
        assert above in {
            BlockType.LIST_ITEM: {BlockType.LIST},
            BlockType.TABLE_ROW: {BlockType.TABLE},
            BlockType.TEXT: {BlockType.SECTION, BlockType.LIST_ITEM},
            BlockType.LIST: {BlockType.SECTION, BlockType.LIST_ITEM},
        }.get(b.type, {BlockType.SECTION})
        if above in (BlockType.LIST, BlockType.TABLE):
            assert blocks[b.parent].start <= b.start <= b.end <= blocks[b.parent].end


@given(texts, part_sizes)
def test_each_part_holds_the_blocks_that_begin_in_it(text: str, size: int) -> None:
    for part in split_parts(text, size):
        end = part.start + len(part.text)
        assert all(part.start <= b.start <= b.end <= end for b in part.blocks)


def test_sections_hold_what_follows_until_a_heading_of_the_same_level() -> None:
    text = "before\n\n# A\n\none\n\n## B\n\ntwo\n\n# C\n\nthree\n"
    assert outline(text) == [
        ("TEXT", -1, "before"),
        ("SECTION", -1, "# A"),
        ("TEXT", 1, "one"),
        ("SECTION", 1, "## B"),
        ("TEXT", 3, "two"),
        ("SECTION", -1, "# C"),
        ("TEXT", 5, "three"),
    ]


def test_sections_go_on_in_the_next_part() -> None:
    text = "# A\n\n" + "word word word\n\n" * 20
    parts = list(split_parts(text, 64))
    assert len(parts) > 5
    assert {b.parent for part in parts for b in part.blocks} == {-1, 0}


def test_a_nested_list_is_in_its_item_and_what_follows_it_is_text_of_the_item() -> None:
    assert outline("- a\n  more\n  - b\n\n  after\n- c\n") == [
        ("LIST", -1, "- a\n  more\n  - b\n\n  after\n- c"),
        ("LIST_ITEM", 0, "- a\n  more"),
        ("LIST", 1, "  - b"),
        ("LIST_ITEM", 2, "  - b"),
        ("TEXT", 1, "  after"),
        ("LIST_ITEM", 0, "- c"),
    ]


def test_an_item_that_begins_with_a_list_has_no_text_of_its_own() -> None:
    assert [(name, text) for name, _, text in outline("- - a\n")] == [
        ("LIST", "- - a"),
        ("LIST_ITEM", ""),
        ("LIST", "- - a"),
        ("LIST_ITEM", "- - a"),
    ]


def test_a_table_has_its_delimiter_row_with_the_header() -> None:
    assert outline("intro\na | b\n--|--\n1 | 2\n\nafter") == [
        ("TEXT", -1, "intro"),
        ("TABLE", -1, "a | b\n--|--\n1 | 2"),
        ("TABLE_ROW", 1, "a | b\n--|--"),
        ("TABLE_ROW", 1, "1 | 2"),
        ("TEXT", -1, "after"),
    ]


@pytest.mark.parametrize("text", ["a | b\n-- | -- | --", "a\n|--|--|", "a | b\nc | d", "a b\n---|"])
def test_lines_with_bars_are_no_table_without_a_fitting_delimiter_row(text: str) -> None:
    assert [name for name, _, _ in outline(text)] == ["TEXT"]


def test_a_table_of_several_parts_stays_a_table() -> None:
    text = "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 100 + "\nafter\n"
    blocks = outline(text, 200)
    assert sum(name == "TABLE_ROW" for name, _, _ in blocks) == 101
    assert blocks[-1] == ("TEXT", -1, "after")


def test_headings_in_a_fence_of_several_parts_are_code() -> None:
    text = "```sh\n" + "# comment\n" * 100 + "```\n\n# Heading\n"
    blocks = outline(text, 200)
    assert [name for name, _, _ in blocks].count("SECTION") == 1
    assert blocks[-1] == ("SECTION", -1, "# Heading")


def test_a_paragraph_of_images_only_is_an_image() -> None:
    assert [name for name, _, _ in outline("![a](b.png)\n\n[![a](b)](c)\n\n![a](b) says\n")] == [
        "IMAGE",
        "IMAGE",
        "TEXT",
    ]


def test_quotes_code_html_rules_and_link_definitions_are_text() -> None:
    text = "> # q\n> - z\n\n```\n# c\n```\n\n<b>x</b>\n\n***\n\n[a]: b\n"
    assert {name for name, _, _ in outline(text)} == {"TEXT"}


def test_front_matter_is_text_and_no_heading() -> None:
    assert outline("---\ntitle: x\ntags: y\n---\n# A\n") == [
        ("TEXT", -1, "---\ntitle: x\ntags: y\n---"),
        ("SECTION", -1, "# A"),
    ]


@pytest.mark.parametrize(
    ("source", "title"),
    [("# A b", "A b"), ("## A #", "A"), ("#", ""), ("## #", ""), ("A\nb\n===", "A b"), ("# C#", "C#")],
)
def test_a_title_is_the_heading_without_its_marks(source: str, title: str) -> None:
    assert heading_title(source) == title


@pytest.mark.parametrize(
    "text",
    [
        ">" * 100_000,
        (">" * 60_000 + " a\n") * 2,
        "- " * 60_000 + "a\n",
        ("- " * 500 + "a\n") * 100,
        "[" * 100_000,
        "[\n" * 40_000,
        "![" * 50_000,
        "|a" * 30_000 + "\n" + "|-" * 30_000 + "\n|x",
        "`" * 100_000,
        "```\n" * 20_000,
        "<!--\n" * 20_000,
        "".join("  " * i + "- a\n" for i in range(300)),
        "*" * 100_000,
        "_ " * 50_000,
        "---\na: b\n" * 10_000,
        "\n" * 3_000_000,
        "a" * 5_000_000,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_hostile_markdown_takes_bounded_time(text: str) -> None:
    begin = time.process_time()
    assert sum(len(part.text) for part in split_parts(text)) == len(text)
    assert time.process_time() - begin < 30


def test_structure_past_the_bound_is_plain_text() -> None:
    text = "- a\n" * 1000
    parts = list(split_parts(text, 400, steps=100))
    assert "".join(part.text for part in parts) == text
    assert [b.type for b in parts[0].blocks][:2] == [BlockType.LIST, BlockType.LIST_ITEM]
    assert all([b.type for b in part.blocks] == [BlockType.TEXT] for part in parts[1:])
