"""What stands in a server's way for a while without being its end: a file that stays, a lock, neighbours."""

import os
import random
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import LiteralString
from urllib.parse import urlsplit

import httpx
import orjson
import psycopg

from tests.client import Client
from tests.lifecycle.silence import silent_address
from tests.lifecycle.stored import files
from tests.server import Server
from tests.waiting import until

ADDRESSES = 12
READERS = 8
COLLECTION = "hostile"
LARGE_WORDS = 100
"""Each is a piece of its own with the document's metadata in it, twice: 12 MB."""
_METADATA = {f"k{n}": "x" * 60 for n in range(850)}
_SIP_SECONDS = 0.2

_LOCKS: dict[str, LiteralString] = {
    "the rows of a company": "SELECT FROM node WHERE company_id = %(company)s FOR UPDATE",
    "the documents of a company": "SELECT FROM document WHERE company_id = %(company)s FOR UPDATE",
    "the tree of a company": "SELECT pg_advisory_xact_lock(hashtextextended(%(company)s, 0))",
    "the table node, for writers": "LOCK TABLE node IN EXCLUSIVE MODE",
    "the table task, for writers": "LOCK TABLE task IN EXCLUSIVE MODE",
    "the table erasure, for writers": "LOCK TABLE erasure IN EXCLUSIVE MODE",
    "the table of jobs, for writers": "LOCK TABLE jobs.procrastinate_jobs IN EXCLUSIVE MODE",
    "the table document": "LOCK TABLE document IN ACCESS EXCLUSIVE MODE",
    "the table chunk_vec": "LOCK TABLE chunk_vec IN ACCESS EXCLUSIVE MODE",
}


@contextmanager
def undeletable_file(server: Server, rng: random.Random) -> Iterator[str]:
    """An original that can be read and not removed. Who is not root has a folder in which nothing can be removed."""
    path = server.directory / "blobs" / rng.choice(sorted(files(server)))
    if _is_flagged(path, "+i"):
        try:
            yield f"{path.name}, immutable"
        finally:
            _is_flagged(path, "-i")
        return
    assert path.exists()
    mode = path.parent.stat().st_mode
    path.parent.chmod(0o500)
    try:
        yield f"{path.parent.name}, read-only"
    finally:
        path.parent.chmod(mode)


@contextmanager
def held_lock(server: Server, rng: random.Random) -> Iterator[str]:
    """A transaction that an operator has left open."""
    what = rng.choice(list(_LOCKS))
    with closing(psycopg.connect(server.superuser(), application_name="psql")) as conn:
        companies = [str(id) for (id,) in conn.execute("SELECT DISTINCT company_id FROM node")]
        conn.execute("SET lock_timeout = '2s'")
        conn.execute(_LOCKS[what], {"company": rng.choice(sorted(companies))})
        yield what


@contextmanager
def silent_ingestions(hostile: Client) -> Iterator[str]:
    """Ingestions from an address that takes connections and says nothing. Not all of them may be taken."""
    with silent_address() as url:
        taken = 0
        for n in range(ADDRESSES):
            fetched = {
                "artifact": f"u{n}",
                "collection": COLLECTION,
                "input": {"type": "uri", "value": f"{url}/{n}"},
            }
            with suppress(httpx.HTTPError):
                answer = hostile.http.post(
                    "/v1/artifacts/ingest/async", json={"ingest_body": fetched}, timeout=5
                )
                taken += answer.status_code == 200
        assert taken
        yield f"{taken} ingestions"


def ingest_large(hostile: Client) -> None:
    """What `slow_readers` read."""
    text = "\n\n".join(["word"] * LARGE_WORDS)
    answer = hostile.ingest("large", text, collection=COLLECTION, metadata=_METADATA)
    assert answer.status_code == 200, answer.text


def erase_all(hostile: Client) -> None:
    """Erase what it has, its ingestions that wait included, as soon as that is taken."""

    def taken() -> bool:
        asked = {"filter": {"collection": COLLECTION}, "mode": "erase"}
        with suppress(httpx.HTTPError):
            return hostile.http.post("/v1/knowledge/deletions", json=asked).status_code < 500
        return False

    until(taken)


@contextmanager
def slow_readers(hostile: Client) -> Iterator[str]:
    """Clients that ask for large answers, of whom half take a sip now and then, and half take nothing."""
    stop = threading.Event()
    with ExitStack() as stack:
        readers = [stack.enter_context(_asked_for_much(hostile)) for _ in range(READERS)]

        def sip() -> None:
            while not stop.wait(_SIP_SECONDS):
                for reader in readers[::2]:
                    with suppress(OSError):  # nothing there yet, or cut off
                        reader.recv(1024)

        sipping = threading.Thread(target=sip, daemon=True)
        sipping.start()
        stack.callback(sipping.join)
        stack.callback(stop.set)
        yield f"{READERS} readers"


def _asked_for_much(hostile: Client) -> socket.socket:
    """A connection with a request for the large document in small pieces, and little room for its answer."""
    where = urlsplit(str(hostile.http.base_url))
    body = orjson.dumps(
        {"context_filter": {"collection": COLLECTION, "artifacts": ["large"]}, "max_tokens": 1}
    )
    head = (
        "POST /v1/artifacts/chunked-content HTTP/1.1\r\n"
        f"Host: {where.netloc}\r\nAuthorization: Bearer {hostile.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(5)
    try:
        connection.connect((where.hostname, where.port))
        connection.sendall(head.encode() + body)
    except OSError as exc:
        connection.close()
        raise AssertionError("the server takes no connection") from exc
    connection.setblocking(False)
    return connection


def _is_flagged(path: Path, flag: str) -> bool:
    """Set an attribute of the file system; False where only others may, or nobody."""
    if os.getuid() != 0:
        return False
    return subprocess.run(["chattr", flag, path], capture_output=True, check=False).returncode == 0
