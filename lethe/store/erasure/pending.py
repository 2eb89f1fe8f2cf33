"""Finds pending work in all companies with one query, cheap enough for thousands of them every few seconds."""

from dataclasses import dataclass

from lethe.store.database.connections import Connection


@dataclass(frozen=True, slots=True)
class Overdue:
    """Pending work of a company: collections that never held anything, deletions past their retention without an
    erasure, documents and folders to remove, and erasures that wait for their receipt."""

    company_id: str
    collections: bool
    deletions: bool
    documents: bool
    folders: bool
    erasures: bool


async def pending_work(conn: Connection, *, seconds: float, company_id: str | None = None) -> list[Overdue]:
    """The companies with pending work, or only this one; `conn` acts for SYSTEM.

    Args:
        seconds: an erasure is pending this long after its request; everything else after a minute.
    """
    return await conn.rows(Overdue, "SELECT * FROM overdue(%s, %s)", (seconds, company_id))
