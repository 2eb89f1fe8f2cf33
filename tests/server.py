"""A real Lethe server as a process of its own, started by its command."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from lethe.core.access import rate_limits, tokens
from lethe.store.database.pool import Database
from lethe.store.postgres.embedded import EmbeddedPostgres
from tests.client import TLS, Client
from tests.ports import lasting_ports
from tests.processes import children
from tests.waiting import PATIENCE_SECONDS, until

LETHE = Path(sys.executable).with_name("lethe")

_AT_REST = """
SELECT count(*) = 0 FROM pg_stat_activity
WHERE application_name = 'lethe' AND xact_start IS NOT NULL
"""


class Server:
    """`lethe serve` on a directory. Its port stays the same over restarts, and its own meanwhile."""

    part = "serve"
    """The command."""
    program = LETHE
    companies_at_once = 1
    """For so many clients companies are made at a time, those of later clients ahead."""

    def __init__(self, directory: Path, **settings: str) -> None:
        self.directory = directory
        self._unused: list[tuple[str, str]] = []
        self._settings = settings
        self._port = ""
        self._process: subprocess.Popen[str] | None = None
        self.first_token = ""
        self.said: list[str] = []
        """What the command has printed since its last start; all of it only once it has stopped."""
        self._clients: list[Client] = []

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the server and of commands beside it."""
        return {**os.environ, "LETHE_DATA_DIR": str(self.directory), **self._settings}

    @property
    def chosen(self) -> dict[str, Any]:
        """The server's own settings by the names of lethe.settings.Settings."""
        given = {name.removeprefix("LETHE_").lower(): value for name, value in self._settings.items()}
        return {"data_dir": self.directory, **given}

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """The process of the command."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has logged."""
        return (self.directory.parent / f"{self.directory.name}.log").read_text()

    def start(self) -> "Server":
        """Start it and wait until it says that it listens, and /ready agrees."""
        self._port = self._port or str(lasting_ports(1)[0])
        with (self.directory.parent / f"{self.directory.name}.log").open("a") as log:
            self._process = subprocess.Popen(
                [self.program, self.part, "--port", self._port],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.said = []
        try:
            self._await_ready()
        except BaseException:
            self.kill()
            raise
        return self

    def _await_ready(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said.append(line)
            if match := re.match(r"Lethe(?:'s API)? listens on http://127.0.0.1:(\d+)", line):
                self._port = match[1]
                break
        else:
            raise AssertionError(f"the server has ended: {self.log[-3000:]}")
        if not self.first_token:
            self.said.append(self._process.stdout.readline())
            self.first_token = self.said[-1].rpartition(" ")[2].strip()
        until(lambda: self.is_ready() or not self.runs())
        assert self.runs(), f"the server has ended: {self.log[-3000:]}"

    def is_ready(self) -> bool:
        """True when /ready answers 200."""
        try:
            return httpx.get(f"{self.url}/ready", timeout=20, trust_env=False, verify=TLS).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> int:
        """Stop it in good order; its exit code. 0 when it was killed, which a test that failed may leave behind."""
        self.close_clients()
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(PATIENCE_SECONDS)
        assert self._process.stdout is not None
        self.said.extend(self._process.stdout)
        self._close()
        return code

    def kill(self) -> None:
        """kill -9 of the command. What it started may live on for a moment."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._close()

    def runs(self) -> bool:
        """True while the command's process has not ended."""
        return self._process is not None and self._process.poll() is None

    def restart(self) -> None:
        """Start again on the same directory."""
        if self._process is not None:
            self._close()
        self.start()

    def worker(self) -> psutil.Process:
        """The worker's process."""
        for child in children(psutil.Process(self.pid)):
            with suppress(psutil.NoSuchProcess):  # it has just ended
                if "worker" in child.cmdline():
                    return child
        raise AssertionError("no worker runs")

    @contextmanager
    def worker_standing_still(self) -> Iterator[None]:
        """The worker takes up nothing while the block runs, and holds nothing for which others would wait."""
        worker = self.worker()
        until(lambda: self._is_stopped(worker))
        try:
            yield
        finally:
            worker.resume()

    def _is_stopped(self, worker: psutil.Process) -> bool:
        """Stop the worker where it has no transaction open; False if it has, and goes on."""
        worker.suspend()
        try:
            with psycopg.connect(self.superuser(), autocommit=True) as conn:
                for _ in range(20):  # others' transactions end by themselves meanwhile
                    if conn.execute(_AT_REST).fetchone() == (True,):
                        return True
                    time.sleep(0.02)
        except BaseException:
            worker.resume()
            raise
        worker.resume()
        return False

    def postmaster(self) -> psutil.Process:
        """PostgreSQL's first process."""
        pid = (self.directory / "postgres" / "pgdata" / "postmaster.pid").read_text().split()[0]
        return psutil.Process(int(pid))

    def database(self) -> str:
        """The conninfo of its database as the application's role."""
        return EmbeddedPostgres(self.directory / "postgres").conninfo

    def superuser(self) -> str:
        """The conninfo of its database as a role that sees all rows. What it locks stays locked, however long."""
        conninfo = EmbeddedPostgres(self.directory / "postgres").superuser_conninfo
        return make_conninfo(conninfo, options="-c idle_in_transaction_session_timeout=0")

    def command(self, *args: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `lethe` beside the server."""
        return subprocess.run(
            [self.program, *args],
            env=self.environment,
            capture_output=True,
            text=True,
            check=check,
            timeout=2 * PATIENCE_SECONDS,
        )

    def client(
        self,
        *,
        scopes: str = "all",
        company: str | None = None,
        rate: str = "unlimited",
        only: Mapping[str, bool] | None = None,
    ) -> "Client":
        """A client of a company of its own, unless one is named. `only`: folders, and whether it may write there."""
        if company is not None or (scopes, rate) != ("all", "unlimited"):
            company = company or new_company()
            (token,) = asyncio.run(self._new_tokens([company], scopes, rate, only))
            return self.client_of(token, company)
        if not self._unused:
            companies = [new_company() for _ in range(self.companies_at_once)]
            tokens = asyncio.run(self._new_tokens(companies, scopes, rate))
            self._unused = list(zip(tokens, companies, strict=True))
        return self.client_of(*self._unused.pop())

    def client_of(self, token: str, company: str) -> "Client":
        """A client with this token."""
        self._clients.append(Client(self.url, token, company))
        return self._clients[-1]

    def close_clients(self) -> None:
        """Close the connections of all clients made so far."""
        while self._clients:
            self._clients.pop().http.close()

    async def _new_tokens(
        self, companies: list[str], scopes: str, rate: str, only: Mapping[str, bool] | None = None
    ) -> list[str]:
        db = Database(self.database(), max_size=1)
        await db.open()
        try:
            made = [
                await tokens.create_token(
                    db,
                    company=company,
                    name="test",
                    scopes=tokens.parse_scopes(scopes),
                    rate=rate_limits.parse_rate(rate),
                    only=only,
                )
                for company in companies
            ]
        finally:
            await db.close()
        return [token.secret for token in made]

    def _close(self) -> None:
        assert self._process is not None
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None


def new_company() -> str:
    """A name that no company has."""
    return f"company-{uuid4().hex[:12]}"
