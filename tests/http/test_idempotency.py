"""The Idempotency-Key over time: deletion, expiry, other callers, refusals, clients that leave, slow processes."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import pytest

from tests.client import Client, body
from tests.http.idempotency import (
    answers_wait,
    held_up,
    keyed,
    nothing_changes,
    replayed,
    rows,
    sentence,
    set_leases,
    under_way,
)
from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.stored import ask
from tests.server import Server
from tests.waiting import until

SECRET = "Ana-7f3a"


def ingest(client: Client, key: str, text: str = f"About {SECRET}.") -> tuple[int, str, bool]:
    """Status and body of an ingestion of document `a`, and whether it is an earlier answer."""
    metadata = {"who": SECRET, "title": SECRET}
    answer = keyed(client, key, "POST", "/artifacts/ingest", json=body("a", text, metadata=metadata))
    return answer.status_code, answer.text, replayed(answer)


@pytest.mark.parametrize("other_door", [False, True])
def test_a_late_retry_neither_shows_nor_brings_back_what_was_deleted_since(
    server: Server, client: Client, other_door: bool
) -> None:
    status, text, _ = ingest(client, "k")
    assert (status, SECRET in text) == (200, True)
    assert ingest(client, "k") == (200, text, True)
    kb = Knowledge(client)
    if other_door:
        ((folder),) = kb.tree()
        node = folder["children"][0]["id"]
        assert kb.delete(node).status_code == 204
        assert ingest(client, "k")[0] == 409
        assert kb.restore(node).status_code == 200
        assert ingest(client, "k") == (200, text, True)  # it is there again, and so is the answer
        assert kb.delete(node).status_code == 204
        assert kb.call("DELETE", f"/knowledge/trash/{node}").status_code == 204
    else:
        assert client.delete("a").status_code == 200
    assert SECRET not in json.dumps(rows(server, client))
    status, text, is_replayed = ingest(client, "k")
    assert (status, is_replayed) == (409, True)
    assert SECRET not in text
    assert "deleted" in text
    assert client.listed() == []
    assert ingest(client, "k 2")[0] == 200  # on purpose: another key
    assert ingest(client, "k")[0] == 409


def test_a_task_is_told_of_again_whatever_came_of_its_document(server: Server, client: Client) -> None:
    call: dict[str, Any] = {"json": {"ingest_body": body("a", SECRET, metadata={"who": SECRET})}}
    empty: dict[str, Any] = {"json": {"ingest_body": body("b", " ")}}
    told = [
        keyed(client, str(i), "POST", "/artifacts/ingest/async", **c) for i, c in enumerate((call, empty))
    ]
    ended = [client.ended("ingest", t.json()["task_id"])["task_status"] for t in told]
    assert ended == ["SUCCESS", "FAILURE"]
    assert client.delete("a").status_code == 200
    assert SECRET not in json.dumps(rows(server, client))
    for i, c in enumerate((call, empty)):
        again = keyed(client, str(i), "POST", "/artifacts/ingest/async", **c)
        assert (again.status_code, again.content, replayed(again)) == (200, told[i].content, True)
    assert client.listed() == []
    assert client.task("ingest", told[0].json()["task_id"])["task_result"]["data"] == []


def test_what_the_tree_answered_goes_with_the_node(server: Server, client: Client) -> None:
    kb = Knowledge(client)
    top = kb.folder("top")
    calls = [
        ("POST", "/knowledge/folders", {"title": f"{SECRET} 1", "parent_id": top}),
        ("POST", "/knowledge/documents", {"title": f"{SECRET} 2", "parent_id": top, "markdown": SECRET}),
    ]
    made = [keyed(client, c[1], c[0], c[1], json=c[2]).json()["id"] for c in calls]
    calls += [
        ("PATCH", f"/knowledge/nodes/{made[0]}", {"title": f"{SECRET} 3"}),
        ("PUT", f"/knowledge/documents/{made[1].upper()}", {"markdown": f"{SECRET} 4"}),
    ]
    for c in calls[2:]:
        assert keyed(client, c[1], c[0], c[1], json=c[2]).status_code == 200
    assert json.dumps(rows(server, client)).count(SECRET) >= 4
    assert keyed(client, "delete", "DELETE", f"/knowledge/nodes/{top}").status_code == 204
    for c in calls:
        assert keyed(client, c[1], c[0], c[1], json=c[2]).status_code == 409
    assert keyed(client, "erase", "DELETE", f"/knowledge/trash/{top}").status_code == 204
    assert SECRET not in json.dumps(rows(server, client))
    for c in calls:
        late = keyed(client, c[1], c[0], c[1], json=c[2])
        assert (late.status_code, replayed(late)) == (409, True)
        assert "deleted since" in sentence(late)
    assert kb.tree() == []
    for key, path in (("delete", f"/knowledge/nodes/{top}"), ("erase", f"/knowledge/trash/{top}")):
        assert keyed(client, key, "DELETE", path).status_code == 204  # what was told of the deletion stays


@pytest.mark.parametrize("when", ["STATEMENT", "ROW"])
def test_an_answer_that_the_erasure_overtakes_is_not_kept(
    server: Server, client: Client, when: Literal["STATEMENT", "ROW"]
) -> None:
    with ThreadPoolExecutor(2) as pool:
        with answers_wait(server, when) as waiting:
            sending = pool.submit(ingest, client, "k")
            until(lambda: waiting() == 1)
            deleting = pool.submit(client.delete, "a")
            until(deleting.done if when == "STATEMENT" else lambda: held_up(server))
        assert deleting.result().status_code == 200
        assert sending.result()[0] == 200
    assert SECRET not in json.dumps(rows(server, client))
    assert ingest(client, "k")[0] == 409


def test_keys_of_other_tokens_are_other_keys(server: Server, client: Client) -> None:
    path = "/knowledge/documents"
    more: dict[str, Any] = {"json": {"title": "D", "markdown": "x"}}
    clients = [client, server.client(company=client.company), server.client()]
    made = {keyed(c, "k", "POST", path, **more).json()["id"] for c in clients}
    assert len(made) == 3
    reader = server.client(company=client.company, scopes="knowledge:read")
    assert keyed(reader, "k 2", "POST", path, **more).status_code == 403
    limited = server.client(company=client.company, rate="2/hour")
    statuses = [keyed(limited, "k 2", "POST", path, **more).status_code for _ in range(6)]
    assert set(statuses) == {201, 429}
    assert statuses.count(429) >= 2  # the hour may turn in between
    assert len(rows(server, client)) == 3


def test_a_key_is_free_again_after_its_time_and_leaves_nothing(server: Server, client: Client) -> None:
    call = ("POST", "/knowledge/documents")
    first = keyed(client, "k", *call, json={"title": "D", "markdown": "x"})
    assert replayed(keyed(client, "k", *call, json={"title": "D", "markdown": "x"}))
    expire = (
        "UPDATE idempotency i SET expires_at = now() FROM company c WHERE c.id = i.company_id AND c.name = %s"
    )
    ask(server, expire, client.company)
    other = keyed(client, "k", *call, json={"title": "E", "markdown": "y"})
    assert (first.status_code, other.status_code, replayed(other)) == (201, 201, False)
    assert replayed(keyed(client, "k", *call, json={"title": "E", "markdown": "y"}))
    ask(server, expire, client.company)
    until(lambda: rows(server, client) == [])


def test_a_refusal_is_an_answer_too(server: Server, client: Client) -> None:
    wanted = {"json": {"collection": "c", "artifact": "a"}}
    assert keyed(client, "k", "POST", "/artifacts/delete", **wanted).status_code == 404
    assert client.ingest("a", "It came behind the delete.").status_code == 200
    late = keyed(client, "k", "POST", "/artifacts/delete", **wanted)
    assert (late.status_code, replayed(late)) == (404, True)
    assert client.listed() == ["a"]
    empty = {"json": body("b", " ")}
    first = keyed(client, "k 2", "POST", "/artifacts/ingest", **empty)
    assert (first.status_code, replayed(first)) == (400, False)
    again = keyed(client, "k 2", "POST", "/artifacts/ingest", **empty)
    assert (again.status_code, replayed(again), again.text) == (400, True, first.text)


def test_a_failure_of_the_server_is_no_answer_to_keep(server: Server, client: Client) -> None:
    more: dict[str, Any] = {"json": {"title": "D", "markdown": "x"}}
    ((company_id,),) = ask(server, "SELECT id FROM company WHERE name = %s", client.company)
    in_the_way = server.directory / "blobs" / company_id
    in_the_way.touch()  # where the folder of its files is to be
    try:
        for _ in range(2):
            failed = keyed(client, "k", "POST", "/knowledge/documents", **more)
            assert failed.status_code >= 500
            assert not replayed(failed)
    finally:
        in_the_way.unlink()
    made = keyed(client, "k", "POST", "/knowledge/documents", **more)
    assert (made.status_code, replayed(made)) == (201, False)


def test_a_client_whose_connection_broke_gets_its_document_with_the_same_key(
    server: Server, client: Client
) -> None:
    text = json.dumps(body("a", "Some words.")).encode()
    head = f"POST /v1/artifacts/ingest HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.token}\r\n"
    head += f"Idempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
    port = int(server.url.rpartition(":")[2])
    with nothing_changes(server), socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode() + text)
        until(lambda: under_way(server, client))
    answers = []
    kind = {"Content-Type": "application/json"}

    def answered() -> bool:
        answers.append(keyed(client, "k", "POST", "/artifacts/ingest", content=text, headers=kind))
        return answers[-1].status_code == 200

    until(answered)
    assert {a.status_code for a in answers[:-1]} <= {409}
    assert client.listed() == ["a"]
    assert client.text("a") == "Some words."


def test_a_slow_process_stores_nothing_behind_its_successor(server: Server, client: Client) -> None:
    more: dict[str, Any] = {"json": {"title": "D", "markdown": "x"}}
    with ThreadPoolExecutor(2) as pool:
        with nothing_changes(server):
            attempts = [pool.submit(keyed, client, "k", "POST", "/knowledge/documents", **more)]
            until(lambda: under_way(server, client))
            (before,) = rows(server, client)
            set_leases(server, client, seconds=0)
            attempts.append(pool.submit(keyed, client, "k", "POST", "/knowledge/documents", **more))
            until(lambda: rows(server, client)[0]["owner"] != before["owner"])
        first, second = (a.result() for a in attempts)
    assert (first.status_code, second.status_code) == (409, 201)
    assert [n["id"] for n in Knowledge(client).tree()] == [second.json()["id"]]
    assert keyed(client, "k", "POST", "/knowledge/documents", **more).json() == second.json()


def test_without_the_header_nothing_is_noted(server: Server, client: Client) -> None:
    client.ingest("a", "Some words.")
    client.delete("a")
    assert rows(server, client) == []
