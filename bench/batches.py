"""Small documents in a batch against one call each, in one run.

    .venv/bin/python -m bench.batches [--documents 500] [--kib 1] [--embedder free|local|both]

Starts a server of its own in a temporary directory, with an embedding service that costs nothing
(bench/openai_server.py) and with the local model. Stores so many texts by synchronous calls one after another, by four
callers at once, by asynchronous calls one after another, and in batches, each until all are searchable; then deletes
them by one call each and in one batch. Prints for each the documents a second, that as a multiple of the first, and
the transactions in PostgreSQL a document.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg

from bench.artifacts import free_embedder, markdown
from tests.client import Client, body
from tests.server import Server

CALLERS = 4


def one_by_one(client: Client, collection: str, texts: list[str]) -> None:
    """A call each, one after another."""
    for number, text in enumerate(texts):
        assert client.ingest(f"d{number}", text, collection=collection).status_code == 200


def side_by_side(client: Client, collection: str, texts: list[str]) -> None:
    """A call each, by some callers at once."""
    with ThreadPoolExecutor(CALLERS) as pool:
        for answer in pool.map(
            lambda n: client.ingest(f"d{n}", texts[n], collection=collection), range(len(texts))
        ):
            assert answer.status_code == 200


def in_background(client: Client, collection: str, texts: list[str]) -> None:
    """A call each that does not wait; then until all are there."""
    ids = [
        client.ingest_async(f"d{number}", text, collection=collection) for number, text in enumerate(texts)
    ]
    for id in ids:
        assert client.ended("ingest", id)["task_status"] == "SUCCESS"


def in_a_batch(client: Client, collection: str, texts: list[str]) -> None:
    """One call; then until all are there."""
    documents = [body(f"d{number}", text, collection=collection) for number, text in enumerate(texts)]
    answer = client.post("/ingest/batch", {"documents": documents})
    assert answer.status_code == 202, answer.text
    while True:
        status = client.get(f"/ingest/batch/{answer.json()['task_id']}").json()["task_status"]
        if status not in {"PENDING", "STARTED"}:
            break
        time.sleep(0.05)
    assert status == "SUCCESS"


def delete_one_by_one(client: Client, collection: str, texts: list[str]) -> None:
    """A call each, one after another."""
    for number in range(len(texts)):
        assert client.delete(f"d{number}", collection=collection).status_code == 200


def delete_in_a_batch(client: Client, collection: str, texts: list[str]) -> None:
    """One call."""
    names = [f"d{number}" for number in range(len(texts))]
    answer = client.post("/delete/batch", {"collection": collection, "artifacts": names})
    assert answer.json()["erased"] == len(texts), answer.text


WAYS: dict[str, tuple[Callable[[Client, str, list[str]], None], str]] = {
    "POST /ingest, one after another": (one_by_one, "a"),
    f"POST /ingest, {CALLERS} callers": (side_by_side, "b"),
    "POST /ingest/async": (in_background, "c"),
    "POST /ingest/batch": (in_a_batch, "d"),
    "POST /delete, one after another": (delete_one_by_one, "a"),
    "POST /delete/batch": (delete_in_a_batch, "b"),
}
"""What is measured, and in which collection."""


def measure(server: Server, client: Client, documents: int, kib: float) -> None:
    """A line for each way."""
    print(f"{'':36} {'documents/s':>11} {'multiple':>9} {'transactions each':>18}")
    first = 0.0
    with psycopg.connect(server.superuser(), autocommit=True) as conn:
        for name, (way, collection) in WAYS.items():
            texts = [markdown(kib, f"{collection}{number}") for number in range(documents)]
            before, start = commits(conn), time.perf_counter()
            way(client, collection, texts)
            rate = documents / (time.perf_counter() - start)
            each = (commits(conn) - before) / documents
            if name.endswith("after another"):
                first = rate
            print(f"{name:36} {rate:11.1f} {rate / first:8.1f}x {each:18.1f}", flush=True)


def commits(conn: psycopg.Connection) -> int:
    """Transactions that PostgreSQL has committed; sessions report theirs about once a second."""
    time.sleep(2)
    row = conn.execute(
        "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
    ).fetchone()
    assert row is not None
    return int(row[0])


def main() -> None:
    """Measure with each embedder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--kib", type=float, default=1)
    parser.add_argument("--embedder", choices=["free", "local", "both"], default="both")
    options = parser.parse_args()
    for embedder in ("free", "local") if options.embedder == "both" else (options.embedder,):
        with ExitStack() as stack:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lethe-batches-")))
            directory.chmod(0o711)
            settings = {"LETHE_EMBEDDER": stack.enter_context(free_embedder())} if embedder == "free" else {}
            server = Server(directory / "data", **settings).start()
            stack.callback(server.stop)
            print(f"\nembedder: {embedder}, {options.documents} texts of {options.kib:g} KiB")
            measure(server, server.client(), options.documents, options.kib)


if __name__ == "__main__":
    main()
