"""A small disk that can be filled: a tmpfs where this process may mount one, else a bound on the size of files."""

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

_MEGABYTES = 3000
_FULL_BYTES = 1
_SLACK_KILOBYTES = 16
"""What is left when it is full, or twice as much, and so on: others write while it is resized."""


class Disk:
    """Where a server keeps everything, and a folder beside it. `kind` says by what means it fills up."""

    def __init__(self) -> None:
        self.beside = Path(tempfile.mkdtemp(prefix="lethe-torture-"))
        self.beside.chmod(0o711)
        self.directory = self.beside / "data"
        self.directory.mkdir(0o711)
        options = ["-t", "tmpfs", "-o", f"size={_MEGABYTES}m,mode=0711"]
        mounted = subprocess.run(
            ["mount", *options, "tmpfs", self.directory], capture_output=True, check=False
        )
        self.kind = "tmpfs" if mounted.returncode == 0 else "RLIMIT_FSIZE"
        self._limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self, processes: Iterable[psutil.Process]) -> None:
        """From now on nothing more fits; where nothing could be mounted, these processes can write nothing."""
        if self.kind == "tmpfs":
            slack = _SLACK_KILOBYTES
            while not self._resize(f"{self._used_kilobytes() + slack}k"):
                slack *= 2
            return
        for process in processes:
            _, hard = process.rlimit(resource.RLIMIT_FSIZE)
            process.rlimit(resource.RLIMIT_FSIZE, (_FULL_BYTES, hard))

    def free(self) -> None:
        """There is room again."""
        if self.kind == "tmpfs":
            self._resize(f"{_MEGABYTES}m")
            return
        while self._freed():  # those that were started meanwhile have it too
            pass

    def _freed(self) -> int:
        """How many processes could write nothing, and can from now on."""
        freed = 0
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                soft, hard = process.rlimit(resource.RLIMIT_FSIZE)
                if soft == _FULL_BYTES:
                    process.rlimit(resource.RLIMIT_FSIZE, (self._limit, hard))
                    freed += 1
        return freed

    def close(self, *, keep_beside: bool) -> None:
        """Give it back; what is beside it, such as the logs, may be wanted."""
        if self.kind == "tmpfs":
            subprocess.run(["umount", "--lazy", self.directory], check=True)
        if not keep_beside:
            shutil.rmtree(self.beside, ignore_errors=True)

    def _used_kilobytes(self) -> int:
        there = os.statvfs(self.directory)
        return (there.f_blocks - there.f_bfree) * there.f_frsize // 1024

    def _resize(self, size: str) -> bool:
        """False when more than that is there."""
        command = ["mount", "-o", f"remount,size={size}", str(self.directory)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
