"""`python -m tests.torture.run`: callers against a server that suffers, and whether it kept its promises."""

import argparse
import asyncio
import random
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path

from tests.disk import Disk
from tests.lifecycle.life import LIFE, SWEEPER
from tests.lifecycle.receiver import Receiver
from tests.server import Server
from tests.services import RabbitMQ
from tests.torture.checker import check
from tests.torture.clients import Caller
from tests.torture.end import look, until_quiet
from tests.torture.history import History, Outcome
from tests.torture.nemesis import Nemesis
from tests.torture.past import Violation
from tests.torture.reading import ANSWER_SECONDS, ARTIFACTS, COLLECTIONS, Reader, World
from tests.waiting import until

PASSED = [name for name in chain(*LIFE.values(), *SWEEPER.values()) if not name.startswith("webhook")]
"""Points of the code to which what callers do here leads."""
CALLERS = 6
COMPANIES = 2


class Torture:
    """One run: a server in the hands of a nemesis, and callers of two companies, who use the same names."""

    def __init__(
        self, server: Server, nemesis: Nemesis, receiver: Receiver, seed: int, pause: float = 0
    ) -> None:
        self.history = nemesis.history
        self.nemesis = nemesis
        self._server = server
        self._receiver = receiver
        self._seed = seed
        self._pause = pause
        clients = [server.client() for _ in range(COMPANIES)]
        self._tokens = {client.company: client.token for client in clients}
        self._worlds = [World(client.company) for client in clients]
        self._stop = threading.Event()
        self.violations: list[Violation] = []

    def run(self, seconds: float) -> list[Violation]:
        """Work and faults for so long, then rest; the broken promises."""
        with ThreadPoolExecutor(CALLERS) as pool:
            callers = [pool.submit(self._work, number) for number in range(CALLERS)]
            try:
                self.nemesis.run(seconds)
            finally:
                self._stop.set()
            for caller in callers:
                caller.result()
        self.nemesis.end()
        busy = until_quiet(self._server)
        self.history.rest()
        for world in self._worlds:
            self._read_all(Reader(self._server, self._tokens[world.company], self.history, world))
        asyncio.run(self._receiver.read_rest())
        end = look(self._server, busy, self._receiver.events, list(self._tokens))
        self.violations = check(self.history, end)
        return self.violations

    def _work(self, number: int) -> None:
        world = self._worlds[number % COMPANIES]
        caller = Caller(
            self._server,
            self._tokens[world.company],
            self.history,
            world,
            f"{self._seed} {number}",
            self._callback,
        )
        while not self._stop.is_set():
            caller.act()
            self._stop.wait(self._pause if self._server.runs() else 0.2)
        caller.http.close()

    def _callback(self, number: int) -> object:
        return self._receiver.callback(properties={"operation": number})

    def _read_all(self, caller: Reader) -> None:
        """What every reader sees in the end."""
        caller.tree()
        for collection in COLLECTIONS:
            caller.read_list(collection)
            for artifact in ARTIFACTS:
                name = {"collection": collection, "artifact": artifact}
                caller.read_content(caller.world.artifact(**name), name)
        for subject in caller.world.nodes("node:"):
            caller.read_node(subject)
        words = [word for word, write in self.history.writes.items() if write.company == caller.world.company]
        for word in random.Random(self._seed).sample(words, min(len(words), 40)):
            for mode in ("full", "vector", "hybrid"):
                caller.read_search(word, mode)
        for (
            task
        ) in caller.world.tasks:  # each promise about a task needs its end: a lost connection is no answer
            until(partial(caller.read_task, task), ANSWER_SECONDS)
        caller.http.close()


@contextmanager
def torture(broker: RabbitMQ, embedder: str, seed: int, pause: float = 0) -> Iterator[Torture]:
    """All that a run needs, on a disk of its own; each caller rests so many seconds after whatever it did."""
    disk = Disk()
    points = disk.beside / "points"
    points.mkdir()
    server = Server(
        disk.directory,
        LETHE_AMQP_URL=broker.url,
        LETHE_EMBEDDER=embedder,
        LETHE_FETCH_ALLOW_PRIVATE="true",
        LETHE_TEST_CHECKPOINTS=str(points),
    )
    well = False
    nemesis = Nemesis(server, broker, disk, points, PASSED, History(), seed)
    try:
        server.start()
        nemesis.begin()
        run = Torture(server, nemesis, asyncio.run(Receiver.bound(broker.url)), seed, pause)
        yield run
        well = not run.violations
    finally:
        nemesis.close()
        if server.runs():
            server.stop()
        disk.close(keep_beside=not well)


def report(run: Torture, violations: list[Violation], seed: int) -> str:
    """Counts, violations with their stories, and the seed."""
    outcomes: dict[str, Counter[Outcome]] = {}
    for operation in run.history.operations:
        outcomes.setdefault(operation.kind, Counter())[operation.outcome] += 1
    lines = [f"{'operations':<16}{'ok':>8}{'fail':>8}{'unknown':>8}"]
    lines += [
        f"{kind:<16}{n[Outcome.OK]:>8}{n[Outcome.FAIL]:>8}{n[Outcome.UNKNOWN]:>8}"
        for kind, n in sorted(outcomes.items())
    ]
    lines += ["", "faults"] + [f"{n:>5} {what}" for what, n in sorted(run.nemesis.counts.items())]
    for rule, subject in dict.fromkeys((v.rule, v.subject) for v in violations[:20]):
        about = [v for v in violations if (v.rule, v.subject) == (rule, subject)]
        lines += ["", f"VIOLATION: {rule}: {subject} ({len(about)} times)", about[0].what, "", "its story:"]
        lines += [run.history.story(subject)]
    if violations:
        lines += ["", f"the logs are in {run.nemesis.disk.beside}"]
    lines += ["", f"violations: {len(violations)} (0 expected); seed {seed}"]
    return "\n".join(lines)


def main() -> None:
    """Run from the command line; exit with 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--embedder", default="local", help="as LETHE_EMBEDDER")
    parser.add_argument("--faults", default="", help="only those whose name has this in it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lethe-rabbitmq-") as directory:
        broker = RabbitMQ(Path(directory))
        try:
            broker.start()
            with torture(broker, options.embedder, options.seed) as run:
                run.nemesis.only(options.faults)
                violations = run.run(options.minutes * 60)
                sys.stdout.write(report(run, violations, options.seed) + "\n")
        finally:
            broker.close()
    sys.exit(bool(violations))


if __name__ == "__main__":
    main()
