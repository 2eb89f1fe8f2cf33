"""Everywhere that something may be told of a document: answers, events, rows, files. A plain search in all of it."""

import base64
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
from psycopg import sql

from tests.client import Client
from tests.lifecycle.stored import below
from tests.server import Server

MARKERS = {
    "its name": "zwickel",
    "its folder": "gartenlaub",
    "its metadata": "blutdruck",
    "its file": "schriftsatz",
    "its words": "quaxolit",
    "its callback": "rohrpost",
}
"""What is told of, and how the words begin that tell of it."""


@dataclass(slots=True)
class Told:
    """One document in all that it may be known by: each word holds a `seal` that nothing else has."""

    client: Client
    server: Server
    seal: str
    node: str = ""
    begun: float = field(default_factory=lambda: time.time() - 60)
    """Before this nobody has heard of the seal, so files that are older are not read."""
    tasks: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Kind and id of tasks that were about it."""
    keyed: dict[str, tuple[str, str, dict[str, Any]]] = field(
        default_factory=dict[str, tuple[str, str, dict[str, Any]]]
    )
    """Requests that were made with an idempotency key: method, path and arguments."""

    def word(self, what: str) -> str:
        """The word that tells of this."""
        return f"{MARKERS[what]}{self.seal}"

    def keep(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A call with a key, to be sent again after the deletion."""
        key = f"key-{len(self.keyed)}-{self.seal[::-1]}"
        self.keyed[key] = (method, path, more)
        return self._send(key)

    def _send(self, key: str) -> httpx.Response:
        method, path, more = self.keyed[key]
        return self.client.http.request(method, f"/v1{path}", headers={"Idempotency-Key": key}, **more)

    def found_in(self, text: str) -> list[str]:
        """What of it a text tells."""
        text = text.lower()
        return [what for what in MARKERS if any(form in text for form in _forms(self.word(what)))]

    def in_answers(self, routes: Mapping[str, "Asked"]) -> dict[str, list[str]]:
        """What the answers of these routes tell of it, and those to requests that are sent again."""
        found: dict[str, list[str]] = {}
        for route, asked in routes.items():
            method, path = route.split(" ", 1)
            for values, more in asked(self):
                answer = self.client.http.request(method, path.format(*values), **more)
                told = self.found_in(f"{answer.headers}\n{answer.text}")
                if answer.status_code == 404:  # it repeats the name that this very call has asked for
                    told = [what for what in told if what not in self.found_in(str(more))]
                found[route] = found.get(route, []) + told
        for key, (method, path, _) in self.keyed.items():
            answer = self._send(key)
            found[f"again: {method} {path}"] = self.found_in(f"{answer.headers}\n{answer.text}")
        return {where: what for where, what in found.items() if what}

    def in_rows(self) -> dict[str, list[str]]:
        """What the rows of all tables tell of it, by the name of the table; other companies' rows are passed over."""
        found: dict[str, list[str]] = {}
        with psycopg.connect(self.server.superuser()) as conn:
            company = conn.execute(
                "SELECT id FROM company WHERE name = %s", (self.client.company,)
            ).fetchone()
            assert company is not None
            for schema, table, of_company in conn.execute(_TABLES).fetchall():
                rows = sql.SQL("COPY (SELECT * FROM {} WHERE {}) TO STDOUT").format(
                    sql.Identifier(schema, table),
                    sql.SQL("company_id = {}").format(company[0]) if of_company else sql.SQL("true"),
                )
                with conn.cursor().copy(rows) as copy:
                    text = b"".join(bytes(piece) for piece in copy).decode()
                if what := self.found_in(text):
                    found[table] = what
        return found

    def in_files(self) -> dict[str, list[str]]:
        """What the files of the data directory tell of it, but for PostgreSQL's own, and what the server has logged."""
        root = self.server.directory
        found = {"log": self.found_in(self.server.log)}
        for path in _files(self.server):
            name = str(path.relative_to(root))
            try:
                if path.stat().st_mtime < self.begun:  # of another test
                    continue
                found[name] = self.found_in(f"{name}\n{path.read_bytes().decode('latin-1')}")
            except FileNotFoundError:
                continue
        return {where: what for where, what in found.items() if what}


Asked = Callable[[Told], Iterable[tuple[tuple[str, ...], dict[str, Any]]]]
"""Calls of a route that may tell of a document: what stands in its path, and what else is sent."""

_TABLES = """
    SELECT n.nspname, c.relname, EXISTS (
        SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'company_id' AND NOT a.attisdropped)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2
"""


def _forms(word: str) -> Iterator[str]:
    """A word as it may stand in a text, in lower case: plain, as bytes in hex, in base64 at each of three shifts."""
    yield word
    yield word.encode().hex()
    for shift in range(3):
        yield base64.b64encode(b"x" * shift + word.encode())[4:-4].decode().lower()


def _files(server: Server) -> Iterator[Any]:
    for path in below(server.directory):
        if path.is_file() and path.relative_to(server.directory).parts[0] != "postgres":
            yield path
