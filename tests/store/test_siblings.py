"""The order of siblings: places without gaps in answers, and moves that change one row."""

import random

import pytest

from lethe.core.context import Context
from lethe.core.tree import nodes, trash
from lethe.core.tree.nodes import Change
from lethe.store.tree import siblings
from tests.store.conftest import COMPANY


async def folder(ctx: Context, title: str, parent_id: str | None = None) -> str:
    """A new folder's id."""
    made = await nodes.create_folder(ctx, company_id=COMPANY, title=title, parent_id=parent_id)
    return made.id


async def move(ctx: Context, node_id: str, place: int) -> int:
    """Put a node at a place; the place that the answer tells."""
    changed = await nodes.change(ctx, Change(position=place), company_id=COMPANY, node_id=node_id)
    return changed.position


async def order(ctx: Context, parent_id: str | None) -> list[str]:
    """The ids of what is shown in a folder, which has places without gaps."""
    shown = await nodes.show_tree(ctx, company_id=COMPANY, parent_id=parent_id, depth=1)
    inside = [node for node in shown if node.parent_id == parent_id]
    assert [node.position for node in inside] == [*range(len(inside))]
    return [node.id for node in inside]


async def keys(ctx: Context) -> dict[str, int]:
    """What orders the nodes, by their ids."""
    async with ctx.db.transaction(COMPANY) as conn:
        return {id: key for id, key in await (await conn.execute("SELECT id, position FROM node")).fetchall()}


async def test_a_move_changes_one_row(ctx: Context) -> None:
    parent = await folder(ctx, "parent")
    ids = [await folder(ctx, str(n), parent) for n in range(8)]
    for place in (0, 5, 3, 7, 99, 0):
        before = await keys(ctx)
        assert await move(ctx, ids[4], place) == min(place, 7)
        after = await keys(ctx)
        assert [id for id in after if after[id] != before[id]] in ([ids[4]], [])
        assert (await order(ctx, parent)).index(ids[4]) == min(place, 7)


@pytest.mark.parametrize("at_root", [False, True])
async def test_the_order_is_that_of_a_list_also_when_no_key_is_left(
    ctx: Context, monkeypatch: pytest.MonkeyPatch, at_root: bool
) -> None:
    parent = None if at_root else await folder(ctx, "parent")
    for n in range(6):
        await folder(ctx, str(n), parent)
    async with ctx.db.transaction(COMPANY) as conn:  # dense, as they were kept before, and two alike
        await conn.execute("UPDATE node SET position = position / %s", (2 * siblings.GAP,))
    monkeypatch.setattr(siblings, "GAP", 4)
    expected, chance = await order(ctx, parent), random.Random(5)
    for _ in range(40):
        id, place = chance.choice(expected), chance.randrange(8)
        expected.remove(id)
        expected.insert(place, id)
        assert await move(ctx, id, place) == expected.index(id)
        assert await order(ctx, parent) == expected


async def test_what_is_deleted_leaves_no_gap_and_a_new_one_comes_last(ctx: Context) -> None:
    parent = await folder(ctx, "parent")
    ids = [await folder(ctx, str(n), parent) for n in range(4)]
    await trash.delete(ctx, company_id=COMPANY, node_id=ids[1], by="test")
    assert await order(ctx, parent) == [ids[0], ids[2], ids[3]]
    new = await nodes.create_folder(ctx, company_id=COMPANY, title="new", parent_id=parent)
    assert new.position == 3
    await trash.restore(ctx, company_id=COMPANY, node_id=ids[1])
    assert await order(ctx, parent) == [*ids, new.id]


async def test_a_part_of_the_tree_tells_the_place_of_its_top(ctx: Context) -> None:
    parent = await folder(ctx, "parent")
    second = [await folder(ctx, str(n), parent) for n in range(2)][1]
    top, *_ = await nodes.show_tree(ctx, company_id=COMPANY, parent_id=second, depth=None)
    assert (top.id, top.position) == (second, 1)
