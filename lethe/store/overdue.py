"""What of a company waits to be taken up: one look, cheap enough for thousands of companies every few seconds."""

from dataclasses import dataclass

from lethe.store.database import Database


@dataclass(frozen=True, slots=True)
class Overdue:
    """Whether there are collections that never held anything, deletions whose time is over and that nobody erases
    yet, documents and folders to be removed, and erasures that wait for their receipt."""

    collections: bool
    deletions: bool
    documents: bool
    folders: bool
    erasures: bool


async def look(db: Database, *, company_id: str, seconds: float) -> Overdue:
    """What there is. What is due counts after a minute, as somebody may have it in hand; erasures after `seconds`."""
    found = await db.read(
        company_id,
        """
        SELECT EXISTS (SELECT FROM node WHERE company_id = %(company_id)s AND state = 'pending'
                       AND kind = 'folder' AND parent_id IS NULL) AS collections,
               EXISTS (SELECT FROM node WHERE company_id = %(company_id)s AND purge_at < now() - interval '1 minute'
                       AND erasure_id IS NULL) AS deletions,
               EXISTS (SELECT FROM node WHERE company_id = %(company_id)s AND purge_at < now() - interval '1 minute'
                       AND erasure_id IS NOT NULL AND kind = 'document') AS documents,
               EXISTS (SELECT FROM node WHERE company_id = %(company_id)s AND erasure_id IS NOT NULL
                       AND kind = 'folder') AS folders,
               EXISTS (SELECT FROM erasure WHERE company_id = %(company_id)s
                       AND requested_at < now() - make_interval(secs => %(seconds)s)) AS erasures
        """,
        {"company_id": company_id, "seconds": seconds},
        Overdue,
    )
    return found[0]
