"""Connections that send or take too little, or too much: each phase has its bounds."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager

import psutil
import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from lethe.cli.server import protocol
from tests.server import Server
from tests.waiting import PATIENCE_SECONDS

HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"POST /v1/knowledge/folders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def connection(server: Server) -> Iterator[socket.socket]:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as made:
        yield made


def answers_until_closed(connection: socket.socket) -> bytes:
    """What comes until the other side closes."""
    got = b""
    while True:
        try:
            piece = connection.recv(65_536)
        except ConnectionResetError:
            piece = b""
        if not piece:
            return got
        got += piece


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[tuple[str, int]]:
    """The address at which this application is served, in this process, with the bounds."""
    config = uvicorn.Config(app, http=protocol.BoundedProtocol, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    task = asyncio.create_task(server.serve([listening]))
    try:
        yield listening.getsockname()
    finally:
        server.should_exit = True
        await task


def is_cut_off(connection: socket.socket, piece: bytes) -> bool:
    """Whether the other side closes before it has taken 40 MB of these pieces."""
    try:
        for _ in range(40_000_000 // len(piece)):
            connection.sendall(piece)
    except OSError:
        return True
    return False


def test_trailers_without_end_are_cut_off_and_kept_nowhere(server: Server, connection: socket.socket) -> None:
    api = psutil.Process(server.pid)
    before = api.memory_info().rss
    connection.sendall(CHUNKED + b"0\r\n")
    assert is_cut_off(connection, b"a:\r\n" * 16_384)
    assert api.memory_info().rss - before < 30_000_000


def test_a_trailer_line_without_end_is_cut_off(connection: socket.socket) -> None:
    connection.sendall(CHUNKED + b"0\r\nx: ")
    assert is_cut_off(connection, b"a" * 65_536)


def test_a_body_in_small_chunks_has_no_bound_of_its_own(server: Server, connection: socket.socket) -> None:
    authorized = f"Authorization: Bearer {server.client().token}\r\nConnection: close\r\n\r\n".encode()
    body = b" " * 30_000 + b'{"title": "' + b"x" * 100 + b'"}'
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
    connection.sendall(CHUNKED[:-2] + authorized + chunks + b"0\r\n\r\n")
    assert answers_until_closed(connection).startswith(b"HTTP/1.1 201")


def test_a_head_over_the_bound_in_one_packet_is_refused(connection: socket.socket) -> None:
    connection.sendall(HEALTH[:-2] + b"X: " + b"a" * 70_000 + b"\r\n\r\n")
    got = answers_until_closed(connection)
    assert got.startswith(b"HTTP/1.1 431")
    assert got.count(b"HTTP/1.1") == 1


LONG = b"POST /v1/knowledge/folders HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\nx"


def test_the_body_of_an_answered_request_is_not_waited_for(connection: socket.socket) -> None:
    connection.sendall(LONG)
    assert answers_until_closed(connection).startswith(b"HTTP/1.1 401")


async def test_nothing_else_than_the_end_of_the_answer_closes_such_a_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 10 * PATIENCE_SECONDS)

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async with serving(app) as address:
        with socket.create_connection(address, timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(LONG)
            assert (await asyncio.to_thread(answers_until_closed, connection)).startswith(b"HTTP/1.1 401")


def test_idle_connections_are_closed(server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with ExitStack() as stack:
        idle = {}
        for sent in (b"", b"\r\n", HEALTH, HEALTH + b"\r\n", HEALTH * 2 + b"GET"):
            made = stack.enter_context(socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS))
            made.sendall(sent)
            idle[sent] = made
        for made in idle.values():
            answers_until_closed(made)


async def test_a_client_that_takes_nothing_of_its_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "SEND_CHECK_SECONDS", 0.2)
    size, left = 20_000_000, asyncio.Event()

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * size, "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set()

    async with serving(app) as address:
        with socket.create_connection(address, timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(HEALTH)
            await asyncio.wait_for(left.wait(), PATIENCE_SECONDS)
            assert len(await asyncio.to_thread(answers_until_closed, connection)) < size


def test_nonsense_leaves_no_line_in_the_log(server: Server) -> None:
    before = server.log
    host, port = server.url.removeprefix("http://").split(":")
    for _ in range(5):
        with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as made:
            made.sendall(b"nonsense\r\n\r\n")
            assert answers_until_closed(made).startswith(b"HTTP/1.1 400")
    assert "Invalid HTTP" not in server.log.removeprefix(before)
