"""A server in parts, as on several machines: `lethe api` and `lethe worker` on one database."""

import subprocess
from pathlib import Path

import psycopg

from tests.server import LETHE, Server
from tests.waiting import PATIENCE_SECONDS, until


class Parts(Server):
    """Both parts on one migrated directory. `restart` starts again what has ended, and only that."""

    part = "api"

    def __init__(self, directory: Path, **settings: str) -> None:
        super().__init__(directory, **settings)
        self.first_token = "only a whole server makes one"
        self._worker: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What both have logged."""
        return f"{super().log}\nThe worker:\n{self._worker_log.read_text()}"

    def start(self) -> "Parts":
        """Start what does not run and wait until /ready agrees."""
        if not self._worker_runs():
            with self._worker_log.open("a") as log:
                self._worker = subprocess.Popen([LETHE, "worker"], env=self.environment, stderr=log)
        if super().runs():
            until(lambda: self.is_ready() or not self.runs())
            assert self.runs(), f"a part has ended: {self.log[-3000:]}"
        else:
            super().start()
        return self

    def runs(self) -> bool:
        """True while both do."""
        return super().runs() and self._worker_runs()

    def restart(self) -> None:
        """Start again what has ended."""
        if self._process is not None and not super().runs():
            self._close()
        self.start()

    def stop(self) -> int:
        """Stop both in good order; the first exit code that is not 0."""
        assert self._worker is not None
        self._worker.terminate()
        return super().stop() or self._worker.wait(PATIENCE_SECONDS)

    def kill_worker(self) -> None:
        """kill -9 of the worker; from here on it counts as dead."""
        assert self._worker is not None
        self._worker.kill()
        self._worker.wait()
        with psycopg.connect(self.superuser()) as conn:
            conn.execute("DELETE FROM worker_alive")

    @property
    def _worker_log(self) -> Path:
        return self.directory.parent / "worker.log"

    def _worker_runs(self) -> bool:
        return self._worker is not None and self._worker.poll() is None
