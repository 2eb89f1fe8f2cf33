"""A history, arranged for the rules that judge it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lethe.core.deletion.erasure import FILE_LEFT
from tests.torture.end import End
from tests.torture.history import FOREVER, History, Operation, Outcome


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise, and the document or task that it is about."""

    rule: str
    subject: str
    what: str


class Past:
    """A history, arranged for questions."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.of = history.by_subject()
        self.company_of = {o.subject: o.company for o in history.operations if o.subject}
        for operation in history.operations:
            _settle(operation)

    def reads(self) -> Iterator[Operation]:
        """All that were answered."""
        return (
            o for o in self.history.operations if o.outcome is not Outcome.UNKNOWN and (o.seen or o.missed)
        )

    def effective(self, subject: str, kinds: frozenset[str]) -> Iterator[Operation]:
        """The operations of these kinds on a document or its folder that took effect, or may have."""
        return (o for o in self.of.get(subject, ()) if o.kind in kinds and o.outcome is not Outcome.FAIL)

    def was_met(self, hindrance: str, asked: Operation) -> bool:
        """Whether a task may have met it: from the call on until the task was first seen to have ended."""
        seen = (look.ended for look in self.history.operations if look.kind == "task" and _ends(look, asked))
        until = min(seen, default=FOREVER)
        return any(
            met.name == hindrance and met.began < until and asked.began < met.ended
            for met in self.history.hindrances
        )


def _ends(look: Operation, asked: Operation) -> bool:
    return look.task == asked.task and look.status == asked.status


def left_a_file(operation: Operation) -> bool:
    """Whether a deletion has told that its document is gone for readers, and that its file and its receipt are late."""
    told = operation.kind == "delete_async" and operation.status == "FAILURE" and operation.detail
    return bool(told) and FILE_LEFT.startswith(operation.detail)


def _settle(operation: Operation) -> None:
    """What a task's end says of the call that began it: a failed or revoked ingestion has stored nothing, and a failed
    deletion has found nothing."""
    if operation.kind == "ingest_async" and operation.status in ("FAILURE", "REVOKED"):
        operation.outcome = Outcome.FAIL
    if operation.kind == "delete_async" and operation.status == "FAILURE" and not left_a_file(operation):
        operation.outcome = Outcome.FAIL


Rule = Callable[[Past, End], Iterator[Violation]]
"""A promise: how it was broken."""
