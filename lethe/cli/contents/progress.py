"""A progress bar for many files: how many, how fast, how long still. Shown only on a terminal."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)


class Bar:
    """A bar that grows with the bytes of the files that are done."""

    def __init__(self, files: int, size: int) -> None:
        self._progress = Progress(
            TextColumn("{task.fields[done]}/{task.fields[files]} files"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not Console(stderr=True).is_terminal,
            transient=True,
        )
        self._task = self._progress.add_task("", total=size, done=0, files=files)
        self._done = 0

    def advance(self, size: int) -> None:
        """One more file is done, of this many bytes."""
        self._done += 1
        self._progress.update(self._task, advance=size, done=self._done)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()
