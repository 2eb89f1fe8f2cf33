"""Each status is an error of its own, and none of them shows the token."""

import traceback
from collections.abc import Callable
from typing import Any

import lethe_client as lc
import pytest

from tests.client import Client
from tests.clients.between import Between
from tests.clients.conftest import Either
from tests.clients.test_lost_connections import busy
from tests.server import Server

NOWHERE = "0" * 24


@pytest.mark.parametrize(
    ("kind", "call", "words"),
    [
        (lc.BadRequestError, lambda c: c.search("x", mode="wrong"), "mode"),
        (lc.BadRequestError, lambda c: c.artifacts.ingest(file=b"%PDF-1.4", file_name="b.pdf"), "b.pdf"),
        (lc.NotFoundError, lambda c: c.nodes.get(NOWHERE), "no node"),
        (lc.NotFoundError, lambda c: c.nodes.get("../../receipts"), "nothing at this address"),
        (lc.NotFoundError, lambda c: c.artifacts.content("c", ["missing"]), "missing"),
        (lc.UnprocessableEntityError, lambda c: c.artifacts.ingest("a" * 300, text="x"), "artifact"),
        (lc.UnprocessableEntityError, lambda c: c.artifacts.ingest("a", uri="file:///etc"), "value"),
    ],
)  # fmt: skip
def test_a_refusal_is_an_error_with_the_servers_sentence(
    sync: Either, kind: type[lc.APIError], call: Callable[[Any], Any], words: str
) -> None:
    with pytest.raises(kind) as caught:
        sync(call)
    assert words in caught.value.message
    assert caught.value.request_id is not None
    assert caught.value.request_id in str(caught.value)
    assert type(caught.value) is kind


def test_a_name_that_is_taken_is_a_conflict_and_is_not_tried_again(sync: Either, between: Between) -> None:
    sync(lambda c: c.folders.create("F"))
    with pytest.raises(lc.ConflictError):
        sync(lambda c: c.folders.create("F"), base_url=between.url)
    assert len(between.requests) == 1


def test_a_token_that_is_none_or_may_not(server: Server, client: Client) -> None:
    stranger = Either("sync", server.url, "kbai_pk_" + "0" * 64)
    with pytest.raises(lc.AuthenticationError):
        stranger(lambda c: c.me())
    reader = Either("sync", server.url, server.client(scopes="knowledge:read").token)
    with pytest.raises(lc.PermissionDeniedError) as caught:
        reader(lambda c: c.folders.create("F"))
    assert caught.value.code == "INSUFFICIENT_SCOPE"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("413 Content Too Large", lc.TooLargeError),
        ("500 Internal Server Error", lc.InternalServerError),
        ("502 Bad Gateway", lc.InternalServerError),
        ("302 Found", lc.APIError),
        ("418 I'm a teapot", lc.APIError),
    ],
)
def test_answers_of_what_stands_between_are_errors_too(
    sync: Either, between: Between, status: str, kind: type[lc.APIError]
) -> None:
    between.fates.append(busy(status))
    with pytest.raises(kind) as caught:
        sync(lambda c: c.me(), base_url=between.url, max_retries=0)
    assert caught.value.status == int(status[:3])
    assert status[:3] in caught.value.message


def test_another_server_is_told_from_lethe(sync: Either, between: Between) -> None:
    between.fates.append(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n<html/>")
    with pytest.raises(lc.UnexpectedAnswerError, match="base_url"):
        sync(lambda c: c.me(), base_url=between.url)


def test_nothing_shows_the_token(either: Either, between: Between, client: Client) -> None:
    shown = either(lambda c: _later(c, repr((c, c.folders, c._caller, c._caller.settings, vars(c)))))
    for fate in (busy("500 Internal Server Error"), busy("401 Unauthorized"), b"leave"):
        between.fates.append(fate)
        with pytest.raises(lc.APIError) as caught:
            either(lambda c: c.me(), base_url=between.url, max_retries=0)
        shown += "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    with pytest.raises(lc.LetheError) as wrong:
        lc.Lethe(token=f"{client.token}\n{client.token}")
    with pytest.raises(lc.LetheError) as address:
        lc.Lethe(base_url=f"http://lethe:{client.token}@127.0.0.1")
    assert client.token[12:] not in shown + str(wrong.value) + str(address.value)


def _later(client: Any, value: str) -> Any:
    """The value, in the way of the client."""

    async def given() -> str:
        return value

    return given() if isinstance(client, lc.AsyncLethe) else value


@pytest.mark.parametrize("url", ["lethe.example.org", "ftp://x", "http://", "http://[::", ""])
def test_an_address_that_is_none_is_refused_at_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LETHE_URL", url)
    if url:
        with pytest.raises(lc.LetheError, match="address"):
            lc.Lethe()
    else:
        with lc.Lethe() as client:
            assert "127.0.0.1:8400" in repr(client)
