"""What a call costs a server, seen from outside."""

import json
import threading
import time
from typing import Any

import psutil

from tests.server import Server


class Watched:
    """The memory of a server's API in bytes, and the seconds of processor time that it took, while a block runs.

    While it computes it answers nobody else. How long that takes says as much of the machine: compare it with `little`.
    """

    def __init__(self, server: Server) -> None:
        self._process = psutil.Process(server.pid)
        self._done = threading.Event()
        self.before = self.most = self._process.memory_info().rss
        self._computed = self._cpu()
        self.computing = 0.0

    def __enter__(self) -> "Watched":
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self.computing = self._cpu() - self._computed

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            self.most = max(self.most, self._process.memory_info().rss)

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    @property
    def grown(self) -> int:
        """Bytes more than at first."""
        return self.most - self.before


def little(body: Any) -> float:
    """The processor time that a refusal of a JSON body may take: it takes about twice as long as this process takes to
    read the body, and something made for each of its faults would take hundreds of times longer."""
    text = json.dumps(body)
    begin = time.process_time()
    json.loads(text)
    return 2 + 20 * (time.process_time() - begin)
