"""What a command does while it waits for the server."""

import pytest
from lethe_client._calling.steps import pauses

from tests.cli.conftest import Lethe
from tests.clients.between import Between
from tests.server import Server

OVER_ITS_RATE = (
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
)


def test_a_wait_for_the_rate_limit_is_told(
    lethe: Lethe, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Between(server.url) as between:
        monkeypatch.setenv("LETHE_URL", between.url)
        between.fates.append(OVER_ITS_RATE)
        told = lethe("ls")
    assert told.err == "lethe: waiting 1 s for the token's rate limit\n"
    assert told.out == ""


def test_who_waits_for_a_document_asks_ever_less_often() -> None:
    seconds = [pause.seconds for pause in pauses(timeout=60)]
    assert seconds[0] == pytest.approx(0.2)
    assert sum(1 for n in range(len(seconds)) if sum(seconds[:n]) < 1.5) <= 6
    assert max(seconds) <= 5
