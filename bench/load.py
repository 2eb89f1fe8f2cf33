"""A server under load: rising numbers of clients that search, read, ingest and delete, and what they get.

    .venv/bin/python -m bench.load [--clients 1,2,4,8,16,32] [--seconds 60] [--embedder free|local]
    .venv/bin/python -m bench.load --base http://127.0.0.1:8400 --token kbai_pk_...

Each client sends its next request when it has the answer to the last one: 60 % searches (by words, by meaning,
by both), 20 % list, content or tree, 15 % ingestions (of 1 to 4 KB in the background, some waited for, some of
20 to 200 KB), 5 % deletions. What a client does is decided by --seed. Each number of clients goes on for so many
seconds or requests, whichever ends first; then the queue may drain.

Two promises are checked on the way: no answer to a request that was sent after a deletion's answer has the deleted
document, and when the queue has drained every document whose ingestion was acknowledged is listed. The end is a
markdown table and an exit code of 1 when a promise was broken or an answer was neither a success nor a 429 or 503
with Retry-After.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import uvloop

from bench.artifacts import KIB, WORDS, free_embedder, markdown
from tests.server import Server

COLLECTIONS = 8
FIRST_DOCUMENTS = 200
"""Documents that are there before anything is measured."""
DRAIN_SECONDS = 300
PATIENCE_SECONDS = 60
"""An answer that takes longer counts as an error."""
LONGEST_PAUSE_SECONDS = 5.0

MIX = {
    "search": 60,
    "read": 20,
    "ingest": 15,
    "delete": 5,
}
WAITED_FOR, LARGE = 0.15, 0.15
"""Shares of the ingestions."""
BODIES = {
    large: [markdown(random.Random(n).uniform(*kib), n) for n in range(40)]
    for large, kib in {False: (1, 4), True: (20, 200)}.items()
}
"""Made beforehand: what a client does between its requests takes time from the server."""


@dataclass
class Known:
    """What the clients know of the documents. Names are never used twice."""

    live: dict[str, str] = field(default_factory=dict)
    """Acknowledged documents and their collections."""
    deleted: dict[str, float] = field(default_factory=dict)
    """When the answer to its deletion had come."""
    made: int = 0
    came_back: int = 0
    """Answers that had a deleted document."""

    def new(self) -> str:
        self.made += 1
        return f"d{self.made:07}"

    def see(self, names: Iterable[str], asked: float) -> None:
        """Check the documents of an answer to a request that was sent at `asked`."""
        self.came_back += sum(self.deleted.get(name, asked) < asked for name in names)


@dataclass
class Step:
    """What was measured with one number of clients."""

    clients: int
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    waiting: int = 0
    """Ingestions that had not ended when the clients stopped."""
    drained: float = 0.0
    memory: int = 0


class Client:
    """One client of a load."""

    def __init__(self, http: httpx.AsyncClient, known: Known, step: Step, rng: random.Random) -> None:
        self._http, self._known, self._step, self._rng = http, known, step, rng

    async def run(self, end: float, more: Callable[[], bool]) -> None:
        """Send requests until `end`, or until there are to be no more."""
        while time.perf_counter() < end and more():
            (group,) = self._rng.choices(list(MIX), list(MIX.values()))
            await getattr(self, group)()

    async def search(self) -> None:
        mode = self._rng.choice(["full", "vector", "hybrid"])
        query = " ".join(self._rng.choices(WORDS, k=self._rng.randint(1, 4)))
        asked = time.perf_counter()
        found = await self._call(
            f"search {mode}",
            "POST",
            "/v1/knowledge/search",
            json={"query": query, "mode": mode, "top_k": 25},
        )
        if found:
            self._known.see((hit["title"] for hit in found.json()["results"]), asked)

    async def read(self) -> None:
        match self._rng.choice(["list", "content", "tree"]):
            case "list":
                await self.list_all(f"c{self._rng.randrange(COLLECTIONS)}", limit=100)
            case "content" if self._known.live:
                name, collection = self._any()
                await self._content(name, collection)
            case _:
                asked = time.perf_counter()
                tree = await self._call("tree", "GET", "/v1/knowledge/tree", params={"depth": 2})
                if tree:
                    folders = tree.json()["items"]
                    self._known.see((n["title"] for f in folders for n in f["children"]), asked)

    async def list_all(self, collection: str, **params: Any) -> set[str]:
        """The names that a collection lists."""
        asked = time.perf_counter()
        query = {"collection": collection, **params}
        listed = await self._call("list", "GET", "/v1/artifacts/list", params=query)
        names = {d["artifact"] for d in listed.json()["data"]} if listed else set()
        self._known.see(names, asked)
        return names

    async def _content(self, name: str, collection: str) -> None:
        asked = time.perf_counter()
        only = {"context_filter": {"collection": collection, "artifacts": [name]}}
        # 404: not stored yet, or deleted by another client.
        answer = await self._call("content", "POST", "/v1/artifacts/content", 404, json=only)
        if answer and answer.status_code == 200:
            self._known.see([name], asked)

    async def ingest(self) -> None:
        name, collection = self._known.new(), f"c{self._rng.randrange(COLLECTIONS)}"
        text = self._rng.choice(BODIES[self._rng.random() < LARGE])
        body = {
            "artifact": name,
            "collection": collection,
            "input": {"type": "text", "value": f"# {name}\n\n{text}"},
        }
        if self._rng.random() < WAITED_FOR:
            answer = await self._call("ingest", "POST", "/v1/artifacts/ingest", json=body)
        else:
            answer = await self._call(
                "ingest/async", "POST", "/v1/artifacts/ingest/async", json={"ingest_body": body}
            )
        if answer:
            self._known.live[name] = collection

    async def delete(self) -> None:
        if not self._known.live:
            return
        name, collection = self._any()
        del self._known.live[name]
        body = {"collection": collection, "artifact": name}
        if self._rng.random() < 0.5:
            answer = await self._call("delete", "POST", "/v1/artifacts/delete", json=body)
        else:
            answer = await self._call(
                "delete/async", "POST", "/v1/artifacts/delete/async", json={"delete_body": body}
            )
        if answer:
            self._known.deleted[name] = time.perf_counter()

    def _any(self) -> tuple[str, str]:
        name = self._rng.choice(list(self._known.live))
        return name, self._known.live[name]

    async def _call(
        self, kind: str, method: str, path: str, also: int = 200, **more: Any
    ) -> httpx.Response | None:
        """An answer with 200 or `also`; all others are counted by their code, and None."""
        start = time.perf_counter()
        try:
            answer = await self._http.request(method, path, **more)
        except httpx.TimeoutException:
            self._step.answers["no answer in time"] += 1
            return None
        except httpx.HTTPError as exc:
            self._step.answers[f"dropped: {type(exc).__name__}"] += 1
            return None
        self._step.times[kind].append(time.perf_counter() - start)
        if answer.status_code in (200, also):
            return answer
        pause = answer.headers.get("retry-after")
        later = answer.status_code in (429, 503)
        self._step.answers[
            f"{answer.status_code}{' without Retry-After' if later and not pause else ''}"
        ] += 1
        await asyncio.sleep(min(float(pause or 0), LONGEST_PAUSE_SECONDS))
        return None


async def measure(http: httpx.AsyncClient, known: Known, clients: int, options: argparse.Namespace) -> Step:
    """One number of clients, until its time is over and the queue has drained."""
    step = Step(clients)

    def more() -> bool:
        return sum(map(len, step.times.values())) < int(options.requests)

    start = time.perf_counter()
    await asyncio.gather(
        *(
            Client(http, known, step, random.Random(f"{options.seed} {clients} {n}")).run(
                start + options.seconds, more
            )
            for n in range(clients)
        )
    )
    step.seconds = time.perf_counter() - start
    step.waiting = len(await missing(http, known))
    return step


async def missing(http: httpx.AsyncClient, known: Known) -> set[str]:
    """Acknowledged documents that are not listed."""
    reader = Client(http, known, Step(0), random.Random(0))
    return set(known.live).difference(*[await reader.list_all(f"c{n}") for n in range(COLLECTIONS)])


async def drain(http: httpx.AsyncClient, known: Known) -> float:
    """Wait until all acknowledged documents are listed, but not for ever; the seconds it took."""
    start = time.perf_counter()
    while await missing(http, known) and time.perf_counter() - start < DRAIN_SECONDS:  # noqa: ASYNC110
        await asyncio.sleep(0.25)
    return time.perf_counter() - start


async def fill(http: httpx.AsyncClient, known: Known, seed: int) -> None:
    """The first documents."""
    client = Client(http, known, Step(1), random.Random(f"{seed} fill"))
    for _ in range(FIRST_DOCUMENTS):
        await client.ingest()
    await drain(http, known)


async def run(options: argparse.Namespace, base: str, token: str, server: Server | None) -> bool:
    """All numbers of clients; True when everything was as promised."""
    known = Known()
    steps: list[Step] = []
    async with httpx.AsyncClient(
        base_url=base,
        headers={"Authorization": f"Bearer {token}"},
        timeout=PATIENCE_SECONDS,
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
        trust_env=False,
    ) as http:
        await fill(http, known, options.seed)
        print(f"memory in MiB: {parts(server)} with {FIRST_DOCUMENTS} documents\n\n{HEAD}")
        for clients in options.clients:
            step = await measure(http, known, clients, options)
            step.memory = sum(parts(server).values())
            step.drained = await drain(http, known)
            steps.append(step)
            print(row(step), flush=True)
        lost = await missing(http, known)
        await asyncio.sleep(options.rest)
    details(steps)
    print(f"\nmemory in MiB: {parts(server)} after {options.rest:g} s of rest")
    print(f"{len(known.deleted)} deleted documents, {known.came_back} times one came back")
    print(
        f"{known.made} documents ingested, {len(known.live)} acknowledged and not deleted, {len(lost)} lost"
    )
    refused = {what for step in steps for what in step.answers}
    return not lost and not known.came_back and refused <= {"429", "503"}


HEAD = (
    "| clients | requests/s | search | list, content, tree | ingest (waited for) | ingest/async | delete"
    " | other answers | waiting, drained in | MiB |\n|" + " --- |" * 10
)
GROUPS = {
    "search": ("search full", "search vector", "search hybrid"),
    "read": ("list", "content", "tree"),
    "ingest": ("ingest",),
    "ingest/async": ("ingest/async",),
    "delete": ("delete", "delete/async"),
}


def row(step: Step) -> str:
    """A line of the table: 50th, 95th and 99th percentile of each group in ms."""
    groups = [[t for kind in kinds for t in step.times[kind]] for kinds in GROUPS.values()]
    rate = sum(map(len, step.times.values())) / step.seconds
    others = ", ".join(f"{n} x {what}" for what, n in step.answers.items()) or "none"
    return (
        f"| {step.clients} | {rate:.0f} | {' | '.join(map(percentiles, groups))} | {others}"
        f" | {step.waiting}, {step.drained:.0f} s | {step.memory} |"
    )


def details(steps: list[Step]) -> None:
    """Each kind of request by itself, with the largest number of clients."""
    print(
        f"\n| with {steps[-1].clients} clients | requests | 50 / 95 / 99 % ms | longest ms |\n|"
        + " --- |" * 4
    )
    for kind, times in sorted(steps[-1].times.items()):
        if times:
            print(f"| {kind} | {len(times)} | {percentiles(times)} | {max(times) * 1e3:.0f} |")


def percentiles(times: list[float]) -> str:
    """50th, 95th and 99th percentile in ms."""
    if len(times) < 2:
        return "-"
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return " / ".join(f"{cuts[n - 1] * 1e3:.0f}" for n in (50, 95, 99))


def parts(server: Server | None) -> dict[str, int]:
    """Resident memory of a server's processes in MiB, shared pages counted in each."""
    if server is None:
        return {}
    api, worker = psutil.Process(server.pid), server.worker()
    postmaster = server.postmaster()
    groups = {
        "api": [api],
        "worker": [worker],
        "its children": worker.children(recursive=True),
        "postgres": [postmaster, *postmaster.children()],
    }
    found: dict[str, int] = {}
    for name, processes in groups.items():
        found[name] = 0
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                found[name] += process.memory_info().rss // KIB // KIB
    return found


@contextmanager
def own_server(embedder: str) -> Iterator[Server]:
    """A server in a temporary directory."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lethe-load-")))
        directory.chmod(0o711)
        settings = {}
        if embedder == "free":
            settings["LETHE_EMBEDDER"] = stack.enter_context(free_embedder())
        server = Server(directory / "data", **settings).start()
        stack.callback(server.stop)
        yield server


def main() -> None:
    """Run the load on a server of its own, or on the one that is named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--clients", type=lambda text: [int(n) for n in text.split(",")], default=[1, 2, 4, 8, 16, 32]
    )
    parser.add_argument("--seconds", type=float, default=60, help="for each number of clients")
    parser.add_argument("--requests", type=int, default=20_000, help="most for each number of clients")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rest", type=float, default=45, help="seconds before memory is looked at again")
    parser.add_argument("--embedder", choices=["free", "local"], default="free", help="of the own server")
    parser.add_argument("--base", help="the address of a server that runs already")
    parser.add_argument("--token", help="a token of that server with every scope and no limit of rate")
    options = parser.parse_args()
    if options.base:
        kept = uvloop.run(run(options, options.base, options.token or "", None))
    else:
        with own_server(options.embedder) as server:
            kept = uvloop.run(run(options, server.url, server.first_token, server))
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
