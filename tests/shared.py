"""What the processes of a run share: each thing is made by the first that needs it."""

import fcntl
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_VARIABLE = "SHARED_BY_TESTS_OF_LETHE"
"""Names the directory. A variable LETHE_* would be told of as no setting."""


def begin() -> Callable[[], None]:
    """Make the directory, before the processes start that share it; what removes it when the last of them has ended."""
    if _VARIABLE in os.environ:
        return lambda: None
    directory = tempfile.mkdtemp(prefix="lethe-shared-")
    Path(directory).chmod(0o711)  # PostgreSQL must get through
    os.environ[_VARIABLE] = directory
    return lambda: shutil.rmtree(directory, ignore_errors=True)


def once(name: str, make: Callable[[Path], T]) -> T:
    """What `make` gives, called with a directory for what stays, by this process or by one that needed it earlier."""
    directory = Path(os.environ[_VARIABLE]) / name
    directory.mkdir(mode=0o711, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = directory / "result"
        if not result.exists():
            result.write_bytes(pickle.dumps(make(directory)))
        given: T = pickle.loads(result.read_bytes())
        return given
