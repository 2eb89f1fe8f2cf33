"""kill -9 around the work of requests with a key: a retry finds what was made, and makes nothing again."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from tests.client import Client, body
from tests.http.idempotency import answers_wait, keyed, replayed, set_leases, under_way
from tests.http.knowledge.knowledge import Knowledge
from tests.server import Server
from tests.waiting import until

CallSent = tuple[str, str, dict[str, Any]]


@pytest.fixture
def own(new_server: Callable[..., Server]) -> Iterator[Server]:
    """A server to be killed, with a connection for each answer that waits."""
    unhurried = {
        "LETHE_LOCK_SECONDS": "0",
        "LETHE_STATEMENT_SECONDS": "0",
    }  # who waits in the test gives up never
    server = new_server("keys", LETHE_DATABASE_CONNECTIONS="20", **unhurried).start()
    yield server
    server.stop()


def send(client: Client, call: CallSent) -> httpx.Response:
    """Make the call with a key that is its path."""
    method, path, fields = call
    return keyed(client, path, method, path, json=fields or None)


def test_a_request_whose_answer_was_lost_with_the_server_is_done_once(own: Server) -> None:
    client, stopped = own.client(), own.client()
    for artifact in ("old", "older"):
        assert client.ingest(artifact, f"The {artifact} one.").status_code == 200
    kb = Knowledge(client)
    top, trashed = kb.folder("top"), kb.folder("trashed")
    calls: list[CallSent] = [
        ("POST", "/artifacts/ingest", body("new", "A new one.")),
        ("POST", "/artifacts/ingest/async", {"ingest_body": body("later", "A later one.")}),
        ("POST", "/artifacts/delete/async", {"delete_body": {"collection": "c", "artifact": "old"}}),
        ("POST", "/knowledge/folders", {"title": "F", "parent_id": top}),
        ("PATCH", f"/knowledge/nodes/{top}", {"title": "renamed"}),
        ("DELETE", f"/knowledge/nodes/{trashed}", {}),
        ("POST", "/artifacts/delete", {"collection": "c", "artifact": "older"}),
    ]
    document: CallSent = ("POST", "/knowledge/documents", {"title": "D", "markdown": "# D"})
    with (
        ThreadPoolExecutor(len(calls) + 1) as pool,
        psycopg.connect(own.superuser(), autocommit=True) as conn,
        answers_wait(own, "STATEMENT") as waiting,
    ):
        # One that is stopped before its work commits, by the lock on its company's tree.
        conn.execute(
            "SELECT pg_advisory_lock(hashtextextended(id, 0)) FROM company WHERE name = %s",
            (stopped.company,),
        )
        lost = [pool.submit(send, stopped, document), *(pool.submit(send, client, call) for call in calls)]
        until(lambda: waiting() == len(calls) and under_way(own, stopped))
        own.kill()
        for each in lost:
            with pytest.raises(httpx.TransportError):
                each.result()
    own.restart()
    client, stopped = (own.client_of(c.token, c.company) for c in (client, stopped))
    for caller, call in [(stopped, document), *((client, call) for call in calls)]:
        set_leases(own, caller, seconds=60)
        early = send(caller, call)
        assert (early.status_code, early.headers["Retry-After"]) == (409, "1")
        set_leases(own, caller, seconds=0)
    answers = [send(client, call) for call in calls]
    assert [a.status_code for a in answers] == [200, 200, 200, 201, 200, 404, 404]
    assert not any(replayed(a) for a in answers)
    assert [d["artifact"] for d in answers[0].json()["data"]] == [
        "new"
    ]  # the answer itself, not that it was there
    assert client.ended("ingest", answers[1].json()["task_id"])["task_status"] == "SUCCESS"
    assert client.ended("delete", answers[2].json()["task_id"])["task_status"] == "SUCCESS"
    assert sorted(client.listed()) == ["later", "new"]
    (folder,) = [n for n in Knowledge(client).tree() if n["title"] == "renamed"]
    assert [n["id"] for n in folder["children"]] == [answers[3].json()["id"]]
    for call, answer in zip(calls, answers, strict=True):
        again = send(client, call)
        assert (again.status_code, again.content, replayed(again)) == (
            answer.status_code,
            answer.content,
            True,
        )
    made = send(stopped, document)
    assert (made.status_code, replayed(made)) == (201, False)
    assert [n["id"] for n in Knowledge(stopped).tree()] == [made.json()["id"]]
