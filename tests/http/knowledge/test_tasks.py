"""GET /v1/tasks and `lethe tasks`: what was done, what failed, and nothing of what was deleted."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.client import long_text
from tests.http.knowledge.knowledge import Knowledge
from tests.server import Server


def tasks(kb: Knowledge, **params: Any) -> list[dict[str, Any]]:
    """The listed tasks."""
    answer = kb.call("GET", "/tasks", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_tasks_tell_what_was_done_and_what_failed_and_why(kb: Knowledge, server: Server) -> None:
    begun = datetime.now(UTC).isoformat()
    done = kb.artifacts.ingest("a", "text")
    (ok,) = tasks(kb, status="success")
    assert (ok["kind"], ok["collection"], ok["artifact"], ok["error"]) == ("ingest", "c", "a", None)
    assert ok["node_id"] == done.headers["Lethe-Node"] == kb.tree()[0]["children"][0]["id"]
    upload = kb.artifacts.http.post(
        "/v1/artifacts/ingest", files={"file": ("broken.pdf", b"%PDF-1.4 nothing")}
    )
    assert upload.status_code == 400
    (failed,) = tasks(kb, status="failure", since=begun)
    assert (failed["status"], failed["node_id"], failed["error"]) == (
        "failure",
        None,
        upload.json()["detail"],
    )
    assert failed["finished_at"] >= failed["created_at"] >= begun[:19]
    assert [t["status"] for t in tasks(kb)] == ["failure", "success"]
    shown = server.command(
        "tasks", "--company", kb.company, "--status", "failure", "--since", begun, "--json"
    )
    assert [t["id"] for t in json.loads(shown.stdout)] == [failed["id"]]
    assert "broken.pdf" in server.command("tasks", "--company", kb.company).stdout
    assert tasks(kb, since="2100-01-01T00:00:00Z") == []


def test_a_task_under_way_tells_how_far_it_is(kb: Knowledge, server: Server) -> None:
    with server.worker_standing_still():
        node = kb.document("D", None, long_text(10))
        (waiting,) = tasks(kb, since="2100-01-01T00:00:00Z")
        assert (waiting["status"], waiting["node_id"], waiting["finished_at"]) == ("pending", node, None)
    kb.indexed(node)
    (ended,) = tasks(kb)
    assert (ended["step"], ended["percentage"]) == ("Storage", 100)


def test_tasks_tell_nothing_of_what_was_deleted(kb: Knowledge) -> None:
    kb.artifacts.ingest("secret-name", "text", collection="secret-collection")
    kb.artifacts.http.post(
        "/v1/artifacts/ingest",
        files={"file": ("secret-name.pdf", b"%PDF-1.4 x")},
        data={"artifact": "secret-name", "collection": "secret-collection"},
    )
    assert "secret" in str(tasks(kb))
    node = kb.tree()[0]["children"][0]["id"]
    assert kb.delete(node).status_code == 204
    assert "secret" not in str(tasks(kb))
    assert node not in str(tasks(kb))
    assert kb.restore(node).status_code == 200
    assert "secret" in str(tasks(kb))
    assert kb.artifacts.delete("secret-name", collection="secret-collection").status_code == 200
    assert "secret" not in str(tasks(kb))
    assert node not in str(tasks(kb))


def test_pages_hold_each_task_once_and_of_ones_own_company_only(kb: Knowledge, other: Knowledge) -> None:
    for name in "abcde":
        kb.artifacts.ingest(name, f"text {name}")
    other.artifacts.ingest("theirs", "text")
    seen, cursor = [], None
    while True:
        answer = kb.call(
            "GET", "/tasks", params={"limit": 2, **({"cursor": cursor} if cursor else {})}
        ).json()
        seen += [t["artifact"] for t in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert seen == list("edcba")


@pytest.mark.parametrize(
    "params",
    [
        {"status": "failed"},
        {"since": "yesterday"},
        {"since": "2026-01-01"},
        {"limit": 0},
        {"limit": 1001},
        {"cursor": "x"},
    ],
)
def test_what_makes_no_sense_is_a_400_that_names_it(kb: Knowledge, params: dict[str, Any]) -> None:
    answer = kb.call("GET", "/tasks", params=params)
    assert (answer.status_code, answer.json()["message"].partition(":")[0]) == (400, next(iter(params)))


def test_tasks_need_the_scope_to_read(server: Server) -> None:
    assert server.client(scopes="knowledge:write").http.get("/v1/tasks").status_code == 403


def test_an_ingestion_names_its_node(kb: Knowledge) -> None:
    first = kb.artifacts.ingest("a", "text")
    node = first.headers["Lethe-Node"]
    assert kb.node(node)["title"] == "a"
    again = kb.artifacts.ingest("a", "text")
    assert (again.json()["data"], again.headers["Lethe-Node"]) == ([], node)
    body = {"ingest_body": {"artifact": "a", "collection": "c", "input": {"type": "text", "value": "new"}}}
    task = kb.artifacts.post("/ingest/async", body).json()["task_id"]
    kb.indexed(node)
    assert kb.artifacts.get(f"/ingest/async/{task}").headers["Lethe-Node"] == node
    kb.delete(node)
    assert "Lethe-Node" not in kb.artifacts.get(f"/ingest/async/{task}").headers
