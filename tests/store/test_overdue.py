"""What waits to be purged is found for all companies at once."""

import asyncio

from lethe.domain.records.access import SYSTEM
from lethe.store.database.pool import Database
from lethe.store.erasure import pending
from lethe.store.erasure.pending import Overdue
from lethe.store.tree import artifacts
from tests.store.beside import beside
from tests.store.planted import plant
from tests.waiting import PATIENCE_SECONDS

A, B, C = "a" * 24, "b" * 24, "c" * 24
NOTHING = {"collections": False, "deletions": False, "documents": False, "folders": False, "erasures": False}

_DELETED = """
    UPDATE node SET state = 'deleted', deleted_at = now(), purge_at = now() - make_interval(secs => %s)
    WHERE company_id = %s AND kind = 'document'
"""


async def look(db: Database, company_id: str | None = None) -> list[Overdue]:
    """What there is, as the sweeper asks for it; the transaction acts for the system before and after."""
    async with db.system() as conn:
        found = await pending.pending_work(conn, seconds=5, company_id=company_id)
        cur = await conn.execute("SELECT count(*), acting_company() FROM company")
        assert await cur.fetchone() == (3, SYSTEM)
    return found


async def test_only_companies_with_something_overdue_are_found_each_with_what_it_is(db: Database) -> None:
    for company in (A, B, C):
        await plant(db, company, ["text"])
    assert await look(db) == []
    async with db.transaction(A) as conn:
        await conn.execute(_DELETED, (61, A))
    async with db.transaction(B) as conn:
        await conn.execute(_DELETED, (0, B))  # somebody may have it in hand
    async with db.transaction(C) as conn:
        await conn.execute(
            """
            INSERT INTO erasure (company_id, id, subject_kind, subject_id, subject_name, requested_at, requested_by)
            VALUES (%s, gen_random_uuid(), 'document', 'x', 'x', now() - interval '6 seconds', 'test')
            """,
            (C,),
        )
        await conn.execute(
            """
            INSERT INTO node (company_id, id, path, kind, state, position, title, collection)
            VALUES (%s, repeat('9', 24), repeat('9', 24) || '/', 'folder', 'pending', 0, 'new', 'new')
            """,
            (C,),
        )
    of_a = Overdue(company_id=A, **{**NOTHING, "deletions": True})
    of_c = Overdue(company_id=C, **{**NOTHING, "erasures": True, "collections": True})
    assert await look(db) == [of_a, of_c]
    assert await look(db, C) == [of_c]
    assert await look(db, B) == []


async def test_a_document_and_a_folder_that_an_erasure_waits_for_are_found(db: Database) -> None:
    for company in (A, B, C):
        await plant(db, company, ["text"])
    async with db.transaction(B) as conn:
        await conn.execute(_DELETED, (61, B))
        await conn.execute(
            """
            UPDATE node SET state = 'deleted', deleted_at = now(), purge_at = now(), erasure_id = gen_random_uuid()
            WHERE company_id = %s
            """,
            (B,),
        )
        await conn.execute("UPDATE node SET purge_at = now() - interval '2 minutes' WHERE kind = 'document'")
    assert await look(db) == [Overdue(company_id=B, **{**NOTHING, "documents": True, "folders": True})]


async def remove_empty(db: Database) -> int:
    async with db.transaction(A) as conn:
        return await artifacts.remove_empty_pending_roots(conn)


async def test_a_collection_to_which_something_is_being_added_is_not_removed_as_empty(db: Database) -> None:
    await plant(db, A, ["text"])
    folder, inner = "7" * 24, "8" * 24
    new = """
        INSERT INTO node (company_id, id, parent_id, path, kind, state, position, title, collection)
        VALUES (%s, %s, %s, %s, 'folder', 'pending', 0, 'new', %s)
    """
    async with db.transaction(A) as conn:
        await conn.execute(new, (A, folder, None, f"{folder}/", "new"))
    async with db.transaction(A) as adding:
        await adding.execute(new, (A, inner, folder, f"{folder}/{inner}/", None))
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await beside(remove_empty(db)) == 0
    async with db.transaction(A) as conn:
        assert await artifacts.remove_empty_pending_roots(conn) == 0
        await conn.execute("DELETE FROM node WHERE id = %s", (inner,))
        assert await artifacts.remove_empty_pending_roots(conn) == 1
