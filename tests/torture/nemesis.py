"""What goes wrong while callers are at work: kills, pauses, lost connections, a full disk, a clock that jumps.

Beside that, for some seconds each, there is what only stands in the way (hindrances.py).
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from functools import partial
from pathlib import Path

import httpx
import psutil
import psycopg

from lethe.core.upkeep.recovery import STALLED_SECONDS
from lethe.domain.checkpoints import arm, disarm
from tests.client import Client
from tests.disk import Disk
from tests.lifecycle.stored import step_clock
from tests.server import LETHE, Server
from tests.services import RabbitMQ
from tests.torture import hindrances
from tests.torture.history import UNDELETABLE_FILE, History
from tests.waiting import PATIENCE_SECONDS, until

POINTS_AT_ONCE = 4
POINT_SECONDS = 8
"""How long to wait for somebody to come to an armed point."""
POINT_TRIES = 20
"""So many times other points are armed when nobody has come to the first."""
TRIES = 2 * PATIENCE_SECONDS
"""Half a second apart: in this time there is again what a fault strikes."""
HINDRANCE_SECONDS = (3, 12)
BROKER_SECONDS = 30
_NOT_THERE = (
    psutil.NoSuchProcess,
    FileNotFoundError,
    IndexError,
    AssertionError,
    httpx.HTTPError,
    psycopg.Error,
)
"""How a fault tells that it found nothing to strike."""


class Nemesis:
    """Brings faults upon a server with a second worker, a broker and a disk, one after the other, and mends them."""

    def __init__(
        self,
        server: Server,
        broker: RabbitMQ,
        disk: Disk,
        points: Path,
        names: list[str],
        history: History,
        seed: int,
    ) -> None:
        self.server = server
        self.broker = broker
        self.disk = disk
        self.history = history
        self.counts: Counter[str] = Counter()
        self._points = points
        self._names = names
        self._random = random.Random(f"nemesis {seed}")
        self._second: subprocess.Popen[bytes] | None = None
        self._hostile: Client | None = None
        self._hindering: list[threading.Thread] = []
        self._no_more = threading.Event()
        self._faults = FAULTS

    def only(self, name: str) -> None:
        """Bring only the faults whose name has this in it."""
        self._faults = [fault for fault in FAULTS if name in fault.__name__]

    # ------------------------------------------------------------ the run

    def begin(self) -> None:
        """See to it that everything runs, and that there is a company that means no good."""
        self._hostile = self.server.client()
        hindrances.ingest_large(self._hostile)
        self.keep()

    def run(self, seconds: float) -> None:
        """Faults for so long, and each kind at least once."""
        end = time.monotonic() + seconds
        first = True
        while first or time.monotonic() < end:
            deck = [*self._faults]
            self._random.shuffle(deck)
            for fault in deck:
                if not first and time.monotonic() > end:
                    break
                if fault not in HINDRANCES:
                    time.sleep(self._random.uniform(0.2, 2))
                self._strike(fault)
                self.disk.free()
                self.keep()
            first = False

    def _strike(self, fault: Callable[["Nemesis"], None]) -> None:
        """Bring a fault, as soon as there is what it strikes: that may have died of the one before."""
        why: Exception | None = None
        for _ in range(TRIES):
            try:
                fault(self)
            except _NOT_THERE as error:
                why = error
            else:
                return
            time.sleep(0.5)
            self.keep()
        self._tell(f"{fault.__name__} struck nothing: {why!r}")

    def keep(self) -> None:
        """See to it that server and second worker run."""
        for _ in range(20):
            if self.server.runs():
                break
            with suppress(AssertionError):
                self.server.restart()
                self._tell("the server was started again")
        if self._second is None or self._second.poll() is not None:
            with (self.disk.beside / "second.log").open("ab") as log:
                self._second = subprocess.Popen(
                    [LETHE, "worker"],
                    env=self.server.environment,
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                )

    def end(self) -> None:
        """No more faults: everything runs."""
        self._lift_hindrances()
        for name in self._names:
            disarm(self._points, name)
        self.disk.free()
        self.keep()
        if self._hostile is not None:
            hindrances.erase_all(self._hostile)

    def close(self) -> None:
        """End the second worker, and what may still stand in the way."""
        self._lift_hindrances()
        if self._second is not None:
            self._second.terminate()
            self._second.wait(PATIENCE_SECONDS)

    def _note(self, what: str, detail: str = "") -> None:
        self.counts[what] += 1
        self._tell(f"{what} {detail}".strip())

    def _tell(self, what: str) -> None:
        self.history.note_fault(what)
        sys.stderr.write(f"{self.history.now():9.3f} {what}\n")

    # ------------------------------------------------------------ kills

    def kill_worker(self) -> None:
        self.server.worker().kill()
        self._note("kill worker")

    def kill_second_worker(self) -> None:
        if self._second is not None:
            self._second.kill()
            self._second.wait()
            self._note("kill second worker")

    def kill_command(self) -> None:
        self._note("kill API")
        self.server.kill()

    def kill_postmaster(self) -> None:
        self.server.postmaster().kill()
        self._note("kill postmaster")

    def kill_backend(self) -> None:
        backends = [p for p in self.server.postmaster().children() if "lethe_app" in " ".join(p.cmdline())]
        self._random.choice(backends).kill()
        self._note("kill backend")

    def kill_broker(self) -> None:
        self._note("kill broker")
        self.broker.kill()
        time.sleep(self._random.uniform(0, 2))
        self.broker.start()

    # ------------------------------------------------------------ less than death

    def cut_connections(self) -> None:
        """The database ends all sessions; the broker closes its connections."""
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(self.server.superuser(), autocommit=True) as conn,
        ):
            conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'lethe_app'")
            self._note("end database sessions")
        # The broker's command was seen to hang on a machine that is overloaded, which is no promise of Lethe's.
        with suppress(subprocess.TimeoutExpired):
            self.broker.close_connections(seconds=BROKER_SECONDS)
            self._note("close broker connections")

    def pause_worker(self) -> None:
        """A worker stands still past its lease, and then goes on as if nothing had been."""
        worker = self.server.worker()
        worker.suspend()
        self._note("pause worker", f"{STALLED_SECONDS + 2} s")
        time.sleep(STALLED_SECONDS + 2)
        with suppress(psutil.NoSuchProcess):
            worker.resume()
        self._tell("the worker goes on")

    def fill_disk(self) -> None:
        with suppress(psutil.NoSuchProcess, FileNotFoundError):
            family = psutil.Process(self.server.pid)
            postmaster = self.server.postmaster()
            self.disk.fill([family, *family.children(), postmaster, *postmaster.children()])
        self._note(f"full disk ({self.disk.kind})")
        time.sleep(self._random.uniform(1, 4))
        self.disk.free()
        self._tell("the disk has room")

    def step_clock(self) -> None:
        """Forth by what lets leases and uploads expire, or back a little."""
        seconds = self._random.choice([-20, 15, 60, 300, 3700])
        with suppress(psycopg.Error):
            step_clock(self.server, seconds)
            self._note("clock step", f"{seconds} s")

    # ------------------------------------------------------------ what stands in the way

    def undeletable_file(self) -> None:
        self._hinder(UNDELETABLE_FILE, hindrances.undeletable_file(self.server, self._random))

    def held_lock(self) -> None:
        self._hinder("held lock", hindrances.held_lock(self.server, self._random))

    def silent_address(self) -> None:
        assert self._hostile is not None
        self._hinder("silent address", hindrances.silent_ingestions(self._hostile))

    def slow_readers(self) -> None:
        assert self._hostile is not None
        self._hinder("slow readers", hindrances.slow_readers(self._hostile))

    def _hinder(self, what: str, hindrance: AbstractContextManager[str]) -> None:
        """Begin it; it ends after some seconds, while other faults go on."""
        with ExitStack() as beginning:
            beginning.enter_context(self.history.hindered(what))
            self._note(what, beginning.enter_context(hindrance))
            lasting = beginning.pop_all()
        seconds = self._random.uniform(*HINDRANCE_SECONDS)

        def last() -> None:
            with lasting:
                self._no_more.wait(seconds)
            self._tell(f"no more {what}")

        self._hindering.append(threading.Thread(target=last, name=what))
        self._hindering[-1].start()

    def _lift_hindrances(self) -> None:
        self._no_more.set()
        for hindering in self._hindering:
            hindering.join()

    # ------------------------------------------------------------ at a point of the code

    def kill_at_point(self) -> None:
        self._at_point(signal.SIGKILL)

    def stop_at_point(self) -> None:
        self._at_point(signal.SIGSTOP)

    def _at_point(self, action: signal.Signals) -> None:
        """Strike who comes to a point of some."""
        for _ in range(POINT_TRIES):
            if self._at_some_point(action):
                return

    def _at_some_point(self, action: signal.Signals) -> bool:
        """Arm some points, and wait until somebody has come to one; False when nobody has."""
        names = self._random.sample(self._names, POINTS_AT_ONCE)
        armed = {name: arm(self._points, name, action, passes=self._random.randint(1, 3)) for name in names}
        deadline = time.monotonic() + POINT_SECONDS
        while not any(reached.exists() for reached in armed.values()) and time.monotonic() < deadline:
            time.sleep(0.02)
        for name in names:
            disarm(self._points, name)
        struck = {name: int(reached.read_text()) for name, reached in armed.items() if reached.exists()}
        for name in struck:
            self._note(f"{action.name} at {name}")
        if struck and action == signal.SIGSTOP:
            for pid in struck.values():  # to go on is only for who stands still
                until(partial(_stands_still_or_is_gone, pid))
            time.sleep(self._random.choice([0.3, 1, STALLED_SECONDS + 2]))
            for pid in struck.values():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
            self._tell("goes on")
        return bool(struck)


def _stands_still_or_is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


HINDRANCES: list[Callable[[Nemesis], None]] = [
    Nemesis.undeletable_file,
    Nemesis.held_lock,
    Nemesis.silent_address,
    Nemesis.slow_readers,
]
FAULTS: list[Callable[[Nemesis], None]] = [
    *HINDRANCES,
    Nemesis.kill_worker,
    Nemesis.kill_second_worker,
    Nemesis.kill_command,
    Nemesis.kill_postmaster,
    Nemesis.kill_backend,
    Nemesis.kill_broker,
    Nemesis.cut_connections,
    Nemesis.pause_worker,
    Nemesis.fill_disk,
    Nemesis.step_clock,
    *[Nemesis.kill_at_point] * 3,
    Nemesis.stop_at_point,
]
