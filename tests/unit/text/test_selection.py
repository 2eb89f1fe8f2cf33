"""Which nodes a caller gets, as markdown and as a tree."""

from collections.abc import Iterator
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from lethe.domain.records.blocks import Block, BlockType
from lethe.text.blocks import split_parts
from lethe.text.selection import ROOT_TYPE, origins, select, to_markdown, to_tree
from tests.unit.text.markdown_texts import markdown

TEXT = """# Plans

Intro.

- monthly
  - cheap
- yearly

| a | b |
|---|---|
| 1 | 2 |

## Prices

Ten.
"""
NUMBERS = {
    name: number
    for number, name in enumerate(
        [
            "plans",
            "intro",
            "list",
            "monthly",
            "inner",
            "cheap",
            "yearly",
            "table",
            "head",
            "row",
            "prices",
            "ten",
        ]
    )
}


def nowhere(_place: int) -> dict[str, int]:
    """A document without pages."""
    return {}


def blocks_of(text: str) -> list[Block]:
    return [block for part in split_parts(text) for block in part.blocks]


def chosen(
    *names: str,
    include: set[BlockType] | None = None,
    exclude: set[BlockType] | None = None,
    children: bool = True,
    ancestors: bool = False,
) -> set[str]:
    found = select(
        blocks_of(TEXT),
        include=include,
        exclude=exclude,
        numbers={NUMBERS[name] for name in names} if names else None,
        include_children=children,
        include_ancestors=ancestors,
    )
    assert found is not None
    return {name for name, number in NUMBERS.items() if number in found}


def nodes(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The tree's nodes in reading order, the root first."""
    yield tree
    for child in tree["children"]:
        yield from nodes(child)


def test_without_a_filter_it_is_the_whole_document() -> None:
    assert select(blocks_of(TEXT), include=None, exclude=None, numbers=None) is None
    assert to_markdown(TEXT, blocks_of(TEXT), None) == TEXT


def test_a_node_comes_with_all_that_is_under_it() -> None:
    assert chosen("monthly") == {"monthly", "inner", "cheap"}
    assert chosen("prices") == {"prices", "ten"}


def test_a_node_comes_alone_without_children() -> None:
    assert chosen("table", children=False) == {"table"}


def test_ancestors_come_on_request() -> None:
    assert chosen("cheap", ancestors=True) == {"cheap", "inner", "monthly", "list", "plans"}


def test_a_type_comes_with_what_is_under_it() -> None:
    assert chosen(include={BlockType.TABLE}) == {"table", "head", "row"}
    assert chosen(include={BlockType.SECTION}, children=False) == {"plans", "prices"}


def test_types_are_looked_for_under_the_given_nodes() -> None:
    assert chosen("plans", include={BlockType.LIST}) == {"list", "monthly", "inner", "cheap", "yearly"}
    assert chosen("prices", include={BlockType.LIST}) == set()


def test_an_excluded_list_or_table_goes_with_all_that_is_in_it() -> None:
    assert chosen(exclude={BlockType.LIST, BlockType.TABLE}) == {"plans", "intro", "prices", "ten"}


def test_of_an_excluded_section_only_the_heading_goes() -> None:
    assert chosen(exclude={BlockType.SECTION}) == NUMBERS.keys() - {"plans", "prices"}


def test_exclude_wins_over_everything() -> None:
    assert chosen("ten", exclude={BlockType.TEXT}, ancestors=True) == {"plans", "prices"}


def test_an_empty_include_or_an_unknown_number_chooses_nothing() -> None:
    assert chosen(include=set()) == set()
    assert select(blocks_of(TEXT), include=None, exclude=None, numbers={99, -2}) == frozenset()
    assert to_markdown(TEXT, blocks_of(TEXT), frozenset()) == ""


def test_what_is_left_out_leaves_a_blank_line_and_rows_stay_together() -> None:
    blocks = blocks_of(TEXT)
    assert to_markdown(TEXT, blocks, {NUMBERS["plans"], NUMBERS["ten"]}) == "# Plans\n\nTen."
    rows = {NUMBERS["monthly"], NUMBERS["yearly"]}
    assert to_markdown(TEXT, blocks, rows) == "- monthly\n- yearly"
    assert to_markdown(TEXT, blocks, {NUMBERS["head"], NUMBERS["row"]}) == "| a | b |\n|---|---|\n| 1 | 2 |"


def test_the_tree_has_titles_own_texts_and_a_root_for_the_document() -> None:
    tree = orjson.loads(b"".join(to_tree(TEXT, blocks_of(TEXT), None, node_id="n{}".format, place=nowhere)))
    assert (tree["id"], tree["type"], tree["content"]) == ("n-1", ROOT_TYPE, "")
    found = {node["id"]: node for node in nodes(tree)}
    assert found["n0"]["content"] == "Plans"
    assert (found["n2"]["type"], found["n2"]["content"]) == ("ListNode", "")
    assert [child["content"] for child in found["n2"]["children"]] == ["- monthly", "- yearly"]
    assert [child["id"] for child in found["n10"]["children"]] == ["n11"]


def test_a_node_whose_parent_is_left_out_hangs_under_the_nearest_ancestor() -> None:
    kept = {NUMBERS["plans"], NUMBERS["cheap"]}
    tree = orjson.loads(b"".join(to_tree(TEXT, blocks_of(TEXT), kept, node_id=str, place=nowhere)))
    assert [node["id"] for node in tree["children"][0]["children"]] == [str(NUMBERS["cheap"])]


@given(markdown, st.sets(st.sampled_from(BlockType)), st.sets(st.sampled_from(BlockType)), st.booleans())
def test_markdown_and_tree_hold_the_same_text(
    text: str, include: set[BlockType], exclude: set[BlockType], children: bool
) -> None:
    blocks = blocks_of(text)
    selected = select(
        blocks, include=include or None, exclude=exclude, numbers=None, include_children=children
    )
    tree = orjson.loads(b"".join(to_tree(text, blocks, selected, node_id=str, place=nowhere)))
    marks = str.maketrans("", "", "#= \t\n-")
    contents = "".join(node["content"] for node in nodes(tree))
    markdown_text = to_markdown(text, blocks, selected)
    # All white space of Unicode apart: a blank line of U+2028 belongs to no node.
    assert "".join(contents.translate(marks).split()) == "".join(markdown_text.translate(marks).split())


def on_pages(text: str, numbers: list[int]) -> list[Block]:
    """The blocks of a text, each on its page."""
    return [block._replace(place=place) for block, place in zip(blocks_of(text), numbers, strict=True)]


def test_the_nodes_of_the_tree_tell_their_places() -> None:
    blocks = on_pages("# A\n\none\n\ntwo\n", [1, 1, 2])
    made = to_tree("# A\n\none\n\ntwo\n", blocks, None, node_id=str, place=lambda place: {"page": place})
    tree = orjson.loads(b"".join(made))
    assert [node.get("page") for node in nodes(tree)] == [None, 1, 1, 2]


def test_places_are_offsets_in_the_markdown_that_is_given() -> None:
    text = "\n# A\n\none\n\ntwo\n\nthree\n"
    blocks = on_pages(text, [1, 1, 2, 3])
    below = ("A",)
    kept = to_markdown(text, blocks, {1, 3})
    assert origins(text, blocks, {1, 3}) == [(0, 1, below), (kept.index("three"), 3, below)]
    assert origins(text, blocks, frozenset()) == []
