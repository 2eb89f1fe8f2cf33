"""What the calls of the Artifacts API cost, next to a bare request and a bare embedding model, in one run.

    .venv/bin/python -m bench.artifacts [--quick]

Starts a server of its own in a temporary directory, first with an embedding service that costs nothing
(bench/openai_server.py), then with the local model. Prints for each call the median and the 95th percentile
in milliseconds and the median as a multiple of GET /health, which is a bare request on the same machine in the
same minute; then the rate of the local model through the server as a share of its bare rate, and the memory.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import psutil
import psycopg

from tests.client import Client
from tests.server import Server

WORDS = [
    f"{a}{b}{c}" for a in ("ka", "lo", "mi", "re", "su", "ta") for b in ("n", "r", "st", "l") for c in "aeiou"
]
KIB = 1024


def markdown(kib: float, seed: object) -> str:
    """A markdown text of about this size: sections of paragraphs, other words for every seed."""
    rng = random.Random(str(seed))
    parts: list[str] = []
    size = 0
    while size < kib * KIB:
        if len(parts) % 7 == 0:
            parts.append(f"## {' '.join(rng.choices(WORDS, k=3)).title()}\n\n")
        else:
            parts.append(f"{' '.join(rng.choices(WORDS, k=70)).capitalize()}.\n\n")
        size += len(parts[-1])
    return "".join(parts)


class Table:
    """Prints measurements as multiples of the first one."""

    def __init__(self, repeat: int) -> None:
        self._repeat = repeat
        self._unit = 0.0

    def measure(self, name: str, call: Callable[[int], object], *, repeat: int | None = None) -> None:
        """Time `call`, which gets the number of the repetition."""
        times = []
        for i in range(repeat or self._repeat):
            start = time.perf_counter()
            call(i)
            times.append(time.perf_counter() - start)
        median = statistics.median(times)
        self._unit = self._unit or median
        high = sorted(times)[int(0.95 * (len(times) - 1))]
        print(f"{name:44} {median * 1e3:9.1f} {high * 1e3:9.1f} {median / self._unit:8.1f} x", flush=True)


def calls(client: Client, table: Table, documents: int) -> None:
    """Each call of the API on documents of the usual sizes."""
    print(f"{'call':44} {'median ms':>9} {'p95 ms':>9} {'multiple':>10}")
    table.measure("GET /health", lambda _: client.http.get("/health"), repeat=50)
    for kib in (1, 20, 200):
        texts = [markdown(kib, f"i{kib}-{n}") for n in range(30)]

        def ingest(i: int, kib: int = kib, texts: list[str] = texts) -> None:
            assert client.ingest(f"i{kib}-{i}", texts[i]).status_code == 200

        table.measure(f"ingest {kib} KB", ingest)
    table.measure("content of 200 KB", lambda _: client.content("i200-0"))
    table.measure(
        "chunked-content of 200 KB at 500 tokens",
        lambda _: client.post(
            "/chunked-content",
            {"context_filter": {"collection": "c", "artifacts": ["i200-0"]}, "max_tokens": 500},
        ),
    )
    table.measure("delete of 1 KB", lambda i: client.delete(f"i1-{i}"))
    table.measure("delete of 200 KB", lambda i: client.delete(f"i200-{i}"))
    table.measure("delete/async of 20 KB, until it answers", lambda i: client.delete_async(f"i20-{i}"))
    for n in range(documents):
        client.ingest_async(f"l{n}", f"document {n}", collection="long")
    while len(client.listed("long")) < documents:
        time.sleep(0.2)
    table.measure(f"list of {documents} documents", lambda _: client.listed("long"))


def embedding_rate(server: Server, client: Client, kib: int) -> None:
    """The local model's rate through the server with both cores busy, and bare on the same passages."""
    with psycopg.connect(server.superuser(), autocommit=True) as conn:
        texts = [markdown(kib, f"e{n}") for n in range(8)]
        start = time.perf_counter()
        threads = [
            threading.Thread(
                target=lambda n=n: server.client_of(client.token, client.company).ingest(f"e{n}", texts[n])
            )
            for n in range(len(texts))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - start
        rows = conn.execute("SELECT headings, text FROM chunk_text").fetchall()
    passages = [f"{' > '.join(headings)}\n{text}" if headings else str(text) for headings, text in rows]
    through = len(passages) / seconds
    spawn = get_context("spawn")
    processes = psutil.cpu_count() or 1
    with spawn.Pool(processes) as pool:
        pool.map(bare, [passages[:2]] * processes)
        start = time.perf_counter()
        pool.map(bare, [passages[i : i + 64] for i in range(0, len(passages), 64)], chunksize=1)
        alone = len(passages) / (time.perf_counter() - start)
    print(
        f"local model: {through:.0f} passages/s through the server, {alone:.0f} bare: {through / alone:.0%}"
    )


def bare(texts: list[str]) -> None:
    """Embed without a server."""
    from lethe.adapters.embedders import LocalModel  # noqa: PLC0415 in the child only
    from lethe.adapters.embedders.cpu import encode_passages  # noqa: PLC0415

    encode_passages(LocalModel(), texts)


@contextmanager
def free_embedder() -> Iterator[str]:
    """An embedding service that costs nothing while the block runs, as LETHE_EMBEDDER names it."""
    program = [sys.executable, str(Path(__file__).with_name("openai_server.py")), "--port", "0"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        try:
            yield f"openai:{service.stdout.readline().strip()}#free"
        finally:
            service.terminate()


def memory(server: Server) -> float:
    """Resident memory of all processes of a server in MiB, shared pages counted in each."""
    roots = [psutil.Process(server.pid), server.postmaster()]
    processes = {p.pid: p for root in roots for p in (root, *root.children(recursive=True))}
    return sum(p.memory_info().rss for p in processes.values()) / KIB / KIB


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few repetitions, small documents")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory(prefix="lethe-bench-") as name:
        directory = Path(name)
        directory.chmod(0o711)
        with free_embedder() as embedder:
            server = Server(directory / "free", LETHE_EMBEDDER=embedder).start()
            try:
                calls(server.client(), Table(5 if quick else 20), 50 if quick else 500)
            finally:
                server.stop()
        server = Server(directory / "local").start()
        try:
            print(f"memory of the idle server, all processes: {memory(server):.0f} MiB")
            embedding_rate(server, server.client(), 20 if quick else 100)
            print(f"memory after it: {memory(server):.0f} MiB")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
