"""What a hostile company costs its neighbours, next to what their calls take without it, in one run.

    .venv/bin/python -m bench.neighbours [--seconds 30] [--most 180] [--embedder local|free]

Starts a server of its own in a temporary directory. Three companies work all the while, a client each: it asks who it
is, lists, searches, deletes a document and sends another, rests 0.3 s and begins again. First alone, for so many
seconds; then beside a fourth company that does all it can (bench/hostile.py), until that has been answered.

A refused call counts as one that takes for ever. The exit code is 1 when the 95th percentile of me, list, search or
delete is five times what it was alone or more, when the API took 700 MB or more, or when somebody got no answer or a
5xx that is not a 503 with Retry-After.
"""

import argparse
import math
import random
import re
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

import psutil

from bench import hostile
from bench.artifacts import markdown
from bench.load import own_server
from bench.load_clients import words
from tests.client import Client, body
from tests.server import Server
from tests.waiting import until

COMPANIES = 3
FIRST_DOCUMENTS = 60
REST_SECONDS = 0.3
MOST_TIMES, MOST_MB = 5, 700
BOUND = ("me", "list", "search", "delete")
"""Calls that wait for nobody's work. Ingestions are told beside them."""


class Neighbour:
    """A company at work."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._rng = random.Random(client.company)
        self._documents: list[str] = []
        self._made = 0
        self.times: dict[str, list[float]] = defaultdict(list)
        self.answers: Counter[str] = Counter()

    def settle(self) -> None:
        """The first documents, and one call of each kind that nobody counts."""
        for _ in range(FIRST_DOCUMENTS):
            self._ingest()
        until(lambda: len(self._client.listed()) == FIRST_DOCUMENTS, 300)
        self._round()
        self.begin()

    def begin(self) -> None:
        """Count anew."""
        self.times, self.answers = defaultdict(list), Counter()

    def work(self, stop: threading.Event) -> None:
        """Round after round until told to stop."""
        while not stop.wait(REST_SECONDS):
            self._round()

    def _round(self) -> None:
        query = {"query": words(self._rng, 4), "mode": "hybrid", "top_k": 10}
        self._call("me", "GET", "/v1/me")
        self._call("list", "GET", "/v1/artifacts/list", params={"collection": "c"})
        self._call("search", "POST", "/v1/knowledge/search", json=query)
        gone = {"collection": "c", "artifact": self._documents.pop(0)}
        self._call("delete", "POST", "/v1/artifacts/delete", json=gone)
        self._ingest()

    def _ingest(self) -> None:
        self._made += 1
        name = f"d{self._made}"
        document = {"ingest_body": body(name, markdown(1, self._made))}
        self._call("ingest/async", "POST", "/v1/artifacts/ingest/async", json=document)
        self._documents.append(name)

    def _call(self, kind: str, method: str, path: str, **more: Any) -> None:
        began = time.perf_counter()
        said = hostile.outcome(lambda: self._client.http.request(method, path, **more))
        took = time.perf_counter() - began
        self.times[kind].append(took if said == "200" else math.inf)
        self.answers[f"{kind}: {said}"] += 1


class Memory(threading.Thread):
    """Watches the most memory that a process takes."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(pid)
        self.most = 0

    def run(self) -> None:
        """Look as long as it lives."""
        while self._process.is_running():
            try:
                self.most = max(self.most, self._process.memory_info().rss)
            except psutil.NoSuchProcess:
                return
            time.sleep(0.05)

    @property
    def most_mb(self) -> int:
        """In MB, as /proc counts."""
        return self.most // 1024 // 1024


@contextmanager
def at_work(neighbours: list[Neighbour]) -> Iterator[None]:
    """All of them work during the block."""
    stop = threading.Event()
    threads = [threading.Thread(target=neighbour.work, args=(stop,)) for neighbour in neighbours]
    for neighbour in neighbours:
        neighbour.begin()
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@contextmanager
def hostility(server: Server, client: Client, seconds: float, most: float) -> Iterator[Counter[str]]:
    """A block's end waits until the hostile company has been answered, and so many seconds; what it was answered."""
    spawn = get_context("spawn")
    passed, stop, results = spawn.Event(), spawn.Event(), spawn.Queue()
    arguments = (server.url, client.token, server.superuser(), passed, stop, results)
    process = spawn.Process(target=hostile.run, args=arguments)
    answers: Counter[str] = Counter()
    process.start()
    try:
        yield answers
        began = time.monotonic()
        passed.wait(most)
        time.sleep(max(0.0, seconds - (time.monotonic() - began)))
    finally:
        stop.set()
    answers.update(results.get(timeout=hostile.PATIENCE_SECONDS))
    process.join()


def measure(server: Server, seconds: float, most: float) -> bool:
    """Both parts, and what came of them. True when the bounds were kept."""
    neighbours = [Neighbour(server.client()) for _ in range(COMPANIES)]
    for neighbour in neighbours:
        neighbour.settle()
    foe = server.client()
    foe.ingest(
        "large", "\n\n".join(["word"] * hostile.READ_WORDS), collection="hostile", metadata=hostile.METADATA
    )
    memory = Memory(server.pid)
    memory.start()
    with at_work(neighbours):
        time.sleep(seconds)
    alone, calm = together(neighbours), memory.most_mb
    began = time.perf_counter()
    with at_work(neighbours), hostility(server, foe, seconds, most) as answers:
        pass
    beside, took = together(neighbours), time.perf_counter() - began
    print(f"{COMPANIES} companies alone for {seconds:g} s, then {took:.0f} s beside a hostile one\n")
    kept = compare(alone, beside)
    said = answers + sum((n.answers for n in neighbours), Counter())
    print(f"\nAPI: {calm} MB alone, {memory.most_mb} MB beside it")
    for what, count in sorted(answers.items()):
        print(f"hostile {what}: {count}")
    for what, count in sorted((said - answers).items()):
        print(f"others {what}: {count}")
    return kept and memory.most_mb < MOST_MB and not any(map(is_wrong, said))


def together(neighbours: list[Neighbour]) -> dict[str, list[float]]:
    """The times of all by call."""
    return {kind: [t for n in neighbours for t in n.times[kind]] for kind in (*BOUND, "ingest/async")}


def compare(alone: dict[str, list[float]], beside: dict[str, list[float]]) -> bool:
    """Print both as a table; True when the bound was kept."""
    print(
        "| call | alone: median / p95 ms of | beside: median / p95 ms of | p95 as a multiple |\n|"
        + " --- |" * 4
    )
    kept = True
    for kind, before in alone.items():
        times = p(95, beside[kind]) / p(95, before)
        kept = kept and (kind not in BOUND or times < MOST_TIMES)
        cells = (
            f"{p(50, some) * 1e3:.0f} / {p(95, some) * 1e3:.0f} of {len(some)}"
            for some in (before, beside[kind])
        )
        print(f"| {kind} | {' | '.join(cells)} | {times:.1f} |", flush=True)
    return kept


def p(percentile: int, times: list[float]) -> float:
    """So many of a hundred took no longer."""
    return sorted(times)[math.ceil(len(times) * percentile / 100) - 1]


def is_wrong(said: str) -> bool:
    """No answer, or one that blames the server without saying when to try again."""
    return re.search(r": (5\d\d$|5\d\d without|[A-Z])", said) is not None and not said.endswith(": 503")


def main() -> None:
    """Run it on a server of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=30, help="of each part, at least")
    parser.add_argument("--most", type=float, default=180, help="seconds beside the hostile company")
    parser.add_argument("--embedder", choices=["free", "local"], default="local")
    options = parser.parse_args()
    with own_server(options.embedder) as server:
        kept = measure(server, options.seconds, options.most)
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
