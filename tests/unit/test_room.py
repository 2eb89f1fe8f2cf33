"""Room for large requests: bounded in all and for each company, and given back."""

import asyncio

import pytest

from lethe.core import room
from lethe.core.room import Room
from lethe.domain.errors import Unavailable
from tests.waiting import PATIENCE_SECONDS


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait."""
    monkeypatch.setattr(room, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(room, "_LOOK_SECONDS", 0.01)


async def test_a_company_has_half_and_the_others_what_is_left() -> None:
    whole = Room(100)
    with whole.share() as first, whole.share() as second, whole.share() as third:
        await first.take("a", 40)
        with pytest.raises(Unavailable) as refused:
            await second.take("a", 11)
        assert refused.value.retry_after > 0
        await second.take("a", 10)
        with pytest.raises(Unavailable):
            await third.take("b", 51)
        await third.take("b", 50)


async def test_what_is_alone_has_room_however_large_it_is() -> None:
    whole = Room(100)
    with whole.share() as alone, whole.share() as other:
        await alone.take("a", 150)
        with pytest.raises(Unavailable):
            await other.take("b", 1)
        alone.release()
        await other.take("b", 1)


async def test_a_share_grows_and_does_not_stand_in_its_own_way() -> None:
    whole = Room(100)
    with whole.share() as share, whole.share() as other:
        for size in (10, 40, 90, 20):
            await share.take("a", size)
        with pytest.raises(Unavailable):
            await other.take("b", 11)
        await other.take("b", 10)


async def test_who_waits_gets_what_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PATIENCE_SECONDS", 60.0)
    whole = Room(100)
    with whole.share() as share, whole.share() as other:
        await share.take("a", 100)
        waiting = asyncio.create_task(other.take("a", 100))
        await asyncio.sleep(0.03)
        assert not waiting.done()
        share.release()
        await asyncio.wait_for(waiting, PATIENCE_SECONDS)
