"""A receiver of webhooks: a real HTTP server on this machine, and what came to it, in order."""

import hashlib
import hmac
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
from standardwebhooks import Webhook


@dataclass(frozen=True)
class Posted:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def id(self) -> str:
        """The id of the event, the same at each try."""
        return self.headers["webhook-id"]

    @property
    def body(self) -> dict[str, Any]:
        """What it says."""
        said: dict[str, Any] = orjson.loads(self.raw)
        return said

    @property
    def type(self) -> str:
        """The event's type."""
        return str(self.body["type"])

    @property
    def signed_at(self) -> int:
        """When it was signed, in seconds since 1970."""
        return int(self.headers["webhook-timestamp"])

    def verified(self, secret: str) -> Any:
        """What it says, once both signatures are found right for this secret."""
        time_, *signatures = self.headers["x-keebai-signature"].split(",")
        message = time_.removeprefix("t=").encode() + b"." + self.raw
        own = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
        assert f"v1={own}" in signatures
        return Webhook(secret).verify(self.raw, self.headers)


class Receiver:
    """Listens on a port of its own, which stays its own while it is down."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.answers: dict[str, int] = {}
        """The status by path, 204 for all others; 0: none, until `go_on` is called."""
        self._going = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self._held = socket.socket()
        self.port = 0
        self.start()

    def url(self, path: str = "/") -> str:
        """An address of it."""
        return f"http://127.0.0.1:{self.port}{path}"

    def at(self, path: str) -> list[Posted]:
        """What came to a path."""
        return [p for p in self.posted if p.path == path]

    def types(self, path: str) -> list[str]:
        """The types of what came to a path."""
        return [p.type for p in self.at(path)]

    def start(self) -> None:
        """Listen."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.posted.append(Posted(self.path, headers, raw))
                status = receiver.answers.get(self.path, 204)
                if status == 0:
                    receiver._going.wait()
                    status = 204
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", receiver.url("/elsewhere"))
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._held.close()
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            self._held = socket.socket()  # nobody else is given the port, and nobody listens there
            self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._held.bind(("127.0.0.1", self.port))

    def close(self) -> None:
        """Refuse connections for good."""
        self.stop()
        self._held.close()

    def go_on(self) -> None:
        """Answer whom it keeps waiting, and everybody from now on."""
        self.answers.clear()
        self._going.set()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens while the block runs."""
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.go_on()
        receiver.close()
