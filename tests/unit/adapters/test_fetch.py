"""Fetching from real local servers; `allow_private` opens the way to them."""

import socket
from ipaddress import ip_address
from pathlib import Path

import pytest

from lethe.adapters.fetch import Fetched, addresses, fetch
from lethe.domain.errors import InputRejected
from tests.unit.adapters.fetching import LIMITS, Server, answer, get, refused


async def test_a_file_arrives_with_its_name_type_and_size(server: Server, tmp_path: Path) -> None:
    server.answers["/a/report%20one.pdf"] = answer(b"%PDF-1.7", "Content-Type: Application/PDF; x=y")
    got = await get(server.url("/a/report%20one.pdf?v=2#page=3"), tmp_path / "out")
    assert got == Fetched("report one.pdf", "application/pdf", 8)
    assert (tmp_path / "out").read_bytes() == b"%PDF-1.7"
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    assert server.requests[0].startswith("GET /a/report%20one.pdf?v=2 HTTP/1.1\r\n")


async def test_the_request_tells_nothing_but_the_address(server: Server, tmp_path: Path) -> None:
    server.answers["/"] = answer(b"x")
    await get(server.url("/", "localhost"), tmp_path / "out")
    names = {line.partition(":")[0].lower() for line in server.requests[0].split("\r\n")[1:] if line}
    assert names == {"host", "accept", "accept-encoding", "user-agent"}
    assert f"Host: localhost:{server.port}\r\n" in server.requests[0]


async def test_the_environments_proxy_and_credentials_are_not_used(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    server.answers["/"] = answer(b"x", "Set-Cookie: a=b")
    await get(server.url(), tmp_path / "out")
    assert "authorization" not in server.requests[0].lower()


async def test_a_chunked_body_arrives_whole(server: Server, tmp_path: Path) -> None:
    body = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    server.answers["/"] = body
    assert (await get(server.url(), tmp_path / "out")).size == 11
    assert (tmp_path / "out").read_bytes() == b"hello world"


async def test_a_redirect_is_followed_and_names_the_file(server: Server, tmp_path: Path) -> None:
    server.answers["/start"] = answer(b"", "Location: /b/final.txt?x", status="302 Found")
    server.answers["/b/final.txt"] = answer(b"text", "Content-Type: text/plain")
    assert (await get(server.url("/start"), tmp_path / "out")).file_name == "final.txt"


async def test_a_public_host_cannot_redirect_to_a_private_one(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first hop is declared public by its number; the second is judged by the real rule."""
    public = addresses.is_public
    monkeypatch.setattr(addresses, "is_public", lambda a: a == ip_address("127.0.0.1") or public(a))
    server.answers["/"] = answer(b"", f"Location: http://127.0.0.2:{server.port}/secret", status="302 Found")
    with pytest.raises(InputRejected, match=r"'127\.0\.0\.2' has no address on the public"):
        await fetch(server.url(), tmp_path / "out", limits=LIMITS)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "data:,x",
        "s3://bucket/key",
        "ftp://example.com/",
        "http://user:pass@127.0.0.1/",
        "http://[::1",
        "//:0/",
    ],
)
async def test_a_redirect_to_what_is_no_web_address_is_refused(
    location: str, server: Server, tmp_path: Path
) -> None:
    server.answers["/"] = answer(b"", f"Location: {location}", status="307 Temporary Redirect")
    assert "redirects" in await refused(InputRejected, server.url(), tmp_path / "out")


async def test_an_endless_redirect_ends_after_five(server: Server, tmp_path: Path) -> None:
    server.answers["/"] = answer(b"", "Location: /", status="301 Moved Permanently")
    assert "more than 5 times" in await refused(InputRejected, server.url(), tmp_path / "out")
    assert len(server.requests) == 6


async def test_a_name_is_resolved_once_and_the_connection_goes_to_the_checked_address(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that answers differently the second time (DNS rebinding) gets no second question."""
    asked = []

    async def resolve(host: str, port: int, *, allow_private: bool) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    monkeypatch.setattr(addresses, "resolve", resolve)
    server.answers["/"] = answer(b"x")
    await fetch(server.url("/", "rebinding.test"), tmp_path / "out", limits=LIMITS)
    assert asked == ["rebinding.test"]
    assert f"Host: rebinding.test:{server.port}\r\n" in server.requests[0]


async def test_one_private_address_among_public_ones_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def getaddrinfo(host: str, port: int, **_: object) -> list[object]:
        return [(socket.AF_INET, 1, 6, "", (text, port)) for text in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(InputRejected):
        await addresses.resolve("mixed.test", 80, allow_private=False)
    assert await addresses.resolve("mixed.test", 80, allow_private=True) == ["8.8.8.8", "10.0.0.1"]


async def test_a_name_of_the_private_network_is_answered_like_one_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def getaddrinfo(host: str, port: int, **_: object) -> list[object]:
        if host in known:
            return [(socket.AF_INET, 1, 6, "", (known[host], port))]
        raise socket.gaierror({"empty.internal": socket.EAI_NODATA}.get(host, failure), "not there")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    known, told = {"db.internal": "10.0.0.7", "db": "10.0.0.7", "here.internal": "127.0.0.1"}, set[str]()
    failure = socket.EAI_NONAME
    for host in ("db.internal", "here.internal", "no.internal", "empty.internal", "db", "no"):
        # Where a network's own names end, its server may fail for one that it does not know.
        failure = socket.EAI_AGAIN if "." not in host else socket.EAI_NONAME
        with pytest.raises(InputRejected) as caught:
            await addresses.resolve(host, 80, allow_private=False)
        told.add(str(caught.value).replace(f"'{host}'", "'*'"))
    assert len(told) == 1, told
    assert await addresses.resolve("db", 80, allow_private=True) == ["10.0.0.7"]


async def test_the_next_address_is_tried_when_the_first_does_not_answer(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(host: str, port: int, *, allow_private: bool) -> list[str]:
        return ["127.0.0.9", "127.0.0.1"]

    monkeypatch.setattr(addresses, "resolve", resolve)
    server.answers["/"] = answer(b"x")
    assert (await get(server.url("/", "two.test"), tmp_path / "out")).size == 1
