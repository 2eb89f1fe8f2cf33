"""Fetching from real local servers; `allow_private` opens the way to them."""

import asyncio
import base64
import datetime
import gzip
import socket
import ssl
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from lethe.adapters.fetch import Fetched, S3Access, addresses, fetch, http
from lethe.adapters.fetch.names import file_name
from lethe.domain.errors import InputRejected, LetheError, Unavailable
from lethe.domain.limits import Limits

LIMITS = Limits(file_bytes=200_000, fetch_seconds=10.0)
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """Answers each path with fixed bytes or a function, and keeps the requests' heads."""

    port: int = 0
    answers: dict[str, bytes | Answer] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    last_words: bytes = b""

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.requests.append(head)
            answer = self.answers[head.split(" ")[1].partition("?")[0]]
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    one = Server()
    listener = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.port = listener.sockets[0].getsockname()[1]
    async with listener:
        yield one


def answer(body: bytes = b"", *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {size}", *headers, "Connection: close"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def get(uri: str, target: Path, limits: Limits = LIMITS) -> Fetched:
    return await fetch(uri, target, limits=limits, allow_private=True)


async def refused(error: type[LetheError], uri: str, target: Path, limits: Limits = LIMITS) -> str:
    """The sentence of the error that the fetch ends in; the target is not left behind."""
    with pytest.raises(error) as caught:
        await get(uri, target, limits)
    assert not target.exists()
    return str(caught.value)


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
    with pytest.raises(InputRejected, match=r"'127\.0\.0\.2' has a private address"):
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
    async def getaddrinfo(host: str, port: int, **_: object) -> list[object]:
        return [(socket.AF_INET, 1, 6, "", (text, port)) for text in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    with pytest.raises(InputRejected):
        await addresses.resolve("mixed.test", 80, allow_private=False)
    assert await addresses.resolve("mixed.test", 80, allow_private=True) == ["8.8.8.8", "10.0.0.1"]


async def test_the_next_address_is_tried_when_the_first_does_not_answer(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(host: str, port: int, *, allow_private: bool) -> list[str]:
        return ["127.0.0.9", "127.0.0.1"]

    monkeypatch.setattr(addresses, "resolve", resolve)
    server.answers["/"] = answer(b"x")
    assert (await get(server.url("/", "two.test"), tmp_path / "out")).size == 1


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit_is_cut_off(chunked: bool, server: Server, tmp_path: Path) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\n" + (b"Transfer-Encoding: chunked\r\n" if chunked else b"") + b"\r\n"
        )
        while True:
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            await writer.drain()

    server.answers["/"] = endless
    assert "larger than 200000 bytes" in await refused(InputRejected, server.url(), tmp_path / "out")


async def test_a_declared_length_over_the_limit_is_refused_before_the_body(
    server: Server, tmp_path: Path
) -> None:
    server.answers["/"] = answer(b"", length=10**15)
    assert "larger than" in await refused(InputRejected, server.url(), tmp_path / "out")


async def test_a_body_of_exactly_the_limit_arrives(server: Server, tmp_path: Path) -> None:
    server.answers["/"] = answer(b"x" * LIMITS.file_bytes)
    assert (await get(server.url(), tmp_path / "out")).size == LIMITS.file_bytes


async def test_a_body_shorter_than_declared_is_not_taken_for_the_file(server: Server, tmp_path: Path) -> None:
    server.answers["/"] = answer(b"short", length=100)
    assert "broke off" in await refused(Unavailable, server.url(), tmp_path / "out")


async def test_a_body_longer_than_declared_ends_where_it_was_declared_to(
    server: Server, tmp_path: Path
) -> None:
    server.answers["/"] = answer(b"0123456789", length=5)
    assert (await get(server.url(), tmp_path / "out")).size == 5


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, gzip", "x-unknown"])
async def test_a_compressed_answer_is_refused_so_no_bomb_can_unpack(
    encoding: str, server: Server, tmp_path: Path
) -> None:
    bomb = gzip.compress(b"\0" * 10_000_000)
    server.answers["/"] = answer(bomb, f"Content-Encoding: {encoding}")
    assert "compressed" in await refused(InputRejected, server.url(), tmp_path / "out")
    assert "Accept-Encoding: identity\r\n" in server.requests[0]


@pytest.mark.parametrize("where", ["head", "body"])
async def test_a_server_that_trickles_is_left_when_the_time_is_up(
    where: str, server: Server, tmp_path: Path
) -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if where == "body" else b"X: "))
        while True:
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(0.02)

    server.answers["/"] = trickle
    sentence = await refused(Unavailable, server.url(), tmp_path / "out", replace(LIMITS, fetch_seconds=0.2))
    assert "within 0.2 s" in sentence


async def test_a_head_without_end_is_cut_off(server: Server, tmp_path: Path) -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: " + b"y" * 1000 + b"\r\n")
            await writer.drain()

    server.answers["/"] = endless
    await refused(Unavailable, server.url(), tmp_path / "out")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("404 Not Found", InputRejected),
        ("401 Unauthorized", InputRejected),
        ("304 Not Modified", InputRejected),
        ("302 Found", InputRejected),
        ("429 Too Many Requests", Unavailable),
        ("408 Request Timeout", Unavailable),
        ("500 Internal Server Error", Unavailable),
        ("503 Service Unavailable", Unavailable),
    ],
)
async def test_a_status_that_is_no_success_is_named(
    status: str, error: type[LetheError], server: Server, tmp_path: Path
) -> None:
    server.answers["/"] = answer(b"", status=status)
    assert f"answered {status[:3]}" in await refused(error, server.url(), tmp_path / "out")


@pytest.mark.parametrize("nonsense", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n"])
async def test_what_is_no_http_is_unavailable(nonsense: bytes, server: Server, tmp_path: Path) -> None:
    server.answers["/"] = nonsense
    await refused(Unavailable, server.url(), tmp_path / "out")


async def test_a_closed_port_is_unavailable(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{held.getsockname()[1]}/"
        assert "does not answer" in await refused(Unavailable, uri, tmp_path / "out")


async def test_a_name_without_an_address_is_refused(tmp_path: Path) -> None:
    assert "no-such-host.invalid" in await refused(
        InputRejected, "http://no-such-host.invalid/", tmp_path / "out"
    )


def certificate(directory: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's TLS context around one self-signed certificate for `name`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    kept = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (directory / "both.pem").write_bytes(pem + kept)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(directory / "both.pem")
    return serving, ssl.create_default_context(cadata=pem.decode())


@pytest.mark.parametrize("name", ["localhost", "other.test"])
async def test_the_certificate_is_checked_against_the_name_though_the_connection_is_to_a_number(
    name: str, tmp_path: Path
) -> None:
    serving, trusting = certificate(tmp_path, name)
    asked: list[str | None] = []
    serving.sni_callback = lambda _socket, asked_name, _context: asked.append(asked_name)
    one = Server(answers={"/": answer(b"x")})
    async with await asyncio.start_server(one.serve, "127.0.0.1", 0, ssl=serving) as listener:
        uri = f"https://localhost:{listener.sockets[0].getsockname()[1]}/"
        done = http.download(uri, tmp_path / "out", 10, allow_private=True, tls=trusting)
        if name == "localhost":
            assert (await done).size == 1
        else:
            with pytest.raises(InputRejected, match="certificate of 'localhost'"):
                await done
        assert asked == ["localhost"]
        assert "certificate" in await refused(InputRejected, uri, tmp_path / "again")


@pytest.mark.parametrize(
    ("uri", "content", "kind", "name"),
    [
        ("data:,caf%C3%A9", "café".encode(), "text/plain", "document.txt"),
        ("data:text/html;charset=utf-8,%3Cp%3E", b"<p>", "text/html", "document.html"),
        ("data:application/pdf;base64,JVBERi0=", b"%PDF-", "application/pdf", "document.pdf"),
        ("data:application/x-odd;base64,%2B%2B%2B%2B", b"\xfb\xef\xbe", "application/x-odd", None),
        ("DATA:;BASE64,eA==", b"x", "text/plain", "document.txt"),
        ("data:text/plain,", b"", "text/plain", "document.txt"),
    ],
)
async def test_a_data_address_gives_its_content(
    uri: str, content: bytes, kind: str, name: str | None, tmp_path: Path
) -> None:
    assert await get(uri, tmp_path / "out") == Fetched(name, kind, len(content))
    assert (tmp_path / "out").read_bytes() == content


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("data:;base64,eA=", "base64"),
        ("data:;base64,e!==", "base64"),
        ("data:;base64,eA%20==", "base64"),
        ("data:,100%", "hex digits"),
        ("data:," + "x" * 200_001, "more than 200000 bytes"),
        ("data:;base64," + base64.b64encode(b"x" * 200_001).decode(), "more than 200000 bytes"),
    ],
)
async def test_a_damaged_or_large_data_address_is_rejected(uri: str, reason: str, tmp_path: Path) -> None:
    assert reason in await refused(InputRejected, uri, tmp_path / "out")


@pytest.fixture(scope="module")
def s3_access() -> Iterator[S3Access]:
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    for path, body in (("", None), ("/a/b%20c/%2520%C3%BC.txt", b"object"), ("/large", b"x" * 200_001)):
        request = urllib.request.Request(f"{endpoint}/docs{path}", data=body, method="PUT")
        request.add_header("Content-Type", "text/plain")
        urllib.request.urlopen(request).close()
    aws = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "very-secret", "AWS_ENDPOINT_URL": endpoint}
    yield S3Access(frozenset({"docs"}), aws)
    moto.stop()


async def test_an_object_of_an_allowed_bucket_arrives_under_its_key_as_written(
    s3_access: S3Access, tmp_path: Path
) -> None:
    got = await fetch("s3://docs/a/b c/%20ü.txt", tmp_path / "out", limits=LIMITS, s3_access=s3_access)
    assert got == Fetched("%20ü.txt", "text/plain", 6)
    assert (tmp_path / "out").read_bytes() == b"object"


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("s3://other/key", "LETHE_FETCH_S3_BUCKETS"),
        ("s3://docs/missing", "no object 'missing'"),
        ("s3://docs/large", "larger than 200000 bytes"),
    ],
)
async def test_what_may_not_be_read_from_s3_is_rejected(
    uri: str, reason: str, s3_access: S3Access, tmp_path: Path
) -> None:
    with pytest.raises(InputRejected, match=reason):
        await fetch(uri, tmp_path / "out", limits=LIMITS, s3_access=s3_access)
    assert not (tmp_path / "out").exists()
    assert "very-secret" not in repr(s3_access)


async def test_no_bucket_is_allowed_unless_the_operator_lists_it(tmp_path: Path) -> None:
    assert "LETHE_FETCH_S3_BUCKETS" in await refused(InputRejected, "s3://docs/key", tmp_path / "out")


@pytest.mark.parametrize(
    ("path", "kind", "disposition", "name"),
    [
        ("/a/b.pdf", "application/pdf", "", "b.pdf"),
        ("/a/", "text/html", "", "document.html"),
        ("/a/", None, "", None),
        ("/pdf/2310.06825", "application/pdf", "", "2310.06825.pdf"),
        ("/page.php", "text/html", "", "page.php.html"),
        ("/README", "text/plain", "", "README.txt"),
        ("/x", None, 'attachment; filename="from header.docx"', "from header.docx"),
        ("/x", None, "attachment; filename*=UTF-8''na%C3%AFve%20file.txt", "naïve file.txt"),
        ("/x", None, 'attachment; filename="../../etc/passwd"', "passwd"),
        ("/x", None, 'attachment; filename="C:\\\\temp\\\\evil.exe"', "evil.exe"),
        ("/x.txt", None, 'attachment; filename=".."', "x.txt"),
        ("/x.txt", None, "attachment; filename*=nonsense''%ff", "ÿ"),
        ("/a\x00\r\nb.txt", None, "", "ab.txt"),
        ("/" + "n" * 300 + ".pdf", None, "", "n" * 251 + ".pdf"),
    ],
)
def test_a_file_name_is_one_clean_segment(
    path: str, kind: str | None, disposition: str, name: str | None
) -> None:
    assert file_name(path, kind, disposition) == name


@given(st.text(), st.sampled_from([None, "text/html", "x/y"]), st.text())
def test_no_header_and_no_path_makes_a_name_that_is_unsafe(
    path: str, kind: str | None, disposition: str
) -> None:
    name = file_name(path, kind, disposition)
    name_star = file_name(path, kind, f"attachment; filename*={disposition}; filename={path}")
    for one in (name, name_star):
        assert one is None or (
            0 < len(one) <= 255 and not set(one) & set("/\\\0\r\n") and one.strip(".") != ""
        )
