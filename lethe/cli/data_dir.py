"""Guards LETHE_DATA_DIR: one server at a time, none after an unfinished restore, no command before the first server."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lethe.adapters.disk import sync
from lethe.domain.errors import OperatorError

_LOCK = "serve.lock"
_UNFINISHED = "restore.unfinished"


@contextmanager
def alone(data_dir: Path) -> Iterator[Callable[[str], None]]:
    """Lock the directory, creating it if missing. The system releases the lock however the process dies.

    Yields a function that publishes the server's address to commands on this machine: see `address`.
    """
    try:
        # As root, PostgreSQL runs as another user and must be able to enter; the contents are closed to others.
        data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
        file = os.open(data_dir / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise OperatorError(
            f"The data directory {data_dir} cannot be used ({exc.strerror}): choose another one."
        ) from exc
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        holder = os.read(file, 20).decode(errors="replace").partition("\n")[0] or "unknown"
        raise OperatorError(
            f"A Lethe server (process {holder}) runs on {data_dir} already: stop it, or set LETHE_DATA_DIR."
        ) from exc
    try:
        _write(file, str(os.getpid()))
        yield lambda address: _write(file, f"{os.getpid()}\n{address}")
        os.ftruncate(file, 0)
    finally:
        os.close(file)


def address(data_dir: Path) -> str | None:
    """Where the server on the directory listens, or did before it was killed; None if unknown."""
    try:
        return (data_dir / _LOCK).read_text().partition("\n")[2] or None
    except OSError:
        return None


def _write(file: int, text: str) -> None:
    os.ftruncate(file, 0)
    os.pwrite(file, text.encode(), 0)


def require_whole(data_dir: Path) -> None:
    """Raise OperatorError if a restore into the directory is unfinished."""
    if (data_dir / _UNFINISHED).exists():
        raise OperatorError(
            f"The restore into {data_dir} did not finish: run 'lethe restore-backup' again, with the same receipts."
        )


def require_made(data_dir: Path, cluster: Path) -> None:
    """Raise OperatorError if the directory does not contain a server's database, `cluster`.

    Otherwise a command would create an empty database and report on that.
    """
    if not cluster.exists():
        raise OperatorError(
            f"There is no Lethe data in {data_dir}: set LETHE_DATA_DIR to the directory of the server."
        )


@contextmanager
def being_restored(data_dir: Path) -> Iterator[None]:
    """Keep others out of an empty directory until the block has succeeded.

    Removes originals left by a killed restore. Raises OperatorError if the directory holds anything else.
    """
    there = {path.name for path in data_dir.iterdir()} - {_LOCK}
    marker = data_dir / _UNFINISHED
    if there and not marker.exists():
        raise OperatorError(
            f"{data_dir} is not empty: restore into a new LETHE_DATA_DIR, and keep this one until that has worked."
        )
    marker.touch(mode=0o600)
    sync(data_dir)
    shutil.rmtree(data_dir / "blobs", ignore_errors=True)
    yield
    marker.unlink()
    sync(data_dir)
