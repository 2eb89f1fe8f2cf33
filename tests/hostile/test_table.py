"""Hostile requests, bytes and files, all against one server, which must be as well after them as before."""

import base64
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.hostile.ask import Ask
from tests.hostile.asks import ASKS
from tests.hostile.files import FILES, Sent
from tests.hostile.tenants import filled
from tests.hostile.watch import Peaks, watched
from tests.hostile.wire import WIRES, Wire
from tests.http.knowledge.knowledge import NOWHERE, Knowledge
from tests.lifecycle.stored import loose_ends, scratch_files
from tests.patience import PATIENT
from tests.server import Server
from tests.services import RabbitMQ
from tests.waiting import PATIENCE_SECONDS, until

MIB = 1024 * 1024
PARSE_MEMORY = 512 * MIB
MOST = {
    "server": 450 * MIB,
    "worker": 300 * MIB,
    "children_server": 350 * MIB + PARSE_MEMORY,
    "postgres": 300 * MIB,
}
"""What one process of each kind may have: what it has at rest, and what the limits allow on top."""

SHAPES = {
    "/artifacts": {"detail"},
    "/primitives": {"detail"},
    "/embeddings": {"detail", "error"},
    "/retrieval": {"error_code", "error_msg"},
    "/": {"message", "error", "statusCode"},
}
"""The fields of an error, by a part of its door's paths."""

_INSIDE = re.compile(
    r"Traceback|File \"|psycopg|asyncpg|SELECT |lethe\.|/tmp/|site-packages|kbai_pk_|0x[0-9a-f]{8}"
)
"""What no answer tells."""
_WHOLE = re.compile(rb"HTTP/1\.1 [2-5].*\r\n\r\n(\{.*\}|Invalid.*)", re.DOTALL)
"""An answer with its body; those without one end with the connection."""


@dataclass(frozen=True, eq=False)
class Target:
    """A server with a company that has a little, and the peaks of its processes."""

    server: Server
    kb: Knowledge
    ids: dict[str, str]
    peaks: Peaks

    def state(self) -> Any:
        """What is stored, as its owner sees it."""
        return self.kb.tree(), self.kb.trash(), self.kb.artifacts.listed("c")


@pytest.fixture(scope="module")
def target(new_directory: Callable[[str], Path], rabbitmq: RabbitMQ) -> Iterator[Target]:
    """A server of this module's own, so that what is left over can only come from here."""
    limits = {"LETHE_LIMIT_PARSE_CPU_SECONDS": "8", "LETHE_LIMIT_PARSE_MEMORY_BYTES": str(PARSE_MEMORY)}
    server = Server(new_directory("hostile"), LETHE_AMQP_URL=rabbitmq.url, **limits, **PATIENT).start()
    kb = Knowledge(server.client())
    assert kb.artifacts.ingest("kept", "What is kept.").status_code == 200
    folder = kb.folder("folder")
    inner, document = kb.folder("inner", folder), kb.document("document", folder)
    kb.indexed(document)
    ids = {"folder": folder, "inner": inner, "document": document, "nowhere": NOWHERE}
    try:
        with watched(server) as peaks:
            yield Target(server, kb, ids, peaks)
    finally:
        server.stop()


def names(rows: list[Any]) -> list[str]:
    """The rows' names in ASCII, as ids of tests."""
    return [ascii(row.name) for row in rows]


@pytest.mark.parametrize("ask", ASKS, ids=names(ASKS))
def test_a_hostile_request_gets_its_answer_and_leaves_nothing(target: Target, ask: Ask) -> None:
    method, path = filled(ask.call, target.ids).split(" ", 1)
    content = {"content": ask.raw} if ask.raw is not None else {"json": filled(ask.body, target.ids)}
    before = target.state() if ask.status >= 400 else None
    answer = target.kb.artifacts.http.request(
        method, path, params=filled(ask.query, target.ids), headers=ask.headers,
        **content if ask.raw is not None or ask.body is not None else {},
    )  # fmt: skip
    assert answer.status_code == ask.status, answer.text
    assert ask.says in answer.text
    sound(path, answer.status_code, answer.text, answer.json() if answer.content else None)
    if ask.status >= 400:
        assert target.state() == before


@pytest.mark.parametrize("sent", FILES, ids=names(FILES))
def test_a_hostile_file_is_read_or_refused_with_a_reason(target: Target, sent: Sent) -> None:
    value = base64.b64encode(sent.build()).decode()
    body = {"artifact": sent.name, "collection": "files", "metadata": {"file_name": sent.file_name},
            "input": {"type": "file", "value": value}}  # fmt: skip
    before = target.state() if sent.status >= 400 else None
    answer = target.kb.artifacts.post("/ingest", body)
    assert answer.status_code == sent.status, answer.text[:500]
    assert sent.says in answer.text
    sound("/v1/artifacts", answer.status_code, answer.text, answer.json())
    if sent.status >= 400:
        assert target.state() == before


@pytest.mark.parametrize("wire", WIRES, ids=names(WIRES))
def test_hostile_bytes_get_a_status_and_do_no_harm(target: Target, wire: Wire) -> None:
    client = target.kb.artifacts
    auth = b"Authorization: Bearer %s\r\n" % client.token.encode()
    answer = exchanged(
        int(target.server.url.rpartition(":")[2]), wire.sent.replace(b"{auth}", auth), leave=wire.status == 0
    )
    assert status_of(answer) == wire.status, answer[:300]
    assert client.token not in answer.replace(client.token[:12], "")
    until(target.server.is_ready)


def test_after_all_that_the_server_is_as_well_as_before(target: Target) -> None:
    until(target.server.is_ready)
    assert target.kb.artifacts.text("kept") == "What is kept."
    assert target.kb.call("POST", "/knowledge/search", {"query": "kept", "mode": "hybrid"}).json()["results"]
    left: list[Any] = []

    def nothing_is_left() -> bool:
        left[:] = loose_ends(target.server), scratch_files(target.server)
        return left == [{}, []]

    with suppress(AssertionError):  # what is left is told below
        until(nothing_is_left)
    assert left == [{}, []]
    for kind, most in MOST.items():
        assert target.peaks.of(kind) < most, (kind, target.peaks.of(kind) // MIB)
    log = target.server.log
    assert "Traceback" not in log
    assert target.kb.artifacts.token not in log
    assert target.server.first_token not in log


def test_a_file_of_90_mb_costs_the_server_at_most_three_times_its_size(target: Target) -> None:
    size = 90 * MIB
    value = base64.b64encode(bytes(size)).decode()
    body = {
        "artifact": "zeros",
        "metadata": {"file_name": "a.txt"},
        "input": {"type": "file", "value": value},
    }
    before = psutil.Process(target.server.pid).memory_info().rss
    with watched(target.server) as peaks:
        answer = target.kb.artifacts.post("/ingest", body)
    assert answer.status_code == 400, answer.text
    assert peaks.of("server") - before < 3 * size
    assert peaks.of("worker") < MOST["worker"]


def sound(path: str, status: int, text: str, answer: Any) -> None:
    """An answer in the shape of its door that tells nothing of the server's inside."""
    assert not _INSIDE.search(text), text[:500]
    assert len(text) < 10_000
    if status >= 400:
        expected = next((shape for part, shape in SHAPES.items() if part in path), SHAPES["/"])
        assert set(answer) - {"code"} == expected


def exchanged(port: int, sent: bytes, *, leave: bool) -> str:
    """What comes back on a connection of its own until an answer is whole or the connection ends.

    With `leave` nothing more is sent behind `sent`, as by a client that goes away.
    """
    received = b""
    with (
        suppress(ConnectionError),  # refused while it was still being sent
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as connection,
    ):
        with suppress(ConnectionError):
            connection.sendall(sent)
        if leave:
            connection.shutdown(socket.SHUT_WR)
        while not _WHOLE.search(received) and (piece := connection.recv(65_536)):
            received += piece
    return received.decode("latin-1")


def status_of(answer: str) -> int:
    """The last status of what came back; 0 for no answer at all."""
    found = re.findall(r"HTTP/1\.1 (\d{3})", answer)
    return int(found[-1]) if found else 0
