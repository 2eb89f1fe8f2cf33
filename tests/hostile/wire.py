"""Hostile bytes on the wire, a line each, and the status line they get. `{auth}` stands for a valid header."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Wire:
    """What is sent, and the status it gets."""

    name: str
    sent: bytes
    status: int


GET = b"GET /v1/me HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /v1/knowledge/folders HTTP/1.1\r\nHost: x\r\n{auth}"
TOKEN = b"Authorization: Bearer kbai_pk_"

WIRES = [
    Wire("a valid request, to compare", GET + b"{auth}\r\n", 200),
    Wire("two tokens, the second one valid", GET + TOKEN + b"0" * 64 + b"\r\n{auth}\r\n", 401),
    Wire("two tokens, the first one valid", GET + b"{auth}" + TOKEN + b"0" * 64 + b"\r\n\r\n", 401),
    Wire("the same token twice", GET + b"{auth}{auth}\r\n", 401),
    Wire("a token in capitals", GET + TOKEN + b"A" * 64 + b"\r\n\r\n", 401),
    Wire("a token of 63 digits", GET + TOKEN + b"0" * 63 + b"\r\n\r\n", 401),
    Wire("a token with more behind it", GET + TOKEN + b"0" * 64 + b" x\r\n\r\n", 401),
    Wire("a token of other digits", GET + TOKEN + "\u0660".encode() * 64 + b"\r\n\r\n", 401),
    Wire("a token of 60 KB", GET + TOKEN + b"0" * 60_000 + b"\r\n\r\n", 401),
    Wire("a token in a cookie", GET + b"Cookie: token=x\r\nX-Api-Key: x\r\n\r\n", 401),
    Wire("another scheme", GET + b"Authorization: Negotiate x\r\n\r\n", 401),
    Wire("no scheme", GET + b"Authorization: kbai_pk_" + b"0" * 64 + b"\r\n\r\n", 401),
    Wire("two lengths", POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
    Wire("a length and chunks", POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    Wire("a negative length", POST + b"Content-Length: -1\r\n\r\n{}", 400),
    Wire("a length of 30 digits", POST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n{}", 400),
    Wire("a length in another base", POST + b"Content-Length: 0x2\r\n\r\n{}", 400),
    Wire("a body shorter than its length", POST + b"Content-Length: 9\r\nConnection: close\r\n\r\n{}", 0),
    Wire("a body longer than its length", POST + b"Content-Length: 2\r\n\r\n{}{}{}{}", 400),
    Wire("chunks that are none", POST + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n", 400),
    Wire("a chunk of 2^72 bytes", POST + b"Transfer-Encoding: chunked\r\n\r\n1" + b"0" * 18 + b"\r\n{}\r\n", 400),
    Wire("chunks of one byte", POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", 400),
    Wire("a packed body", POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
    Wire("chunks without an end over the limit", POST + b"Transfer-Encoding: chunked\r\n\r\n"
         + (b"10000\r\n" + b" " * 65_536 + b"\r\n") * 20, 413),
    Wire("an address of 100 KB", b"GET /v1/me?" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n{auth}\r\n", 431),
    Wire("a head of 2 MB", GET + b"X-A: " + b"a" * 2_000_000 + b"\r\n\r\n", 431),
    Wire("20,000 heads", GET + b"".join(b"X-%d: %s\r\n" % (n, b"a" * 100) for n in range(20_000)) + b"\r\n", 431),
    Wire("a head that goes on in the next line", GET + b"X: a\r\n b\r\n\r\n", 400),
    Wire("a head without a colon", GET + b"nothing\r\n\r\n", 400),
    Wire("NUL in a head", GET + b"X: a\0b\r\n\r\n", 400),
    Wire("NUL in the address", b"GET /v1/\0me HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    Wire("an unknown method", b"BREW /v1/me HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    Wire("a tunnel", b"CONNECT 127.0.0.1:5432 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    Wire("another host's whole address", b"GET http://evil.example/v1/me HTTP/1.1\r\nHost: x\r\n{auth}\r\n", 200),
    Wire("a way up", b"GET /v1/artifacts/../../etc/passwd HTTP/1.1\r\nHost: x\r\n{auth}\r\n", 404),
    Wire("a web socket", GET + b"{auth}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
         b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", 200),
    Wire("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    Wire("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), 400),
    Wire("noise", bytes(range(256)) * 4, 400),
]  # fmt: skip
