"""A history, arranged for the rules that judge it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.torture.end import End
from tests.torture.history import History, Operation, Outcome


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


def _settle(operation: Operation) -> None:
    """What a task's end says of the call that began it: a failed or revoked ingestion has stored nothing."""
    if operation.kind == "ingest_async" and operation.status in ("FAILURE", "REVOKED"):
        operation.outcome = Outcome.FAIL
    if operation.kind == "delete_async" and operation.status == "FAILURE":
        operation.outcome = Outcome.FAIL


Rule = Callable[[Past, End], Iterator[Violation]]
"""A promise: how it was broken."""
