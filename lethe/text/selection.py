"""Selects nodes of a document's tree and renders them as Markdown or as a JSON tree.

`blocks` always contains every block of a document in order, starting with number 0, and is iterated more than once. A
selection is a set of block numbers; None means the whole document.

Both forms contain the same text: a node's content is its own text; LIST and TABLE have none and show their items and
rows. Only a SECTION differs: Markdown has `## Title`, the tree has `Title`.
"""

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

import orjson

from lethe.domain.records.blocks import Block, BlockType, SheetRows
from lethe.text.blocks import heading_title
from lethe.text.headings import Headings

ROOT_TYPE = "DocumentNode"
ROOT_NUMBER = -1
_SPANS = (BlockType.LIST, BlockType.TABLE)
_ROWS = (BlockType.LIST_ITEM, BlockType.TABLE_ROW)


class Origin(NamedTuple):
    """Where the stretch of selected text that begins at `offset` comes from: the number of its page, slide, sheet or
    part, and the headings above it."""

    offset: int
    place: int
    headings: tuple[str, ...]


def select(
    blocks: Iterable[Block],
    *,
    include: Collection[BlockType] | None,
    exclude: Collection[BlockType] | None,
    numbers: AbstractSet[int] | None,
    include_children: bool = True,
    include_ancestors: bool = False,
) -> AbstractSet[int] | None:
    """Choose nodes, in this order:

    1. `numbers` (None: all) and, with `include_children`, everything under them; ROOT_NUMBER means all;
    2. of these, nodes of the types in `include` (None: any) and, with `include_children`, everything under
       them: a table comes with its rows, a section with its text;
    3. with `include_ancestors`, every node above a chosen node;
    4. minus nodes of the types in `exclude`, which always wins. Everything under an excluded list, item or table
       is excluded too; an excluded section loses only its heading.

    Returns None if there is no filter. Numbers without a block are ignored.
    """
    if include_children and numbers is not None and ROOT_NUMBER in numbers:
        numbers = None
    if include is None and not exclude and numbers is None:
        return None
    scope: set[int] = set()
    chosen: set[int] = set()
    for block in blocks:
        if numbers is not None:
            if block.number not in numbers and not (include_children and block.parent in scope):
                continue
            scope.add(block.number)
        wanted = include is None or block.type in include
        if wanted or (include_children and block.parent in chosen):
            chosen.add(block.number)
    if include_ancestors:
        _add_ancestors(chosen, blocks)
    if exclude:
        chosen -= _hidden(blocks, exclude)
    return chosen


def to_markdown(text: str, blocks: Iterable[Block], selected: AbstractSet[int] | None) -> str:
    """The own texts of the selected nodes in order; for the whole document, its text.

    Adjacent nodes keep the white space between them. Where something between them was left out, rows and items are
    separated by a line end, anything else by a blank line.
    """
    if selected is None:
        return text
    return "".join(
        between + text[block.start : block.end] for between, block in _kept(text, blocks, selected)
    )


def origins(text: str, blocks: Iterable[Block], selected: AbstractSet[int]) -> list[Origin]:
    """Where each stretch of the result of `to_markdown` comes from, in order."""
    headings = Headings()

    def read() -> Iterator[Block]:
        for block in blocks:
            if block.type is BlockType.SECTION:
                headings.enter(block.level, text[block.start : block.end])
            yield block

    found: list[Origin] = []
    offset = 0
    for between, block in _kept(text, read(), selected):
        offset += len(between)
        if not found or (block.place, headings.path) != found[-1][1:]:
            found.append(Origin(offset, block.place, headings.path))
        offset += block.end - block.start
    return found


def sheet_rows(text: str, blocks: Iterable[Block], selected: AbstractSet[int]) -> SheetRows:
    """Which rows of sheets the result of `to_markdown` comes from."""
    starts, numbers = array("q"), array("q")
    offset = 0
    for between, block in _kept(text, blocks, selected):
        offset += len(between)
        if block.row != (numbers[-1] if numbers else 0):
            starts.append(offset)
            numbers.append(block.row)
        offset += block.end - block.start
    return SheetRows(starts, numbers)


def _kept(
    text: str, blocks: Iterable[Block], selected: AbstractSet[int] | None
) -> Iterator[tuple[str, Block]]:
    """The selected blocks with a text of their own, each with its separator from the previous one."""
    previous: Block | None = None
    gap = False
    for block in blocks:
        if block.type in _SPANS or block.start == block.end:
            continue
        if selected is not None and block.number not in selected:
            gap = True
            continue
        between = ""
        if previous is not None:
            rows = block.type in _ROWS and previous.type is block.type
            between = ("\n" if rows else "\n\n") if gap else text[previous.end : block.start]
        yield between, block
        previous, gap = block, False


def to_tree(
    text: str,
    blocks: Iterable[Block],
    selected: AbstractSet[int] | None,
    *,
    node_id: Callable[[int], str],
    place: Callable[[int], Mapping[str, Any]],
) -> Iterator[bytes]:
    """The selected nodes as JSON, `{"id", "type", "content", "children"}`, under a root that represents the document.

    `node_id` returns the id for a block number, -1 for the root; `place` returns the fields for a block's place. A node
    made from a row of a sheet has its `row`. A node under headings has `headings`, whether or not these are selected.
    A node whose parent is not selected goes under its nearest selected ancestor, or else under the root.
    """
    yield _opened(node_id(ROOT_NUMBER), ROOT_TYPE, "", {})
    # Blocks come in reading order: a node's parent is always on the path to the previous node.
    way = [ROOT_NUMBER]
    nearest = array("q")  # per block: itself, or its nearest selected ancestor
    headings = Headings()
    has_children = False
    for block in blocks:
        above = nearest[block.parent] if block.parent >= 0 else ROOT_NUMBER
        chosen = selected is None or block.number in selected
        nearest.append(block.number if chosen else above)
        path = headings.path
        if block.type is BlockType.SECTION:
            path = headings.enter(block.level, text[block.start : block.end])
        if not chosen:
            continue
        while way[-1] != above:
            way.pop()
            has_children = True
            yield b"]}"
        if has_children:
            yield b","
        where = {**(place(block.place) if block.place else {}), **({"row": block.row} if block.row else {})}
        more = {**where, "headings": path} if path else where
        yield _opened(node_id(block.number), block.type.value, _content(text, block), more)
        way.append(block.number)
        has_children = False
    yield b"]}" * len(way)


def _add_ancestors(chosen: set[int], blocks: Iterable[Block]) -> None:
    parents = array("q", (block.parent for block in blocks))
    for number in list(chosen):
        parent = parents[number]
        while parent >= 0 and parent not in chosen:
            chosen.add(parent)
            parent = parents[parent]


def _hidden(blocks: Iterable[Block], exclude: Collection[BlockType]) -> set[int]:
    hidden: set[int] = set()
    closed: set[int] = set()  # hidden with everything under them
    for block in blocks:
        if block.parent in closed or (block.type in exclude and block.type is not BlockType.SECTION):
            closed.add(block.number)
        elif block.type in exclude:
            hidden.add(block.number)
    return hidden | closed


def _content(text: str, block: Block) -> str:
    if block.type in _SPANS:
        return ""
    own = text[block.start : block.end]
    return heading_title(own) if block.type is BlockType.SECTION else own


def _opened(identity: str, kind: str, content: str, more: Mapping[str, Any]) -> bytes:
    """A node's JSON up to its children."""
    return orjson.dumps({"id": identity, "type": kind, "content": content, **more})[:-1] + b',"children":['
