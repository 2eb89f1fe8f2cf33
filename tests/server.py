"""A real Lethe server as a process of its own, started by its command, and a client of it."""

import asyncio
import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil

from lethe.core import access
from lethe.store.database import Database
from lethe.store.embedded import EmbeddedPostgres
from tests.waiting import until

TLS = ssl.create_default_context()
"""Made once: it takes longer than most calls do, and all of them are plain HTTP."""
LETHE = Path(sys.executable).with_name("lethe")
READY_SECONDS = 90


class Server:
    """`lethe serve` on a directory. Its port stays the same over restarts."""

    part = "serve"
    """The command."""
    companies_at_once = 1
    """For so many clients companies are made at a time, those of later clients ahead."""

    def __init__(self, directory: Path, **settings: str) -> None:
        self.directory = directory
        self._unused: list[tuple[str, str]] = []
        self._settings = settings
        self._port = "0"
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
        with (self.directory.parent / f"{self.directory.name}.log").open("a") as log:
            self._process = subprocess.Popen(
                [LETHE, self.part, "--port", self._port],
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
        until(lambda: self.is_ready() or not self.runs(), READY_SECONDS)
        assert self.runs(), f"the server has ended: {self.log[-3000:]}"

    def is_ready(self) -> bool:
        """True when /ready answers 200."""
        try:
            return httpx.get(f"{self.url}/ready", timeout=5, trust_env=False, verify=TLS).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> int:
        """Stop it in good order; its exit code."""
        self.close_clients()
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(30)
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
        for child in psutil.Process(self.pid).children():
            if "worker" in child.cmdline():
                return child
        raise AssertionError("no worker runs")

    def postmaster(self) -> psutil.Process:
        """PostgreSQL's first process."""
        pid = (self.directory / "postgres" / "pgdata" / "postmaster.pid").read_text().split()[0]
        return psutil.Process(int(pid))

    def database(self) -> str:
        """The conninfo of its database as the application's role."""
        return EmbeddedPostgres(self.directory / "postgres").conninfo

    def superuser(self) -> str:
        """The conninfo of its database as a role that sees all rows."""
        return EmbeddedPostgres(self.directory / "postgres").superuser_conninfo

    def command(self, *args: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `lethe` beside the server."""
        return subprocess.run(
            [LETHE, *args], env=self.environment, capture_output=True, text=True, check=check, timeout=120
        )

    def client(self, *, scopes: str = "all", company: str | None = None, rate: str = "unlimited") -> "Client":
        """A client of a company of its own, unless one is named."""
        if company is not None or (scopes, rate) != ("all", "unlimited"):
            company = company or new_company()
            (token,) = asyncio.run(self._new_tokens([company], scopes, rate))
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

    async def _new_tokens(self, companies: list[str], scopes: str, rate: str) -> list[str]:
        db = Database(self.database(), max_size=1)
        await db.open()
        try:
            made = [
                await access.create_token(
                    db,
                    company=company,
                    name="test",
                    scopes=access.parse_scopes(scopes),
                    rate=access.parse_rate(rate),
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


class Client:
    """A caller of the Artifacts API."""

    def __init__(self, url: str, token: str, company: str) -> None:
        self.company = company
        self.token = token
        self.http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=120,
            trust_env=False,
            verify=TLS,
        )

    def post(self, path: str, body: Any) -> httpx.Response:
        """POST a JSON body below /v1/artifacts."""
        return self.http.post(f"/v1/artifacts{path}", json=body)

    def get(self, path: str, **params: Any) -> httpx.Response:
        """GET below /v1/artifacts."""
        return self.http.get(f"/v1/artifacts{path}", params=params)

    def ingest(
        self, artifact: str, text: str, *, collection: str = "c", metadata: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """Ingest text and wait."""
        return self.post("/ingest", body(artifact, text, collection=collection, metadata=metadata))

    def ingest_async(self, artifact: str, text: str, *, collection: str = "c", callback: Any = None) -> str:
        """Ingest text in the background; the task's id."""
        answer = self.post(
            "/ingest/async",
            {"ingest_body": body(artifact, text, collection=collection), "callback": callback},
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["task_id"])

    def delete(self, artifact: str, *, collection: str = "c") -> httpx.Response:
        """Erase and wait."""
        return self.post("/delete", {"collection": collection, "artifact": artifact})

    def delete_async(self, artifact: str, *, collection: str = "c", callback: Any = None) -> str:
        """Erase in the background; the task's id."""
        answer = self.post(
            "/delete/async",
            {"delete_body": {"collection": collection, "artifact": artifact}, "callback": callback},
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["task_id"])

    def task(self, kind: str, task_id: str) -> dict[str, Any]:
        """A task as the API shows it."""
        answer = self.get(f"/{kind}/async/{task_id}")
        assert answer.status_code == 200, answer.text
        task: dict[str, Any] = answer.json()
        return task

    def ended(self, kind: str, task_id: str, seconds: float = 60) -> dict[str, Any]:
        """The task once it has ended."""
        until(lambda: self.task(kind, task_id)["task_status"] not in ("PENDING", "STARTED"), seconds)
        return self.task(kind, task_id)

    def listed(self, collection: str = "c") -> list[str]:
        """The artifacts of a collection."""
        return [d["artifact"] for d in self.get("/list", collection=collection).json()["data"]]

    def content(self, artifact: str, *, collection: str = "c", **more: Any) -> httpx.Response:
        """A document's content."""
        return self.post(
            "/content", {"context_filter": {"collection": collection, "artifacts": [artifact]}, **more}
        )

    def text(self, artifact: str, *, collection: str = "c") -> str | None:
        """A document's markdown; None when there is no such document."""
        answer = self.content(artifact, collection=collection)
        if answer.status_code == 404:
            return None
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"][0]["content"])


def new_company() -> str:
    """A name that no company has."""
    return f"company-{uuid4().hex[:12]}"


def body(
    artifact: str, text: str, *, collection: str = "c", metadata: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The JSON of an ingestion."""
    return {
        "artifact": artifact,
        "collection": collection,
        "metadata": metadata,
        "input": {"type": "text", "value": text},
    }


def long_text(kilobytes: int, seed: str = "") -> str:
    """A markdown text of about this size with sections and paragraphs."""
    paragraph = f"The river {seed} carries what was said, and the stone keeps what was written. " * 6
    section = f"# Section {seed}\n\n" + f"{paragraph}\n\n" * 8
    return "".join(f"{section}Number {i}.\n\n" for i in range(1 + kilobytes * 1024 // len(section)))
