"""The order of siblings: sparse keys in `node.position`, places counted from 0 in responses.

Moving a node changes only its own key, to one between its neighbours', so the cost does not grow with the number of
siblings. Siblings with equal keys, which two calls of the Artifacts API may create, are in order of creation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString, cast

from lethe.store.database.transactions import Tx

GAP = 2**36
"""Distance between the keys of neighbours: 36 nodes fit between two before their level is spread again."""

PLACE: LiteralString = """
    CASE WHEN n.parent_id IS NULL THEN
        (SELECT count(*) FROM live_node s WHERE s.company_id = n.company_id AND s.parent_id IS NULL {before})
    ELSE (SELECT count(*) FROM live_node s WHERE s.company_id = n.company_id AND s.parent_id = n.parent_id {before}) END
""".replace(
    "{before}",
    """AND s.position <= n.position
       AND (s.position, s.created_at, s.id) < (n.position, n.created_at, n.id)""",
)
"""The place of a live node `n` among its live siblings. Each branch has a condition that an index supports."""


PARENT: LiteralString = "(SELECT p.id FROM node p WHERE p.company_id = n.company_id AND p.id = n.parent_id)"
"""The folder of a node `n`; NULL at the root, or if the caller's bounds exclude the folder."""


@dataclass(frozen=True, slots=True, order=True)
class _Key:
    position: int
    created_at: datetime
    id: str


def level(parent_id: str | None) -> LiteralString:
    """The condition for the nodes in a folder, %(parent_id)s, or at the root."""
    return "parent_id IS NULL" if parent_id is None else "parent_id = %(parent_id)s"


def top_of_bounds(node: LiteralString) -> LiteralString:
    """The condition for the uppermost nodes that the caller is bound to, %(roots)s: they are its root level."""
    return f"""{node}.id = ANY (%(roots)s) AND NOT EXISTS (
        SELECT FROM node p WHERE p.company_id = {node}.company_id AND p.id = {node}.parent_id)"""


async def reorder(tx: Tx, *, node_id: str, parent_id: str | None, place: int) -> None:
    """Move a node to a place among its live siblings, counted from 0; to the end if the place is beyond it."""
    params = {"parent_id": parent_id, "id": node_id, "place": place, "gap": GAP}
    own, before, after = await _around(tx, params)
    if (before is None or before < own) and (after is None or own < after):
        return
    if before is not None and after is not None and after.position - before.position < 2:
        await _spread(tx, params)
        own, before, after = await _around(tx, params)
    await tx.execute(
        "UPDATE node SET position = %(key)s, updated_at = now() WHERE company_id = %(company_id)s AND id = %(id)s",
        {**params, "key": _between(before, after)},
    )


def _between(before: _Key | None, after: _Key | None) -> int:
    if before is None:
        return 0 if after is None else after.position - GAP
    return before.position + GAP if after is None else (before.position + after.position) // 2


async def _around(tx: Tx, params: Mapping[str, str | int | None]) -> tuple[_Key, _Key | None, _Key | None]:
    """The node's own key, and the two keys it belongs between."""
    siblings: LiteralString = level(cast("str | None", params["parent_id"]))
    async with tx.cursor() as cur:
        await cur.execute(
            f"""
            (SELECT position, created_at, id, 0 AS number FROM node
             WHERE company_id = %(company_id)s AND id = %(id)s)
            UNION ALL
            (SELECT *, row_number() OVER (ORDER BY position, created_at, id) AS number FROM (
                SELECT position, created_at, id FROM live_node
                WHERE company_id = %(company_id)s AND {siblings} AND id <> %(id)s
                ORDER BY position, created_at, id LIMIT %(place)s::bigint + 1
             ) first ORDER BY number DESC LIMIT 2)
            ORDER BY number
            """,
            params,
        )
        own, *others = [(_Key(*key), number) for *key, number in await cur.fetchall()]
    keys: list[_Key | None] = [key for key, _ in others]
    if not others or others[-1][1] <= cast("int", params["place"]):  # the place is the end
        keys.append(None)
    return own[0], keys[-2] if len(keys) > 1 else None, keys[-1]


async def _spread(tx: Tx, params: Mapping[str, str | int | None]) -> None:
    """Give the live nodes of the level new keys, a GAP apart."""
    siblings: LiteralString = level(cast("str | None", params["parent_id"]))
    # With statistics older than the level's nodes, the planner would compare each node with every other one.
    await tx.execute("SELECT set_config('enable_nestloop', 'off', true)")
    await tx.execute(
        f"""
        UPDATE node n SET position = spread.key FROM (
            SELECT id, %(gap)s::bigint * (row_number() OVER (ORDER BY position, created_at, id) - 1) AS key
            FROM live_node WHERE company_id = %(company_id)s AND {siblings}
        ) spread
        WHERE n.company_id = %(company_id)s AND n.id = spread.id AND n.position <> spread.key
        """,
        params,
    )
    await tx.execute("SELECT set_config('enable_nestloop', 'on', true)")
