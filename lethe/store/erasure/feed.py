"""What was erased, in the order of the receipts, so that caches elsewhere can forget it too."""

from lethe.domain.records.documents import Erased
from lethe.store.database.pool import Database


async def page(db: Database, *, company_id: str, seq: int, node_id: str, limit: int) -> list[Erased]:
    """The company's erased documents and folders after this position, sorted by receipt number and id.

    Numbers are assigned under a lock held until the commit (`receipts.lock_head`), so nothing is inserted before a
    position that was already read.
    """
    return await db.read(
        company_id,
        """
        SELECT e.id, e.kind, e.name, e.content, r.body ->> 'salt_id' AS salt_id, r.body #>> '{subject,kind}' AS cause,
               r.id AS receipt_id, r.seq, r.hash, r.body ->> 'invisible_at' AS invisible_at,
               r.body ->> 'erased_at' AS erased_at
        FROM (
            SELECT seq, id, hash, body::jsonb AS body FROM receipt
            WHERE company_id = %(company_id)s AND seq >= %(seq)s AND subject_id IS NOT NULL
            ORDER BY seq OFFSET 0 -- so that each body is parsed once
        ) r CROSS JOIN LATERAL (
            SELECT d.node_id AS id, 'document' AS kind, d.name, d.content FROM erased_document d
            WHERE d.company_id = %(company_id)s AND d.receipt_id = r.id
              AND (r.seq > %(seq)s OR d.node_id > %(node_id)s)
            UNION ALL
            SELECT (r.body #>> '{subject,id}') COLLATE "C", 'folder', r.body #>> '{subject,name}', NULL
            WHERE r.body #>> '{subject,kind}' = 'folder'
              AND (r.seq > %(seq)s OR (r.body #>> '{subject,id}') COLLATE "C" > %(node_id)s)
            ORDER BY id LIMIT %(limit)s
        ) e
        ORDER BY r.seq, e.id LIMIT %(limit)s
        """,
        {"seq": seq, "node_id": node_id, "limit": limit},
        Erased,
    )


async def is_in_log(db: Database, *, company_id: str, seq: int, hash: str) -> bool:
    """Whether the company's receipt with this number has a hash that begins like this."""
    (found,) = await db.read_values(
        company_id,
        """
        SELECT EXISTS (SELECT FROM receipt WHERE company_id = %(company_id)s AND seq = %(seq)s
                       AND starts_with(hash, %(hash)s))
        """,
        {"seq": seq, "hash": hash},
    )
    return bool(found)
