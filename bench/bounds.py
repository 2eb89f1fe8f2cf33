"""What the bounds of tokens cost those who have none, and those who have.

    .venv/bin/python -m bench.bounds [--chunks 24000] [--queries 200]

Starts a PostgreSQL of its own with the company of bench/search.py, and a copy of the database without the policies of
the bounds. The same calls go to both in turn. Printed is the processor time in milliseconds that each took of its
connection's process, which other work on the machine changes little, and the ratio. Last, a token that is bound to a
folder of 1 % against a search in that folder without bounds.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from bench.search import BIG, DIMENSION, FOLDER, ROOT, fill, vacuum, vectors, words
from lethe.domain.records.bounds import bounded
from lethe.domain.records.search import HybridWeights
from lethe.store import documents
from lethe.store.database.pool import Database
from lethe.store.installation import record_embedder
from lethe.store.postgres import indexes
from lethe.store.postgres.embedded import EmbeddedPostgres
from lethe.store.postgres.migrate import migrate
from lethe.store.search import scope, statement
from lethe.store.search.statement import ResultOptions, Words
from lethe.store.tree import browsing, nodes
from lethe.text.languages import LANGUAGES

Call = Callable[[Database], Awaitable[object]]
PLAIN = "without_bounds"
BOUND = bounded(BIG, token_id="e" * 24, bound=True, reads=[FOLDER], writes=[])


async def listed(db: Database) -> object:
    """A page of a collection."""
    return await documents.page(db, company_id=BIG, collection="f", after=None, limit=100)


async def tree(db: Database) -> object:
    """The whole tree."""
    return await nodes.branches(db, company_id=BIG, below=None, depth=None, limit=100_000)


async def page(db: Database) -> object:
    """A page of a folder, as the console shows it."""
    return await browsing.children(db, company_id=BIG, parent_id=ROOT, after=None, limit=50)


QUERIES = [(list(dict.fromkeys(words(2))), vectors(1)[0]) for _ in range(20)]


def search(company_id: str, node_ids: list[str] | None, *, by_meaning: bool) -> Call:
    """A search by two words or by meaning, each time for the next of the queries."""
    turns = count()

    async def call(db: Database) -> object:
        asked, vector = QUERIES[next(turns) // 2 % len(QUERIES)]
        terms = [[f"'{word}'"] for word in asked]
        found = await scope.subtrees(
            db, company_id=company_id, node_ids=node_ids, assistant_id=None, metadata=(),
            languages=LANGUAGES, lexemes=[],
        )  # fmt: skip
        either = " | ".join(term for (term,) in terms)
        wanted = Words(terms, either, [1.0] * len(terms), most=2.0, first=either)
        return await statement.rank(
            db,
            company_id=company_id,
            scope=found,
            words=None if by_meaning else wanted,
            vector=vector if by_meaning else None,
            wanted=ResultOptions(10, HybridWeights(0.6, 0.4)),
        )

    return call


async def compare(name: str, old: tuple[Database, Call], new: tuple[Database, Call], times: int) -> None:
    """Run both in turn, and print the processor time that each took of its connection's process."""
    for _ in range(5):
        for db, call in (old, new):
            await call(db)
    used = [await spent(db) for db, _ in (old, new)]
    for _ in range(times):
        for db, call in (old, new):
            await call(db)
    before, after = [
        1000 * (await spent(db) - since) / times for (db, _), since in zip((old, new), used, strict=True)
    ]
    print(f"{name:44} {before:8.2f} {after:8.2f}   {after / before:.2f}", flush=True)


async def spent(db: Database) -> float:
    """Seconds of processor time of the only connection's process."""
    async with db.session() as conn:
        pid = await conn.value("SELECT pg_backend_pid()")
    times = psutil.Process(int(pid or 0)).cpu_times()
    return times.user + times.system


async def make(conninfo: str, chunks: int) -> None:
    """Fill a new database."""
    await migrate(conninfo)
    db = Database(conninfo, max_size=2)
    await db.open()
    await fill(db, BIG, chunks)
    async with db.transaction(BIG) as tx:
        await tx.execute("UPDATE chunk_vec SET settled = true")
    async with db.system() as conn:
        await record_embedder(conn, model="random", dimension=DIMENSION)
    await indexes.mend(db)
    await vacuum(db)
    await db.close()


def without_bounds(postgres: EmbeddedPostgres) -> str:
    """A copy of the database as it was before there were bounds."""
    name = postgres.conninfo.split("dbname=")[1].split()[0]
    with psycopg.connect(postgres.superuser_conninfo, dbname="postgres", autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {PLAIN} TEMPLATE {name}".encode())
    with psycopg.connect(postgres.superuser_conninfo, dbname=PLAIN, autocommit=True) as conn:
        for table in ("node", "task", "receipt", "assistant"):
            conn.execute(f"DROP POLICY bounds ON {table}".encode())
    return make_conninfo(postgres.conninfo, dbname=PLAIN)


async def measure(plain: Database, db: Database, other: Database, times: int) -> None:
    """Print the table; `other` is a second connection to the same database as `db`."""
    for each in (plain, db, other):
        await each.open()
        await vacuum(each)
    print(f"{'':44} {'before':>8} {'after':>8}   ratio")
    for name, call in [
        ("a page of 100 of a collection", listed),
        ("a page of 50 of a folder", page),
        ("the whole tree", tree),
        ("search by words, whole company", search(BIG, None, by_meaning=False)),
        ("search by meaning, whole company", search(BIG, None, by_meaning=True)),
        ("search by words, a folder", search(BIG, [FOLDER], by_meaning=False)),
    ]:
        await compare(name, (plain, call), (db, call), times)
    for by_meaning in (False, True):
        free, held = (
            search(company, nodes, by_meaning=by_meaning)
            for company, nodes in ((BIG, [FOLDER]), (BOUND, None))
        )
        name = f"by {'meaning' if by_meaning else 'words'}: asked for a folder; bound to it"
        await compare(name, (db, free), (other, held), times)
    for each in (plain, db, other):
        await each.close()


def main() -> None:
    """Fill, copy, compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--chunks", type=int, default=24_000)
    parser.add_argument("--queries", type=int, default=200)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lethe-bench-") as directory:
        Path(directory).chmod(0o711)
        with EmbeddedPostgres(Path(directory) / "postgres") as postgres:
            asyncio.run(make(postgres.conninfo, asked.chunks))
            plain = without_bounds(postgres)
            old, new, again = (Database(c, max_size=1) for c in (plain, postgres.conninfo, postgres.conninfo))
            asyncio.run(measure(old, new, again, asked.queries))


if __name__ == "__main__":
    main()
