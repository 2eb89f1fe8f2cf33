"""The stored chain: complete, one writer at a time, and no change of it goes unseen."""

import asyncio
from contextlib import aclosing
from uuid import UUID, uuid4

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lethe.core.receipts import salts
from lethe.core.receipts.issue import prove
from lethe.core.receipts.keys import Keys, SigningKey, key_id, public_keys
from lethe.core.receipts.receipt import Broken, commitment, keyed_hash
from lethe.core.receipts.receipt_log import Verifier, export
from lethe.core.receipts.show import find
from lethe.domain.ids import object_id
from lethe.domain.records.queries import ReceiptQuery
from lethe.store.database.pool import Database
from lethe.store.erasure import receipts


@pytest.fixture
async def company(db: Database) -> str:
    """A company's id."""
    id = object_id()
    async with db.system() as conn:
        await conn.execute("INSERT INTO company (id, name) VALUES (%s, %s)", (id, id))
    return id


async def erased(db: Database, company: str) -> UUID:
    """An erasure of one document, of which nothing is left but its receipt to be written."""
    id, node = uuid4(), object_id()
    async with db.transaction(company) as conn:
        await conn.execute(
            """
            INSERT INTO erasure (company_id, id, subject_kind, subject_id, subject_name, requested_by)
            VALUES (%s, %s, 'document', %s, 'x', 'me')
            """,
            (company, id, node),
        )
        await conn.execute(
            "INSERT INTO erased_document (company_id, receipt_id, node_id, name) VALUES (%s, %s, %s, 'x')",
            (company, id, node),
        )
    return id


async def proved(db: Database, keys: Keys, company: str, ids: list[UUID]) -> None:
    key = await keys.in_use()
    async with db.transaction(company) as conn:
        await prove(conn, key, erasure_ids=ids)


async def checked(db: Database, keys: Keys, company: str) -> Verifier:
    verifier = Verifier(public_keys({key.id: key.public_key for key in await keys.public()}))
    async with aclosing(export(db, keys, company_id=company)) as lines:
        async for line in lines:
            verifier.line(line[:-1])
    verifier.end()
    return verifier


TAMPERINGS = [
    "UPDATE receipt SET body = replace(body, '\"documents\":1', '\"documents\":2') WHERE seq = 1",
    "UPDATE receipt SET body = body || ' ' WHERE seq = 2",
    "UPDATE receipt SET body = '{}' WHERE seq = 2",
    "UPDATE receipt SET body = '[]' WHERE seq = 2",
    "UPDATE receipt SET erased_at = erased_at - interval '1 day' WHERE seq = 2",
    "UPDATE receipt SET subject_id = repeat('0', 24) WHERE seq = 1",
    "UPDATE receipt SET hash = repeat('0', 64) WHERE seq = 2",
    "UPDATE receipt SET seq = seq + 10 WHERE seq = 2",
    "UPDATE receipt SET id = gen_random_uuid() WHERE seq = 2",
    "DELETE FROM receipt WHERE seq = 1",
    "DELETE FROM receipt WHERE seq = 2",
    "UPDATE erased_document SET name = 'y' WHERE receipt_id IN (SELECT id FROM receipt WHERE seq = 1)",
    "DELETE FROM erased_document WHERE receipt_id IN (SELECT id FROM receipt WHERE seq = 2)",
]


async def test_each_tampering_with_the_stored_receipts_is_found(db: Database, company: str) -> None:
    keys = Keys(db, None)
    await proved(db, keys, company, [await erased(db, company), await erased(db, company)])
    async with db.transaction(company) as conn:
        await conn.execute("CREATE TABLE receipt_kept AS TABLE receipt")
        await conn.execute("CREATE TABLE erased_document_kept AS TABLE erased_document")
    for tampering in TAMPERINGS:
        assert (await checked(db, keys, company)).receipts == 2
        async with db.transaction(company) as conn:
            cur = await conn.execute(tampering.encode())
            assert cur.rowcount == 1, tampering
        with pytest.raises(Broken):
            await checked(db, keys, company)
        async with db.transaction(company) as conn:
            for table in ("receipt", "erased_document"):
                await conn.execute(f"DELETE FROM {table}".encode())
                await conn.execute(f"INSERT INTO {table} TABLE {table}_kept".encode())


async def test_a_document_whose_ingestion_had_not_ended_counts(db: Database, company: str) -> None:
    keys = Keys(db, None)
    id = await erased(db, company)  # it had no text: only its name is there
    await proved(db, keys, company, [id])
    shown = orjson.loads(b"".join([bit async for bit in find(db, company_id=company, id=str(id))]))
    assert shown["erased"]["documents"] == 1


async def test_an_erasure_of_many_documents_is_read_and_shown_some_at_a_time(
    db: Database, company: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "DOCUMENTS_AT_ONCE", 100)
    keys = Keys(db, None)
    for more in (99, 100, 250, 299):  # beside the one that is there
        id = await erased(db, company)
        async with db.transaction(company) as conn:
            await conn.execute(
                "INSERT INTO erased_document (company_id, receipt_id, node_id, name)"
                " SELECT %s, %s, lpad(to_hex(n), 24, '0'), 'x' FROM generate_series(1, %s) n",
                (company, id, more),
            )
        await proved(db, keys, company, [id])
        shown = orjson.loads(b"".join([bit async for bit in find(db, company_id=company, id=str(id))]))
        assert shown["erased"]["documents"] == len(shown["documents"]) == more + 1
        assert shown["commitment"] == commitment(shown["documents"])
    assert (await checked(db, keys, company)).documents == 99 + 100 + 250 + 299 + 4


async def test_receipts_written_at_the_same_time_are_one_chain(db: Database, company: str) -> None:
    keys = Keys(db, None)
    await keys.in_use()
    ids = [await erased(db, company) for _ in range(12)]
    await asyncio.gather(*(proved(db, keys, company, [id]) for id in ids for _ in range(2)))
    assert (await checked(db, keys, company)).receipts == 12


async def test_no_receipt_is_written_while_something_is_left(db: Database, company: str) -> None:
    keys = Keys(db, None)
    id = await erased(db, company)
    async with db.transaction(company) as conn:
        await conn.execute(
            """
            INSERT INTO chunk_text (company_id, node_id, position, start, stop, tokens, headings, text)
            SELECT company_id, node_id, 0, 0, 1, 1, '[]', 'left' FROM erased_document
            """
        )
    await proved(db, keys, company, [id])
    assert (await checked(db, keys, company)).receipts == 0
    async with db.transaction(company) as conn:
        await conn.execute("DELETE FROM chunk_text")
        await conn.execute(
            """
            INSERT INTO blob_removal (company_id, key, node_id, due_at)
            SELECT company_id, 'file', node_id, now() FROM erased_document
            """
        )
    await proved(db, keys, company, [id])
    assert (await checked(db, keys, company)).receipts == 0
    async with db.transaction(company) as conn:
        await conn.execute("DELETE FROM blob_removal")
    await proved(db, keys, company, [id])
    assert (await checked(db, keys, company)).receipts == 1


async def test_two_processes_that_start_at_once_sign_with_one_key(db: Database) -> None:
    ids = await asyncio.gather(*(Keys(db, None).in_use() for _ in range(4)))
    assert len({key.id for key in ids}) == 1


async def test_receipts_of_an_older_key_still_hold(db: Database, company: str) -> None:
    old = Keys(db, None)
    await proved(db, old, company, [await erased(db, company)])
    private = Ed25519PrivateKey.generate()
    given = SigningKey(key_id(private.public_key().public_bytes_raw()), private)
    new = Keys(db, given)
    await proved(db, new, company, [await erased(db, company)])
    verifier = await checked(db, new, company)
    assert verifier.receipts == 2
    assert verifier.key_ids == {(await old.in_use()).id, given.id}


async def test_the_hash_in_the_database_is_the_one_that_others_can_compute(
    db: Database, company: str
) -> None:
    async with db.transaction(company) as conn:
        for salt in (bytes(range(32)), bytes(range(224, 256)), None):
            cur = await conn.execute("SELECT keyed_hash(key_blocks(%s), 'id', 'cöllection', 'a')", (salt,))
            assert await cur.fetchone() == (keyed_hash(salt, "id", "cöllection", "a"),)
        cur = await conn.execute("SELECT keyed_hash(key_blocks('\\x00'), 'id', NULL)")
        assert await cur.fetchone() == (None,)  # the content of what had none


async def test_the_salt_of_a_company_is_its_own(db: Database, company: str) -> None:
    other = object_id()
    async with db.system() as conn:
        await conn.execute("INSERT INTO company (id, name) VALUES (%s, %s)", (other, other))
    own = [await salts.own(db, company_id=id) for id in (company, company, other)]
    assert own[0] == own[1] != own[2]
    async with db.transaction(other) as conn:
        cur = await conn.execute("SELECT receipt_salt FROM company")
        assert await cur.fetchall() == [(own[2],)]


async def test_what_was_asked_for_before_there_was_a_salt_ends_in_a_receipt_that_holds_and_is_found(
    db: Database, company: str
) -> None:
    keys, salt, ids = Keys(db, None), await salts.own(db, company_id=company), list[UUID]()
    for artifact, with_salt in (("old", None), ("new", salt)):
        ids.append(await erased(db, company))
        async with db.transaction(company) as conn:
            cur = await conn.execute("SELECT subject_id FROM erasure WHERE id = %s", (ids[-1],))
            (node,) = await cur.fetchone() or ("",)
            name = keyed_hash(with_salt, node, "c", artifact)
            await conn.execute(
                "UPDATE erasure SET subject_name = %s, salted = %s WHERE id = %s",
                (name, with_salt is not None, ids[-1]),
            )
            await conn.execute("UPDATE erased_document SET name = %s WHERE receipt_id = %s", (name, ids[-1]))
    await proved(db, keys, company, ids)
    assert (await checked(db, keys, company)).receipts == 2
    shown = {}
    for artifact in ("old", "new"):
        wanted = ReceiptQuery(collection="c", artifact=artifact)
        (entry,) = await receipts.page(db, company_id=company, wanted=wanted, before=None, limit=10)
        link = orjson.loads(entry.body)
        shown[artifact] = (UUID(link["id"]), link["version"], link.get("salt_id"))
    assert shown == {"old": (ids[0], 1, None), "new": (ids[1], 2, salts.salt_id(salt))}
