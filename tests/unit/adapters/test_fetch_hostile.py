"""What a server may try, with bodies, heads, times and certificates."""

import asyncio
import datetime
import gzip
import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lethe.adapters.fetch import Fetched, http
from lethe.domain.errors import InputRejected, LetheError, Unavailable
from tests.unit.adapters.fetching import LIMITS, Server, answer, get, refused


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


@pytest.mark.parametrize(
    "header", ['Content-Disposition: attachment; filename="{}"', "Content-Type: text/html; charset={}"]
)
async def test_a_header_that_takes_long_to_parse_tells_nothing(
    header: str, server: Server, tmp_path: Path
) -> None:
    server.answers["/a.txt"] = answer(b"text", header.format(";" * 90_000))
    assert await get(server.url("/a.txt"), tmp_path / "out") == Fetched("a.txt", None, 4)


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
