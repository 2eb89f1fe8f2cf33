"""One module owns the life of a node: no other statement changes what is visible, or which work may be stored."""

import re
from pathlib import Path

import lethe.store
from lethe.store.database.pool import Database
from lethe.store.tree import artifacts, life, nodes
from tests.store.conftest import COMPANY
from tests.store.planted import plant

STORE = Path(lethe.store.__file__).parent
OWNER = STORE / "tree" / "life.py"

_CHANGES = re.compile(
    r"(?:UPDATE node\b.*?\bSET\b|INSERT INTO node\b)(.*?)(?:\bWHERE\b|\bSELECT\b|\bFROM\b|$)", re.DOTALL
)
_OWNED = re.compile(r"\b(state|generation|purge_at|erasure_id)\b\s*[=,)]")


def owned(path: Path) -> list[str]:
    """The columns of a node's life that statements of a file write."""
    return [name for change in _CHANGES.findall(path.read_text()) for name in _OWNED.findall(change)]


def test_no_other_module_changes_the_life_of_a_node() -> None:
    elsewhere = {str(path.relative_to(STORE)): owned(path) for path in STORE.rglob("*.py") if path != OWNER}
    assert {name: columns for name, columns in elsewhere.items() if columns} == {}


def test_the_owner_changes_all_of_it() -> None:
    assert {*owned(OWNER)} == {"state", "generation", "purge_at", "erasure_id"}


async def test_nothing_is_stored_in_the_trash_and_what_began_before_it_not_after_a_restore(
    db: Database,
) -> None:
    await plant(db, COMPANY, ["text"])
    node = f"a{0:023x}"
    async with db.transaction(COMPANY) as tx:
        before = await nodes.place(tx, node_id=node)
        assert before is not None
        await life.trash_subtree(tx, node_id=node, path=before.path, retention_days=1, by="nobody")
        cur = await tx.execute("SELECT generation FROM node WHERE id = %s", (node,))
        ((newest,),) = await cur.fetchall()
        assert not await artifacts.lock_generation(tx, node_id=node, generation=newest)
        await life.revive(tx, node_id=node, deleted_with=node)
        assert not await artifacts.lock_generation(tx, node_id=node, generation=before.generation)
        assert await artifacts.lock_generation(tx, node_id=node, generation=newest)
