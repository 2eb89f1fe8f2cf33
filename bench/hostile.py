"""The hostile company of bench/neighbours.py, in a process of its own: all it can think of.

16 readers who ask for 20 MB and hardly read; 1,000 ingestions; once these are taken, and while they are worked on, all
at once: 200 searches of 20,000 characters, 8 bodies of 20 MB of JSON that say nothing, and folders made under a lock
on its tree that somebody holds. (Were the lock held from the start, few of its ingestions would get in.)
"""

import random
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from multiprocessing.synchronize import Event
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
import psycopg

from bench.artifacts import markdown
from tests.client import TLS, body

INGESTIONS, INGESTERS = 1_000, 16
SEARCHES, SEARCH_CHARACTERS = 200, 20_000
READERS, READ_WORDS = 16, 170
"""Each word is a piece of its own with 60 KB of metadata in it, twice."""
JUNK, JUNK_BYTES = 8, 20 * 1024 * 1024
FOLDERS = 8
"""How many are being made all the while."""

METADATA = {f"k{n}": "x" * 60 for n in range(850)}
LONG_WORDS = [
    f"{a}{b}{c}" for a in "bdfglm" for b in ("an", "er", "is", "ol") for c in ("ta", "no", "rel", "mi")
]
PATIENCE_SECONDS = 300
_SIP_SECONDS = 0.5
_CUT_OFF = b"-"


class Hostile:
    """One company's clients, and what they are answered."""

    def __init__(self, url: str, token: str, stop: Event) -> None:
        self._url = url
        self._token = token
        self._stop = stop
        self._threads: list[threading.Thread] = []
        self.answers: Counter[str] = Counter()

    def act(self, conninfo: str) -> None:
        """All of it. Returns when ingestions, searches and JSON were answered; the rest goes on until told to stop."""
        self._start([self._read_slowly])
        for thread in self._start([partial(self._ingest, n) for n in range(INGESTERS)]):
            thread.join()
        self._start([partial(self._hold_tree, conninfo)])
        self._start([partial(self._make_folders, n) for n in range(FOLDERS)])
        junk = self._start([self._send_junk] * JUNK)
        for thread in (*junk, *self._start([partial(self._search, n) for n in range(SEARCHES)])):
            thread.join()

    def end(self) -> None:
        """Wait for the last answers."""
        for thread in self._threads:
            thread.join()

    def _start(self, parts: list[Callable[[], None]]) -> list[threading.Thread]:
        threads = [threading.Thread(target=part) for part in parts]
        self._threads += threads
        for thread in threads:
            thread.start()
        return threads

    def _ingest(self, number: int) -> None:
        with self._client() as http:
            for n in range(number, INGESTIONS, INGESTERS):
                if self._stop.is_set():
                    return
                document = body(f"h{n}", markdown(2, n), collection="hostile")
                self._ask(http, "ingestion", "/v1/artifacts/ingest/async", {"ingest_body": document})

    def _search(self, number: int) -> None:
        rng = random.Random(number)
        text = " ".join(rng.choices(LONG_WORDS, k=SEARCH_CHARACTERS // 4))[:SEARCH_CHARACTERS]
        asked = {"type": "hybrid_search", "text": text, "limit": 100, "expand": 10}
        with self._client() as http:
            self._ask(http, "search", "/v1/primitives/search", asked)

    def _send_junk(self) -> None:
        junk = b'{"title":"t","markdown":"x","junk":[' + b"[]," * (JUNK_BYTES // 3) + b"0]}"
        with self._client() as http:
            self._ask(http, "JSON", "/v1/knowledge/documents", junk)

    def _make_folders(self, number: int) -> None:
        with self._client() as http:
            for n in range(10**6):
                if self._stop.is_set():
                    return
                self._ask(http, "folder", "/v1/knowledge/folders", {"title": f"f{number}-{n}"})

    def _hold_tree(self, conninfo: str) -> None:
        with closing(psycopg.connect(conninfo, application_name="psql")) as conn:
            conn.execute("SET idle_in_transaction_session_timeout = 0")
            conn.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(company_id, 0)) FROM node WHERE title = 'hostile'"
            )
            self._stop.wait()

    def _read_slowly(self) -> None:
        with ExitStack() as stack:
            readers: list[socket.socket] = []
            while not self._stop.wait(_SIP_SECONDS):
                while len(readers) < READERS:
                    readers.append(stack.enter_context(self._reader()))
                for reader in [*readers]:
                    said = _sip(reader)
                    if said.startswith(b"HTTP/1.1 "):
                        self.answers[f"slow reader: {said[9:12].decode()}"] += 1
                    if said == _CUT_OFF or said.startswith(b"HTTP/1.1 503"):
                        self.answers["slow reader: came again"] += 1
                        readers.remove(reader)
                        reader.close()

    def _reader(self) -> socket.socket:
        where = urlsplit(self._url)
        asked = orjson.dumps(
            {"context_filter": {"collection": "hostile", "artifacts": ["large"]}, "max_tokens": 1}
        )
        head = (
            f"POST /v1/artifacts/chunked-content HTTP/1.1\r\nHost: {where.netloc}\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(asked)}\r\n\r\n"
        )
        reader = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect((where.hostname, where.port))
        reader.sendall(head.encode() + asked)
        reader.setblocking(False)
        return reader

    def _client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        return httpx.Client(
            base_url=self._url, headers=headers, timeout=PATIENCE_SECONDS, trust_env=False, verify=TLS
        )

    def _ask(self, http: httpx.Client, what: str, path: str, asked: Any) -> None:
        content = asked if isinstance(asked, bytes) else orjson.dumps(asked)
        self.answers[f"{what}: {outcome(lambda: http.post(path, content=content))}"] += 1


def outcome(call: Callable[[], httpx.Response]) -> str:
    """The status of an answer, and what is wrong with it."""
    try:
        answer = call()
    except httpx.HTTPError as exc:
        return type(exc).__name__
    if answer.status_code == 503 and "retry-after" not in answer.headers:
        return "503 without Retry-After"
    return str(answer.status_code)


def run(url: str, token: str, conninfo: str, passed: Event, stop: Event, results: Any) -> None:
    """A process: act, set `passed` when most of that is over, go on until told to stop, and tell the answers."""
    hostile = Hostile(url, token, stop)
    hostile.act(conninfo)
    passed.set()
    stop.wait()
    hostile.end()
    results.put(hostile.answers)


def _sip(reader: socket.socket) -> bytes:
    """Take a little of what is there."""
    try:
        return reader.recv(1024) or _CUT_OFF
    except BlockingIOError:
        return b""
    except OSError:
        return _CUT_OFF
