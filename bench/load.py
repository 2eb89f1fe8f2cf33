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
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import uvloop

from bench.artifacts import free_embedder
from bench.load_clients import COLLECTIONS, KIB, Client, Known, Step
from tests.server import Server

FIRST_DOCUMENTS = 200
"""Documents that are there before anything is measured."""
DRAIN_SECONDS = 300
PATIENCE_SECONDS = 60
"""An answer that takes longer counts as an error."""


async def measure(
    http: httpx.AsyncClient, known: Known, clients: int, options: argparse.Namespace, server: Server | None
) -> Step:
    """One number of clients, until its time is over and the queue has drained."""
    step = Step(clients)

    def more() -> bool:
        return sum(map(len, step.times.values())) < int(options.requests)

    before = cpu(server)
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
    step.cpu = {name: seconds - before[name] for name, seconds in cpu(server).items()}
    step.memory = sum(memory(server).values())
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
    for _ in range(0, FIRST_DOCUMENTS, 10):
        await asyncio.gather(*(client.ingest() for _ in range(10)))
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
        print(f"memory in MiB: {memory(server)} with {FIRST_DOCUMENTS} documents\n\n{HEAD}")
        for clients in options.clients:
            step = await measure(http, known, clients, options, server)
            step.drained = await drain(http, known)
            steps.append(step)
            print(row(step), flush=True)
        lost = await missing(http, known)
        await asyncio.sleep(options.rest)
    details(steps)
    print(f"\nmemory in MiB: {memory(server)} after {options.rest:g} s of rest")
    print(f"{len(known.deleted)} deleted documents, {known.came_back} times one came back")
    print(
        f"{known.made} documents ingested, {len(known.live)} acknowledged and not deleted, {len(lost)} lost"
    )
    refused = {what for step in steps for what in step.answers}
    return not lost and not known.came_back and refused <= {"429", "503"}


HEAD = (
    "| clients | requests/s | search | list, content, tree | ingest (waited for) | ingest/async | delete"
    " | other answers | waiting, drained in | CPU ms a request | MiB |\n|" + " --- |" * 11
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
    requests = sum(map(len, step.times.values()))
    costs = ", ".join(f"{name} {seconds / requests * 1e3:.0f}" for name, seconds in step.cpu.items())
    others = ", ".join(f"{n} x {what}" for what, n in step.answers.items()) or "none"
    return (
        f"| {step.clients} | {requests / step.seconds:.0f} | {' | '.join(map(percentiles, groups))} | {others}"
        f" | {step.waiting}, {step.drained:.0f} s | {costs} | {step.memory} |"
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


def processes(server: Server | None) -> dict[str, list[psutil.Process]]:
    """A server's processes by what they are."""
    if server is None:
        return {}
    worker, postmaster = server.worker(), server.postmaster()
    return {
        "api": [psutil.Process(server.pid)],
        "worker": [worker],
        "its children": worker.children(recursive=True),
        "postgres": [postmaster, *postmaster.children()],
    }


def memory(server: Server | None) -> dict[str, int]:
    """Resident memory in MiB, shared pages counted in each process."""
    found = dict.fromkeys(processes(server), 0)
    for name, some in processes(server).items():
        for process in some:
            with suppress(psutil.NoSuchProcess):
                found[name] += process.memory_info().rss // KIB // KIB
    return found


def cpu(server: Server | None) -> dict[str, float]:
    """CPU seconds so far, those of ended children included."""
    found = dict.fromkeys(processes(server), 0.0)
    for name, some in processes(server).items():
        for process in some:
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                found[name] += times.user + times.system
                if name in ("its children", "postgres"):
                    found[name] += times.children_user + times.children_system
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
