"""A proxy of TCP connections that loses what it is told to lose."""

import re
import socket
import socketserver
import struct
import threading
from collections import deque
from types import TracebackType
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"^content-length: *(\d+)", re.IGNORECASE | re.MULTILINE)
_PIECE = 65_536

LOSE_ANSWER = b"lose the answer"
"""The server does the work, and its answer is lost."""
LEAVE = b"leave"
"""The connection is lost once the server has the request."""


class Between:
    """Passes connections on to a server. `fates` are what becomes of the next requests, one connection each:
    LOSE_ANSWER, LEAVE, or an answer of its own; those after them are passed on.

    `requests` are the heads of all requests.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.upstream = (parts.hostname or "", parts.port or 0)
        self.fates: deque[bytes] = deque()
        self.requests: list[bytes] = []
        self._server = _Listening(("127.0.0.1", 0), _Connection)
        self._server.between = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def keys(self) -> list[bytes]:
        """The Idempotency-Keys of the requests."""
        return [key for head in self.requests for key in re.findall(rb"idempotency-key: (\S+)", head.lower())]

    def __enter__(self) -> "Between":
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Listening(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    between: Between


class _Connection(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _Listening)
        between, client = self.server.between, self.request
        while request := _whole_request(client):
            between.requests.append(request.partition(b"\r\n\r\n")[0])
            fate = between.fates.popleft() if between.fates else b""
            if fate.startswith(b"HTTP/"):
                client.sendall(fate)
                return
            with socket.create_connection(between.upstream) as server:
                server.sendall(request)
                if fate == LEAVE:
                    break
                answer = _whole_answer(server)
            if fate == LOSE_ANSWER:
                break
            client.sendall(answer)
        _reset(client)


def _whole_request(client: socket.socket) -> bytes:
    """A request with its body; empty when the client has left."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = client.recv(_PIECE)
        if not piece:
            return b""
        data += piece
    return data + _rest(client, data)


def _whole_answer(server: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = server.recv(_PIECE)
        if not piece:  # the server has ended
            return data
        data += piece
    return data + _rest(server, data)


def _rest(sender: socket.socket, data: bytes) -> bytes:
    """What is missing of a message's body."""
    head, _, body = data.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    missing = (int(length[1]) if length else 0) - len(body)
    rest = b""
    while len(rest) < missing:
        piece = sender.recv(_PIECE)
        if not piece:
            return rest
        rest += piece
    return rest


def _reset(connection: socket.socket) -> None:
    """Close it as a network does that fails."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
