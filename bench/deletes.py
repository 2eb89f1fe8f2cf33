"""What a deletion costs while others search, over HTTP, and whether anything deleted is found again.

    .venv/bin/python -m bench.deletes [--documents 10000] [--deletes 200] [--clients 8]

Starts a server of its own in a temporary directory with an embedding service that costs nothing
(bench/openai_server.py), and puts in documents of 20 chunks by SQL: so many into a folder, a fifth as many beside
it. Clients in another process search in the three modes all the while.

1. Single documents are deleted, one after another. The time of the request is that to being invisible; a search for
   the word that only this document has comes right after it, and must not find it.
2. The folder is deleted with the rest of the documents, in one request.

No search that began after the answer to a deletion may find anything of it.
"""

import argparse
import itertools
import random
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from lethe.store.search.statement import SMALL_FOR_WORDS
from tests.client import Client
from tests.server import Server
from tests.waiting import until

CHUNKS, DIMENSION, WORDS = 20, 64, 5_000
"""Of a document; of an embedding; in the language, besides one word for each document."""

FILL = f"""
CREATE TEMPORARY TABLE made AS
SELECT n.company_id, n.id AS folder_id, n.path || d.id || '/' AS path, d.id, i
FROM generate_series(1, %(documents)s * 6 / 5) i CROSS JOIN LATERAL (SELECT left(md5('d' || i), 24) AS id) d
JOIN node n ON n.title = CASE WHEN i <= %(documents)s THEN 'doomed' ELSE 'kept' END;
INSERT INTO node (company_id, id, parent_id, path, kind, state, generation, position, title, artifact)
SELECT company_id, id, folder_id, path, 'document', 'live', 1, i, 'only' || i, id FROM made;
INSERT INTO document (company_id, node_id, generation, metadata, input_hash, hash, file_type, media_type, language,
                      blob_key, bytes, characters, blocks, chunks, words_outdated)
SELECT company_id, id, 1, '{{}}', 'x', 'x', 'md', 'm', 'en', company_id || '/' || id, 1, 1, 1, {CHUNKS}, false
FROM made;
CREATE TEMPORARY TABLE piece AS
SELECT company_id, id, position, 'only' || i || (
    SELECT string_agg(' w' || floor({WORDS} * power(random(), 3)), '') FROM generate_series(1, 40) WHERE position >= 0
) AS text FROM made, generate_series(0, {CHUNKS} - 1) position;
INSERT INTO chunk_text SELECT company_id, id, position, 0, 1, 40, '[]', text FROM piece;
INSERT INTO chunk_lex SELECT company_id, id, position, 41, to_tsvector('simple', text) FROM piece;
DROP INDEX chunk_vec_nearest;
INSERT INTO chunk_vec SELECT company_id, id, position, true, (
    SELECT array_agg(random() - 0.5)::real[]::halfvec FROM generate_series(1, {DIMENSION}) WHERE position >= 0
) FROM piece;
CREATE INDEX chunk_vec_nearest ON chunk_vec
    USING hnsw ((embedding::halfvec({DIMENSION})) halfvec_cosine_ops) WITH (m = 16, ef_construction = 64) WHERE settled;
"""


@dataclass(frozen=True, slots=True)
class Search:
    """A search of a client: when it began and ended (seconds of the monotonic clock), the ids that it found."""

    began: float
    ended: float
    found: frozenset[str]


def search_all_the_while(url: str, token: str, clients: int, stop: Event, results: Any) -> None:
    """Search with several clients until told to stop; puts the searches into `results`."""
    seen: list[Search] = []

    def client(number: int) -> None:
        rng = random.Random(number)
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as http:
            for mode in itertools.cycle(("full", "vector", "hybrid")):
                if stop.is_set():
                    return
                query = " ".join(f"w{int(WORDS * rng.random() ** 3)}" for _ in range(3))
                began = time.monotonic()
                found = ids(http, query, mode)
                seen.append(Search(began, time.monotonic(), found))

    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(seen)


def ids(http: httpx.Client, query: str, mode: str) -> frozenset[str]:
    """The ids of the documents that a search finds."""
    answer = http.post("/v1/knowledge/search", json={"query": query, "mode": mode, "top_k": 25})
    answer.raise_for_status()
    return frozenset(r["node_id"] for r in answer.json()["results"])


def fill(server: Server, client: Client, documents: int) -> tuple[str, list[str]]:
    """Two folders with their documents: the id of the first, and those of its documents."""
    folders = [
        client.http.post("/v1/knowledge/folders", json={"title": title}).json()["id"]
        for title in ("doomed", "kept")
    ]
    with psycopg.connect(server.superuser(), cursor_factory=psycopg.ClientCursor) as conn:
        conn.execute(FILL.replace("%(documents)s", str(documents)).encode())
        rows = conn.execute("SELECT id FROM node WHERE parent_id = %s ORDER BY position", folders[:1])
        below = [str(id) for (id,) in rows.fetchall()]
    with psycopg.connect(server.superuser(), autocommit=True) as conn:
        conn.execute("VACUUM (ANALYZE)")
        until(
            lambda: conn.execute("SELECT FROM lexstat_total WHERE counted_at > '-infinity'").rowcount == 1,
            300,
        )
    return folders[0], below


def measure(server: Server, documents: int, deletes: int, clients: int) -> None:
    """Fill, delete and search, and print what came of it."""
    if documents * CHUNKS <= SMALL_FOR_WORDS:
        sys.exit(f"Take more than {SMALL_FOR_WORDS // CHUNKS} documents.")
    client = server.client()
    start = time.perf_counter()
    folder, below = fill(server, client, documents)
    print(f"{documents * 6 // 5:,} documents in {time.perf_counter() - start:.0f} s", flush=True)
    ids(client.http, "w1", "vector")
    spawn = get_context("spawn")
    stop, results = spawn.Event(), spawn.Queue()
    searching = spawn.Process(
        target=search_all_the_while, args=(server.url, client.token, clients, stop, results)
    )
    searching.start()
    time.sleep(5)
    gone: dict[str, float] = {}
    times, wrong = [], 0
    for number, node in enumerate(below[:deletes], start=1):
        times.append(delete(client, node))
        gone[node] = time.monotonic()
        wrong += node in ids(client.http, f"only{number}", "full")
    report(f"delete of a document, {clients} clients searching", times)
    times = [delete(client, folder)]
    gone |= dict.fromkeys(below[deletes:], time.monotonic())
    chunks = CHUNKS * (documents - deletes)
    report(f"delete of a folder of {documents - deletes:,} documents, {chunks:,} chunks", times)
    time.sleep(10)
    stop.set()
    seen: list[Search] = results.get()
    searching.join()
    wrong += sum(any(gone.get(id, search.began) < search.began for id in search.found) for search in seen)
    report(f"{len(seen):,} searches", [s.ended - s.began for s in seen])
    print(f"searches after a deletion that found what was deleted: {wrong}")
    print(f"load of the machine: {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores")


def delete(client: Client, node: str) -> float:
    """Delete a node; the seconds that it took."""
    start = time.perf_counter()
    answer = client.http.delete(f"/v1/knowledge/nodes/{node}")
    taken = time.perf_counter() - start
    assert answer.status_code == 204, answer.text
    return taken


def report(name: str, times: list[float]) -> None:
    """A row of the table."""
    times.sort()
    median, high, highest = (times[int(share * (len(times) - 1))] * 1e3 for share in (0.5, 0.95, 0.99))
    print(f"{name:60} median {median:7.1f} ms   p95 {high:7.1f}   p99 {highest:7.1f}", flush=True)


def main() -> None:
    """Run the measurements."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--deletes", type=int, default=200)
    parser.add_argument("--clients", type=int, default=8)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lethe-bench-") as name:
        directory = Path(name)
        directory.chmod(0o711)
        service = subprocess.Popen(
            [
                sys.executable,
                Path(__file__).with_name("openai_server.py"),
                "--port",
                "0",
                "--dim",
                str(DIMENSION),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert service.stdout is not None
        url = service.stdout.readline().strip()
        server = Server(directory / "data", LETHE_EMBEDDER=f"openai:{url}#free").start()
        try:
            measure(server, args.documents, args.deletes, args.clients)
        finally:
            server.stop()
            service.terminate()
            service.wait()


if __name__ == "__main__":
    main()
