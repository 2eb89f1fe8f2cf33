"""Posting to a receiver: where to, how long, and what is read of its answer."""

import asyncio
import socket
import threading

import pytest

from lethe.adapters.webhooks import Answer, Receivers, post
from lethe.domain.errors import InvalidRequest
from tests.unit.adapters.fetching import Server, answer
from tests.waiting import PATIENCE_SECONDS


async def posted(url: str, *, seconds: float = PATIENCE_SECONDS, allow_private: bool = True) -> Answer:
    return await post(url, b'{"a":1}', {"webhook-id": "x"}, seconds=seconds, allow_private=allow_private)


async def test_the_body_arrives_with_its_headers(server: Server) -> None:
    server.answers["/hook"] = answer(status="201 Created")
    assert await posted(server.url("/hook?a=b")) == Answer(201, None)
    (head,) = server.requests
    assert head.startswith("POST /hook?a=b HTTP/1.1\r\n")
    for header in (f"Host: 127.0.0.1:{server.port}", "Content-Type: application/json", "Content-Length: 7"):
        assert f"{header}\r\n" in head
    assert "webhook-id: x\r\n" in head


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "nowhere"])
async def test_a_private_host_is_refused_without_a_connection(host: str, server: Server) -> None:
    refused = await posted(server.url(host=host), allow_private=False)
    assert refused.status is None
    assert refused.error is not None
    assert "no address on the public internet" in refused.error
    assert "LETHE_WEBHOOK_ALLOW_PRIVATE" in refused.error
    assert server.requests == []


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("302 Found", "The receiver answered 302: redirects are not followed."),
        ("404 Not Found", "The receiver answered 404."),
        ("500 Internal Server Error", "The receiver answered 500."),
    ],
)
async def test_an_answer_that_is_no_success_is_named(status: str, sentence: str, server: Server) -> None:
    server.answers["/"] = answer(b"what it says", f"Location: {server.url('/other')}", status=status)
    assert await posted(server.url()) == Answer(int(status[:3]), sentence)
    assert len(server.requests) == 1


async def test_a_body_without_end_is_not_read(server: Server) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    server.answers["/"] = endless
    assert await posted(server.url()) == Answer(200, None)  # and not that its time was over


@pytest.mark.parametrize("head", [b"X: ", b"HTTP/1.1 200 OK\r\nX: "])
async def test_a_receiver_that_trickles_is_left_when_the_time_is_up(head: bytes, server: Server) -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            await asyncio.sleep(0.02)
            writer.write(b"a")
            await writer.drain()

    server.answers["/"] = trickle
    told = await posted(server.url(), seconds=0.3)
    assert told.status is None
    assert told.error in (
        "The receiver did not answer within 0.3 s.",
        "The connection to the receiver failed.",
    )


async def test_who_does_not_listen_is_named_by_host_and_port() -> None:
    told = await posted("http://127.0.0.1:1/secret-path")
    assert told == Answer(None, "The host '127.0.0.1' does not answer on port 1.")


async def test_a_name_is_refused_for_its_private_address_and_left_to_the_tries_while_the_dns_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, speaks = socket.getaddrinfo, threading.Event()

    def getaddrinfo(host: str, port: int, **kwargs: int) -> object:
        if not host.endswith(".example"):
            return real(host, port, **kwargs)
        if kwargs.get("flags") == socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, "a name")
        if host.startswith("silent"):
            speaks.wait(300)
        return real("10.0.0.7" if host.startswith("private") else "8.8.8.8", port, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    receivers = Receivers(allow_private=False)
    await receivers.look_up("https://public.example/", seconds=300)
    with pytest.raises(InvalidRequest, match="LETHE_WEBHOOK_ALLOW_PRIVATE"):
        await receivers.look_up("https://private.example/", seconds=300)
    for _ in range(5):  # more than there are threads
        await receivers.look_up("https://silent.example/", seconds=0.05)
    waiting = [thread for thread in threading.enumerate() if thread.name == "receivers"]
    assert waiting
    assert all(thread.daemon for thread in waiting)  # a process that ends does not wait for them
    await Receivers(allow_private=True).look_up("https://private.example/")
    speaks.set()
