"""What a search costs among many chunks, without HTTP and without the query's embedding.

    .venv/bin/python -m bench.search [--chunks 100000] [--queries 200]

Starts a PostgreSQL of its own in a temporary directory and fills it with random words (Zipf's law, 80 a chunk, 20
chunks a document) and random vectors in clusters: one company with all of the chunks, one with a thousandth.
Prints for each mode the median and the 95th percentile in milliseconds: in the whole company, in a folder of 1 %, in
the small company, and again with 30 % of the documents deleted; for `vector` also the share of the exact
scan's ten best documents that are found.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np

from lethe.adapters.embedders import Vectors
from lethe.core.context import Context
from lethe.core.limiter import Limiter
from lethe.core.search.query import Hit, search_documents
from lethe.core.search.upkeep import keep_up
from lethe.domain.records.search import HybridWeights, Mode
from lethe.store.database.pool import Database
from lethe.store.document_contents import ChunkRow, insert_chunks
from lethe.store.installation import record_embedder
from lethe.store.postgres import indexes
from lethe.store.postgres.embedded import EmbeddedPostgres
from lethe.store.postgres.migrate import migrate
from lethe.store.search import statement

DIMENSION, WORDS, LENGTH, CHUNKS = 512, 30_000, 80, 20
"""Of an embedding; in the language; in a chunk; in a document."""
BIG, SMALL = "a" * 24, "b" * 24
ROOT, FOLDER = "c" * 24, "d" * 24

random = np.random.default_rng(7)
weights = 1 / np.arange(10, WORDS + 10)
cumulated = np.cumsum(weights / weights.sum())
centres = random.normal(size=(500, DIMENSION))


def words(count: int) -> list[str]:
    """Random words, few of them often."""
    return [f"w{n}" for n in np.searchsorted(cumulated, random.random(count))]


def vectors(count: int) -> Vectors:
    """Random unit vectors about the centres: as far from their own as from a paragraph on the same subject."""
    raw = centres[random.integers(len(centres), size=count)] + random.normal(size=(count, DIMENSION)) * 0.8
    unit: Vectors = (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float16)
    return unit


def literal(some: Sequence[str]) -> str:
    """A tsvector with their positions."""
    places: dict[str, list[str]] = {}
    for place, word in enumerate(some, start=1):
        places.setdefault(word, []).append(str(place))
    return " ".join(f"'{word}':{','.join(at)}" for word, at in places.items())


async def fill(db: Database, company: str, chunks: int) -> None:
    """A company with documents of 20 chunks, the first hundredth of them in a folder."""
    async with db.system() as conn:
        await conn.execute("INSERT INTO company (id, name) VALUES (%s, %s)", (company, company))
    documents = chunks // CHUNKS
    async with db.transaction(company) as conn:
        for id, path, parent in ((ROOT, f"{ROOT}/", None), (FOLDER, f"{ROOT}/{FOLDER}/", ROOT)):
            await conn.execute(
                "INSERT INTO node (company_id, id, parent_id, path, kind, state, position, title, collection)"
                " VALUES (%s, %s, %s, %s, 'folder', 'live', 0, 'f', %s)",
                (company, id, parent, path, None if parent else "f"),
            )
        for number in range(documents):
            id, above = f"{number:024x}", f"{ROOT}/{FOLDER}" if number < documents // 100 else ROOT
            await conn.execute(
                "INSERT INTO node (company_id, id, parent_id, path, kind, state, position, title, artifact)"
                " VALUES (%s, %s, %s, %s, 'document', 'live', %s, %s, %s)",
                (company, id, above[-24:], f"{above}/{id}/", number, id, id),
            )
            await conn.execute(
                "INSERT INTO document (company_id, node_id, generation, metadata, input_hash, hash, file_type,"
                " media_type, language, blob_key, bytes, characters, blocks, chunks, words_outdated)"
                " VALUES (%s, %s, 1, '{}', 'x', 'x', 'md', 'm', 'en', 'k', 1, 1, 1, %s, false)",
                (company, id, CHUNKS),
            )
            rows: list[ChunkRow] = [
                (n, 0, 1, LENGTH, [], " ".join(w), LENGTH, literal(w), 0, (), ())
                for n, w in enumerate(texts())
            ]
            await insert_chunks(conn, node_id=id, chunks=rows, vectors=vectors(CHUNKS))


def texts() -> Iterator[list[str]]:
    """The words of a document's chunks."""
    for _ in range(CHUNKS):
        yield words(LENGTH)


class Measured:
    """Runs the same queries again and again, and prints what they take."""

    def __init__(self, db: Database, queries: int) -> None:
        self._vectors = vectors(queries)
        self._texts = [" ".join(words(int(random.integers(2, 7)))) for _ in range(queries)]
        self._next = 0
        self._ctx = cast(
            "Context",
            SimpleNamespace(
                db=db,
                embed_query=self._embed,
                search_limiter=Limiter(1),
                embedding_limiter=Limiter(1),
                hybrid_weights=HybridWeights(0.6, 0.4),
            ),
        )

    async def _embed(self, _text: str) -> Vectors:
        return cast("Vectors", self._vectors[self._next])

    async def _run(
        self, mode: Mode, company: str, nodes: list[str] | None
    ) -> tuple[list[list[Hit]], list[float]]:
        found, times = [], []
        for number, text in enumerate(self._texts):
            self._next = number
            start = time.perf_counter()
            found.append(
                await search_documents(
                    self._ctx, company_id=company, query=text, mode=mode, top_k=10, node_ids=nodes
                )
            )
            times.append(time.perf_counter() - start)
        return found, sorted(times)

    async def row(self, name: str, company: str, nodes: list[str] | None = None) -> None:
        """One row of the table for each mode."""
        for mode in Mode:
            await self._run(mode, company, nodes)
            found, times = await self._run(mode, company, nodes)
            recall = ""
            if mode is Mode.VECTOR:
                recall = f"{await self._recall(found, company, nodes):9.3f}"
            median, high = times[len(times) // 2], times[int(len(times) * 0.95)]
            print(f"{name:34} {mode:7} {median * 1e3:9.1f} {high * 1e3:9.1f} {recall}", flush=True)

    async def _recall(self, found: list[list[Hit]], company: str, nodes: list[str] | None) -> float:
        before, statement.SMALL_FOR_VECTORS = statement.SMALL_FOR_VECTORS, 10**9
        exact, _ = await self._run(Mode.VECTOR, company, nodes)
        statement.SMALL_FOR_VECTORS = before
        shares = [
            len({h.node_id for h in a} & {h.node_id for h in b}) / max(1, len(b))
            for a, b in zip(found, exact, strict=True)
        ]
        return sum(shares) / len(shares)


async def measure(conninfo: str, chunks: int, queries: int) -> None:
    """Fill the database and print the table."""
    await migrate(conninfo)
    db = Database(conninfo, max_size=4)
    await db.open()
    start = time.perf_counter()
    await fill(db, BIG, chunks)
    await fill(db, SMALL, max(CHUNKS, chunks // 1000))
    async with db.transaction(BIG) as conn:
        await conn.execute("UPDATE chunk_vec SET settled = true")
    async with db.system() as conn:
        await record_embedder(conn, model="random", dimension=DIMENSION)
    await indexes.mend(db)
    print(f"filled in {time.perf_counter() - start:.0f} s", flush=True)
    await report(db, chunks, queries)
    await db.close()


async def report(db: Database, chunks: int, queries: int) -> None:
    """Count the lexemes and print the table."""
    start = time.perf_counter()
    while await keep_up(db, company_id=BIG):
        pass
    print(f"lexemes counted in {time.perf_counter() - start:.1f} s", flush=True)
    await vacuum(db)
    measured = Measured(db, queries)
    print(f"{'where':34} {'mode':7} {'median ms':>9} {'p95 ms':>9} {'recall@10':>9}")
    await measured.row(f"company of {chunks:,} chunks", BIG)
    await measured.row("folder of 1 %", BIG, [FOLDER])
    await measured.row("company of 0.1 %", SMALL)
    async with db.transaction(BIG) as conn:
        await conn.execute(
            "UPDATE node SET state = 'deleted', deleted_at = now(), purge_at = now() + interval '1 day'"
            " WHERE kind = 'document' AND position % 10 < 3"
        )
    await measured.row("30 % deleted, not yet removed", BIG)


async def vacuum(db: Database) -> None:
    """What autovacuum would have done by now."""
    async with db.pool.connection() as conn:
        await conn.execute("VACUUM (ANALYZE) chunk_lex, chunk_text, node, document")
        await conn.execute("ANALYZE chunk_vec")


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lethe-bench-") as name:
        Path(name).chmod(0o711)
        with EmbeddedPostgres(Path(name) / "postgres") as postgres:
            asyncio.run(measure(postgres.conninfo, args.chunks, args.queries))


if __name__ == "__main__":
    main()
