"""The checker finds each kind of broken promise in histories made up for it, and finds none in a good one."""

from collections.abc import Callable

import pytest

from tests.torture.checker import RULES, check
from tests.torture.made import Made
from tests.torture.made_up import BAD, good
from tests.torture.past import Past


def test_a_good_history_is_good() -> None:
    made = Made()
    good(made)
    assert check(made.history, made.end) == []


@pytest.mark.parametrize("happens", BAD, ids=lambda function: function.__name__)
def test_a_broken_promise_is_found(happens: Callable[[Made], None]) -> None:
    assert made_by(happens).broken() == {BAD[happens]}


def test_each_rule_finds_something() -> None:
    for rule in RULES:
        assert any(list(rule(Past(made.history), made.end)) for made in map(made_by, BAD)), rule


def made_by(happens: Callable[[Made], None]) -> Made:
    made = Made()
    happens(made)
    return made
