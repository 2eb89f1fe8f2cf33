"""Connections that send or take too little, or too much: each phase has its bounds."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import psutil
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from lethe.cli.server import protocol
from tests.server import Server
from tests.waiting import until

HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"POST /v1/knowledge/folders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def connection(server: Server) -> Iterator[socket.socket]:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as made:
        yield made


def answers_until_closed(connection: socket.socket, seconds: float) -> tuple[bytes, float]:
    """What comes until the other side closes, and after how many seconds it does."""
    connection.settimeout(seconds)
    start, got = time.monotonic(), b""
    while True:
        try:
            piece = connection.recv(65_536)
        except ConnectionResetError:
            piece = b""
        if not piece:
            return got, time.monotonic() - start
        got += piece


def is_cut_off(connection: socket.socket, piece: bytes) -> bool:
    """Whether the other side closes before it has taken 40 MB of these pieces."""
    try:
        for _ in range(40_000_000 // len(piece)):
            connection.sendall(piece)
    except OSError:
        return True
    return False


def memory(server: Server) -> int:
    """Bytes that the server's processes hold."""
    process = psutil.Process(server.pid)
    return sum(p.memory_info().rss for p in (process, *process.children(recursive=True)))


def test_trailers_without_end_are_cut_off_and_kept_nowhere(server: Server, connection: socket.socket) -> None:
    before = memory(server)
    connection.sendall(CHUNKED + b"0\r\n")
    assert is_cut_off(connection, b"a:\r\n" * 16_384)
    assert memory(server) - before < 30_000_000


def test_a_trailer_line_without_end_is_cut_off(connection: socket.socket) -> None:
    connection.sendall(CHUNKED + b"0\r\nx: ")
    assert is_cut_off(connection, b"a" * 65_536)


def test_a_body_in_small_chunks_has_no_bound_of_its_own(server: Server) -> None:
    client = server.client()
    body = b'{"title": "' + b"x" * 100 + b'"}'

    def pieces() -> Iterator[bytes]:
        for byte in b" " * 30_000 + body:
            yield bytes([byte])

    answer = client.http.post(
        "/v1/knowledge/folders", content=pieces(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 201


def test_a_head_over_the_bound_in_one_packet_is_refused(connection: socket.socket) -> None:
    connection.sendall(HEALTH[:-2] + b"X: " + b"a" * 70_000 + b"\r\n\r\n")
    got, _ = answers_until_closed(connection, 60)
    assert got.startswith(b"HTTP/1.1 431")
    assert got.count(b"HTTP/1.1") == 1


def test_the_body_of_an_answered_request_is_not_waited_for(connection: socket.socket) -> None:
    connection.sendall(
        b"POST /v1/knowledge/folders HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\nx"
    )
    got, seconds = answers_until_closed(connection, 60)
    assert got.startswith(b"HTTP/1.1 401")
    assert seconds < protocol.HEAD_SECONDS - 2


def test_idle_connections_are_closed(server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with ExitStack() as stack:
        idle = {}
        for sent in (b"", b"\r\n", HEALTH, HEALTH + b"\r\n", HEALTH * 2 + b"GET"):
            made = stack.enter_context(socket.create_connection((host, int(port)), timeout=60))
            made.sendall(sent)
            idle[sent] = made
        start = time.monotonic()
        for made in idle.values():
            answers_until_closed(made, 120)
        assert time.monotonic() - start < 3 * protocol.HEAD_SECONDS


async def test_a_client_that_takes_nothing_of_its_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "SEND_CHECK_SECONDS", 0.2)

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * 20_000_000})

    config = uvicorn.Config(app, http=protocol.BoundedProtocol, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve([listening]))
    with socket.create_connection(listening.getsockname(), timeout=60) as connection:
        connection.sendall(HEALTH)
        await asyncio.to_thread(until, lambda: bool(server.server_state.connections))
        await asyncio.to_thread(until, lambda: not server.server_state.connections)
    server.should_exit = True
    await serving


def test_nonsense_leaves_no_line_in_the_log(server: Server) -> None:
    before = server.log
    host, port = server.url.removeprefix("http://").split(":")
    for _ in range(5):
        with socket.create_connection((host, int(port)), timeout=60) as made:
            made.sendall(b"nonsense\r\n\r\n")
            assert answers_until_closed(made, 60)[0].startswith(b"HTTP/1.1 400")
    assert "Invalid HTTP" not in server.log.removeprefix(before)
