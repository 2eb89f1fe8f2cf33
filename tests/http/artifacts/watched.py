"""What a call costs a server, seen from outside."""

import threading
import time

import httpx
import psutil

from tests.server import Server


class Watched:
    """The memory of a server's API in bytes, and how long its /health took at most, while a block runs."""

    def __init__(self, server: Server) -> None:
        self._process = psutil.Process(server.pid)
        self._health = f"{server.url}/health"
        self._done = threading.Event()
        self.before = self.most = self._process.memory_info().rss
        self.slowest = 0.0

    def __enter__(self) -> "Watched":
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        with httpx.Client(trust_env=False) as http:
            while not self._done.wait(0.02):
                began = time.monotonic()
                assert http.get(self._health, timeout=60).status_code == 200
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.most = max(self.most, self._process.memory_info().rss)

    @property
    def grown(self) -> int:
        """Bytes more than at first."""
        return self.most - self.before
