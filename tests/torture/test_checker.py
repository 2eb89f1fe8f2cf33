"""The checker finds each kind of broken promise in histories made up for it, and finds none in a good one."""

from collections.abc import Callable

import pytest

from tests.torture import broken_of_rest, broken_of_tasks, broken_to_readers
from tests.torture.checker import RULES, check
from tests.torture.history import NO_ANSWER, Outcome
from tests.torture.made import A, F, Made, N, deletion_without_its_file, task, unknown
from tests.torture.past import Past

BROKEN = broken_to_readers.BROKEN | broken_of_tasks.BROKEN | broken_of_rest.BROKEN
"""Histories that break a promise, and which."""


def test_a_good_history_is_good() -> None:
    made = Made()
    good(made)
    assert check(made.history, made.end) == []


@pytest.mark.parametrize("happens", BROKEN, ids=lambda function: function.__name__)
def test_a_broken_promise_is_found(happens: Callable[[Made], None]) -> None:
    assert made_by(happens).broken() == {BROKEN[happens]}


def test_each_rule_finds_something() -> None:
    for rule in RULES:
        assert any(list(rule(Past(made.history), made.end)) for made in map(made_by, BROKEN)), rule


def made_by(happens: Callable[[Made], None]) -> Made:
    made = Made()
    happens(made)
    return made


def good(made: Made) -> None:
    """Everything that may happen and breaks nothing."""
    made.miss(A)
    first = made.write("ingest")
    made.see(A, first)
    lost = made.write("ingest", **unknown())
    made.see(A, first)
    second = made.write("ingest")
    made.see(A, second)
    made.see(A, lost)  # it may come at any time
    made.act("delete")
    made.miss(A)
    made.see(A, lost)
    made.act("delete", outcome=Outcome.FAIL)
    third = made.write("ingest")
    made.act("ingest", detail=NO_ANSWER, **unknown())
    made.act("delete", **unknown())
    made.miss(A)
    made.see(A, third)
    revoked = task(made, "ingest_async", "PENDING", "REVOKED", told=True)
    made.tell(revoked, "progress", "e1", 0)
    made.tell(revoked, "error", "e2")
    made.tell(revoked, "error", "e2")
    node = made.write("create", N)
    made.see(N, None)
    made.act("trash", F)
    made.miss(N)
    made.act("restore", F)
    made.see(N, node)
    made.act("trash", N)
    made.miss(N)
    made.act("erase", N)
    made.miss(N)
    made.act("create", N)
    older = made.write("ingest")
    made.act("trash")
    made.miss(A)
    newer = made.write("ingest")
    made.see(A, newer)
    made.act("delete")
    made.act("restore")
    made.see(A, older)
    deletion_without_its_file(made)
    made.end.receipts.append("late")
    made.miss(A)
    made.end.words = {"x": {str(third.word), str(older.word)}}
