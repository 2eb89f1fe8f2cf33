"""The client tries again by itself: after lost connections, refusals that pass, and as often as it may."""

import time

import httpx
import pytest
from lethe_client import APIConnectionError, APITimeoutError, RateLimitError, ServiceUnavailableError

from tests.client import Client
from tests.clients.between import LEAVE, LOSE_ANSWER, Between
from tests.clients.conftest import Either
from tests.server import Server
from tests.waiting import PATIENCE_SECONDS


def busy(status: str, *headers: str) -> bytes:
    """An answer of a server that cannot do it now."""
    lines = (f"HTTP/1.1 {status}", "Content-Length: 0", "Connection: close", *headers, "", "")
    return "\r\n".join(lines).encode()


def test_a_folder_whose_answer_is_lost_is_made_once(either: Either, between: Between) -> None:
    between.fates.extend([LOSE_ANSWER, LOSE_ANSWER])
    made = either(lambda c: c.folders.create("F"), base_url=between.url)
    assert [node.id for node in either(lambda c: c.tree())] == [made.id]
    assert len(between.keys()) == 3
    assert len(set(between.keys())) == 1


def test_an_ingestion_whose_connection_is_lost_is_there_once(
    either: Either, between: Between, client: Client
) -> None:
    between.fates.extend([LEAVE, LOSE_ANSWER])
    stored = either(
        lambda c: c.artifacts.ingest(
            file=b"# One\n\nThe river carries.", file_name="a.md", collection="c", metadata={"n": 1}
        ),
        base_url=between.url,
        max_retries=PATIENCE_SECONDS,  # the first attempt may be under way for some seconds, at one try a second
    )
    assert (stored.artifact, stored.unchanged) == ("a.md", False)
    assert client.listed() == ["a.md"]
    assert len(set(between.keys())) == 1


def test_a_file_is_sent_from_its_start_again(either: Either, between: Between, client: Client) -> None:
    between.fates.append(busy("503 Service Unavailable", "Retry-After: 0"))
    task = either(
        lambda c: c.artifacts.ingest_in_background(
            "a", file=b"# One\n\nThe river carries.", file_name="a.md", collection="c"
        ),
        base_url=between.url,
    )
    client.ended("ingest", task.task_id)
    assert client.text("a") == "# One\n\nThe river carries."


def test_calls_that_read_have_no_key(sync: Either, between: Between) -> None:
    between.fates.append(LOSE_ANSWER)
    assert list(sync(lambda c: c.search("river"), base_url=between.url)) == []
    assert between.keys() == []
    assert len(between.requests) == 2


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable", "409 Conflict"])
def test_the_server_says_when_to_come_again(either: Either, between: Between, status: str) -> None:
    between.fates.append(busy(status, "Retry-After: 1"))
    begun = time.monotonic()
    either(lambda c: c.folders.create("F"), base_url=between.url)
    assert time.monotonic() - begun >= 1
    assert len(set(between.keys())) == 1


def test_who_must_wait_for_long_is_told_at_once(either: Either, between: Between) -> None:
    between.fates.append(busy("429 Too Many Requests", "Retry-After: 3000"))
    with pytest.raises(RateLimitError) as caught:
        either(lambda c: c.me(), base_url=between.url)
    assert (caught.value.status, caught.value.retry_after) == (429, 3000)
    assert len(between.requests) == 1


def test_the_server_says_how_long_a_token_without_requests_left_must_wait(server: Server) -> None:
    hourly = Either("sync", server.url, server.client(rate="1/hour").token)

    def ask_thrice() -> None:  # the hour may turn in between
        for _ in range(3):
            hourly(lambda c: c.me(), max_retries=0)

    with pytest.raises(RateLimitError) as caught:
        ask_thrice()
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 3600


def test_after_all_retries_the_last_error_is_raised(either: Either, between: Between) -> None:
    between.fates.extend([busy("503 Service Unavailable", "Retry-After: 0")] * 4)
    with pytest.raises(ServiceUnavailableError):
        either(lambda c: c.me(), base_url=between.url)
    assert len(between.requests) == 3
    with pytest.raises(ServiceUnavailableError):
        either(lambda c: c.me(), base_url=between.url, max_retries=0)
    assert len(between.requests) == 4


def test_a_server_that_is_not_there_is_an_error_that_names_it(either: Either, between: Between) -> None:
    between.fates.append(LEAVE)
    with pytest.raises(APIConnectionError) as caught:
        either(lambda c: c.me(), base_url=between.url, max_retries=0)
    assert between.url in str(caught.value)
    assert caught.value.status is None
    assert caught.value.request_id is not None
    assert caught.value.request_id.encode() in between.requests[0]


def test_a_timeout_is_an_error_of_its_own(either: Either, server: Server, client: Client) -> None:
    with server.worker_standing_still(), pytest.raises(APITimeoutError):
        either(
            lambda c: c.artifacts.ingest("a", text="x"),
            timeout=httpx.Timeout(PATIENCE_SECONDS, read=0.2),
            max_retries=0,
        )
