"""Histories made up by hand, to try the checker."""

from typing import Any

from lethe.core.deletion.erasure import FILE_LEFT
from tests.lifecycle.receiver import Event
from tests.torture.checker import check
from tests.torture.end import End
from tests.torture.history import (
    ERASES_BY_NAME,
    ERASES_FROM_TRASH,
    FOREVER,
    UNDELETABLE_FILE,
    Hindrance,
    History,
    Operation,
    Outcome,
    Seen,
)

X = "x"
"""A company."""
A, N, F = f"artifact:{X}/c/a", f"node:{X}/n", f"folder:{X}/f"
"""An artifact, a document of the tree and the folder in which it is."""


class Made:
    """A history in which operation after operation takes from one second to the next."""

    def __init__(self) -> None:
        self.history = History()
        self.end = End({}, {}, {}, {}, set(), set(), [])
        self.history.folder_of[N] = F
        self._time = 0.0

    def write(self, kind: str, subject: str = A, **more: Any) -> Operation:
        """A write that was acknowledged, and done unless told otherwise."""
        operation = self._begin(kind, subject, writes=True)
        operation.done = operation.ended
        return self._with(operation, more)

    def act(self, kind: str, subject: str = A, **more: Any) -> Operation:
        """Another operation that was acknowledged."""
        return self._with(self._begin(kind, subject), more)

    def see(self, subject: str, write: Operation | None = None) -> Operation:
        """A read that shows the document, with the content of a write."""
        return self.act("read", "", seen=(Seen(subject, write.word if write else None),))

    def miss(self, subject: str) -> Operation:
        """A read that does not show it."""
        return self.act("read", "", missed=(subject,))

    def tell(self, of: Operation, kind: str, id: str, percentage: int | None = None) -> None:
        """An event of a task."""
        data = {"percentage": percentage} if kind == "progress" else None
        body = {"data": data, "callback_properties": {"operation": of.number}}
        self.end.events.append(Event(str(of.task), "", id, 1, kind, "", body, True, None))

    def broken(self) -> set[str]:
        """The names of the broken promises."""
        return {violation.rule for violation in check(self.history, self.end)}

    def _begin(self, kind: str, subject: str, *, writes: bool = False) -> Operation:
        operation = self.history.begin(kind, subject, company=X, writes=writes)
        operation.began, operation.ended = self._time, self._time + 0.5
        operation.outcome = Outcome.OK
        self._time += 1
        return operation

    def _with(self, operation: Operation, more: dict[str, Any]) -> Operation:
        for name, value in more.items():
            setattr(operation, name, value)
        erases = operation.kind in ERASES_BY_NAME | ERASES_FROM_TRASH and operation.status != "FAILURE"
        if erases and operation.outcome is Outcome.OK and "receipt" not in more:
            operation.receipt = f"r{operation.number}"
            self.end.receipts.append(operation.receipt)
        return operation


def unknown() -> dict[str, Any]:
    """What makes an operation one of which nobody knows whether it was done."""
    return {"outcome": Outcome.UNKNOWN, "ended": FOREVER, "done": FOREVER}


def task(made: Made, kind: str, *statuses: str, told: bool = False) -> Operation:
    """An asynchronous call and the states in which its task was seen."""
    number = f"t{len(made.history.operations)}"
    writes = kind == "ingest_async"
    more: dict[str, Any] = {
        "task": number,
        "status": statuses[-1] if statuses else None,
        "told": told,
        "done": FOREVER,
    }
    operation = made.write(kind, **more) if writes else made.act(kind, **more)
    for status in statuses:
        made.act("task", "", task=number, status=status)
    return operation


def deletion_without_its_file(made: Made, *, until: float = FOREVER) -> None:
    """A deletion whose task tells that a file could not be removed, as was the case from the beginning on."""
    made.history.hindrances.append(Hindrance(UNDELETABLE_FILE, 0, until))
    task(made, "delete_async", "FAILURE").detail = FILE_LEFT
