"""What waits to be taken up: one look at all companies, cheap enough for thousands of them every few seconds."""

from dataclasses import dataclass

from lethe.store.connections import Connection


@dataclass(frozen=True, slots=True)
class Overdue:
    """What waits at a company: collections that never held anything, deletions whose time is over and that nobody
    erases yet, documents and folders to be removed, and erasures that wait for their receipt."""

    company_id: str
    collections: bool
    deletions: bool
    documents: bool
    folders: bool
    erasures: bool


async def pending_work(conn: Connection, *, seconds: float, company_id: str | None = None) -> list[Overdue]:
    """The companies at which something waits, or only this one of them; `conn` acts for SYSTEM.

    Args:
        seconds: erasures that were asked for longer ago wait for their receipt. All else waits after a minute.
    """
    return await conn.rows(Overdue, "SELECT * FROM overdue(%s, %s)", (seconds, company_id))
