"""Assistants, and which nodes of the tree their workers may search."""

from collections.abc import Sequence

from lethe.core import cursors
from lethe.domain.errors import InvalidRequest, NotFound
from lethe.domain.ids import object_id
from lethe.domain.records.assistants import Assistant
from lethe.store import assistants
from lethe.store.assistants import Given, GivenNode
from lethe.store.database.pool import Database

MOST_WORKERS = 1_000
NAME_CHARACTERS = 200
DESCRIPTION_CHARACTERS = 2_000
NO_ASSISTANT = "There is no assistant with this id."


async def create(
    db: Database,
    *,
    company_id: str,
    name: str,
    description: str | None,
    workers: int,
    supervisors: int,
) -> str:
    """Create an assistant; returns its id.

    Args:
        workers: how many workers it has, not counting the supervisors.

    Raises InvalidRequest for an invalid name, description or number.
    """
    if not name.strip() or len(name) > NAME_CHARACTERS or not name.isprintable():
        raise InvalidRequest(f"The name must have 1 to {NAME_CHARACTERS} printable characters.")
    if description is not None and (len(description) > DESCRIPTION_CHARACTERS or "\0" in description):
        raise InvalidRequest(
            f"The description must have at most {DESCRIPTION_CHARACTERS} characters and no NUL."
        )
    if min(workers, supervisors) < 0 or workers + supervisors > MOST_WORKERS:
        raise InvalidRequest(f"An assistant can have 0 to {MOST_WORKERS} workers and supervisors in all.")
    assistant_id = object_id()
    members = [(object_id(), i < supervisors) for i in range(workers + supervisors)]
    async with db.transaction(company_id) as tx:
        await assistants.insert(tx, id=assistant_id, name=name, description=description)
        await assistants.insert_workers(tx, assistant_id=assistant_id, workers=members)
    return assistant_id


async def show(
    db: Database, *, company_id: str, part: str, page: int, limit: int
) -> tuple[list[Assistant], int]:
    """One page (the first is 1) of the assistants whose name contains `part`, and how many there are in all."""
    if "\0" in part:
        return [], 0
    return await assistants.page(db, company_id=company_id, part=part, offset=(page - 1) * limit, limit=limit)


async def list_all(db: Database, *, company_id: str) -> list[Assistant]:
    """All assistants of a company, sorted by name."""
    async with db.transaction(company_id) as tx:
        return await assistants.all_of(tx)


async def page(db: Database, *, company_id: str, after: str, limit: int) -> tuple[list[Given], str | None]:
    """A page of assistants by name, each with how many nodes it may search; and the id of the last if more follow.

    Args:
        after: the last id of the previous page. If it is empty or no longer exists, this is the first page.
    """
    last = await assistants.given_to(db, company_id=company_id, id=after) if after else None
    key = (last.name, last.id) if last else ("", "")
    found = await assistants.given(db, company_id=company_id, after=key, limit=limit + 1)
    return cursors.page(found, limit, lambda last: last.id)


async def find(
    db: Database, *, company_id: str, assistant_id: str, limit: int
) -> tuple[Given, list[GivenNode]]:
    """An assistant, and up to `limit` of the nodes assigned to its workers. Raises NotFound."""
    found = await assistants.given_to(db, company_id=company_id, id=assistant_id)
    if found is None:
        raise NotFound(NO_ASSISTANT)
    return found, await assistants.given_nodes(db, company_id=company_id, id=assistant_id, limit=limit)


async def delete(db: Database, *, company_id: str, assistant_id: str) -> None:
    """Delete an assistant with its workers and their assignments. Raises NotFound."""
    async with db.transaction(company_id) as tx:
        if not await assistants.delete(tx, id=assistant_id):
            raise NotFound(NO_ASSISTANT)


async def assign(db: Database, *, company_id: str, assistant_id: str, node_ids: Sequence[str]) -> int:
    """Assign nodes to all workers of an assistant except supervisors; returns how many workers that is.

    Raises NotFound if the assistant or any node does not exist; then nothing is assigned.
    """
    async with db.transaction(company_id) as tx:
        if not await assistants.exists(tx, id=assistant_id):
            raise NotFound(NO_ASSISTANT)
        missing = set(node_ids) - await assistants.live_nodes(tx, ids=node_ids)
        if missing:
            raise NotFound(f"There is no node with the id {min(missing)}.")
        return await assistants.assign(tx, assistant_id=assistant_id, node_ids=node_ids)
