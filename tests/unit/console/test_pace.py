"""How many searches a company makes, and how long they take."""

import pytest

from lethe.core.search.pace import Pace


def test_searches_are_counted_for_their_company_unless_they_fail() -> None:
    pace = Pace()
    for _ in range(3):
        with pace.timed("ours"):
            pass
    with pytest.raises(ZeroDivisionError), pace.timed("ours"):
        raise ZeroDivisionError
    minutes = pace.of("ours")
    assert sum(minute.searches for minute in minutes) == 3
    assert all(0 <= minute.usual <= minute.slowest for minute in minutes)
    assert pace.of("theirs") == []


def test_the_company_that_searched_least_lately_is_forgotten_first() -> None:
    pace = Pace()
    for number in range(1_001):
        with pace.timed(str(number)):
            pass
    assert pace.of("0") == []
    assert pace.of("1") != []
