"""The erasure feed: each document that was erased, once, in the order of the receipts, whatever erased it."""

import hashlib
import hmac
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg

from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.stored import ask
from tests.server import Server
from tests.waiting import until


def feed(kb: Knowledge, after: str | None = None, **params: Any) -> dict[str, Any]:
    if after is not None:
        params["after"] = after
    answer = kb.call("GET", "/erasures", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def followed(kb: Knowledge, limit: int) -> Iterator[dict[str, Any]]:
    """All of the feed, in pages of this size."""
    after, more = None, True
    while more:
        page = feed(kb, after, limit=limit)
        yield from page["items"]
        assert len(page["items"]) <= limit
        after, more = page["next_cursor"], page["has_more"]


def of_artifact(kb: Knowledge, artifact: str) -> str:
    """The node of a new document."""
    return str(kb.artifacts.ingest(artifact, f"The text of {artifact}.").headers["Lethe-Node"])


def trashed(kb: Knowledge, node: str) -> str:
    assert kb.delete(node).status_code == 204
    return node


def test_each_way_of_erasing_is_told_in_the_order_of_the_receipts(server: Server, kb: Knowledge) -> None:
    named, by_task, filtered = (of_artifact(kb, name) for name in ("named", "by task", "filtered"))
    folder = kb.folder("F")
    inner = kb.document("inner", folder)
    overdue = kb.document("overdue")
    kb.indexed(inner, overdue)

    kb.artifacts.delete("named")
    kb.artifacts.ended("delete", kb.artifacts.delete_async("by task"))
    trashed(kb, folder)
    assert kb.call("DELETE", f"/knowledge/trash/{folder}").is_success
    asked = {"filter": {"node_ids": [filtered]}, "mode": "erase"}
    task = kb.call("POST", "/knowledge/deletions", asked).json()["task_id"]
    until(lambda: kb.call("GET", f"/knowledge/deletions/{task}").json()["status"] == "success")
    ask(server, "UPDATE node SET purge_at = now() - interval '1 hour' WHERE id = %s", trashed(kb, overdue))
    until(lambda: any(item["id"] == overdue for item in feed(kb)["items"]))

    items = feed(kb)["items"]
    told = [(item["id"], item["kind"], item["cause"]) for item in items]
    assert sorted(told[2:4]) == sorted([(folder, "folder", "folder"), (inner, "document", "folder")])
    assert told[:2] + told[4:] == [
        (named, "document", "document"),
        (by_task, "document", "document"),
        (filtered, "document", "filter"),
        (overdue, "document", "document"),
    ]
    assert [item["seq"] for item in items] == [1, 2, 3, 3, 4, 5]
    assert [list(followed(kb, limit)) for limit in (1, 2, 1000)] == [items] * 3


def test_an_entry_holds_the_hashes_and_times_of_its_receipt(kb: Knowledge) -> None:
    node = of_artifact(kb, "a")
    receipt_id = kb.artifacts.delete("a").headers["Lethe-Receipt"]
    (item,) = feed(kb)["items"]
    receipt = kb.call("GET", f"/receipts/{receipt_id}").json()
    (document,) = receipt["documents"]
    assert item == {
        **document,
        **{name: receipt[name] for name in ("seq", "salt_id", "invisible_at", "erased_at")},
        "kind": "document",
        "cause": "document",
        "receipt_id": receipt_id,
    }
    salt = bytes.fromhex(kb.call("GET", "/receipts/salt").json()["salt"])
    assert item["name"] == hmac.new(salt, f"{node}\0c\0a".encode(), hashlib.sha256).hexdigest()


def test_who_waits_is_told_of_the_next_erasure_and_of_that_alone(kb: Knowledge) -> None:
    assert feed(kb) == {"items": [], "next_cursor": None, "has_more": False}
    first, second = of_artifact(kb, "a"), of_artifact(kb, "b")
    kb.artifacts.delete("a")
    seen = feed(kb)
    assert [item["id"] for item in seen["items"]] == [first]

    def next_told() -> dict[str, Any]:
        page: dict[str, Any] = {"items": []}
        while not page["items"]:
            page = feed(kb, seen["next_cursor"], wait=30)
        return page

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next_told)
        assert kb.artifacts.delete("b").status_code == 200
        told = waiting.result()
    assert [item["id"] for item in told["items"]] == [second]
    assert feed(kb, told["next_cursor"], wait=1) == {
        "items": [],
        "next_cursor": told["next_cursor"],
        "has_more": False,
    }


def test_an_erasure_that_commits_late_is_never_passed_over(server: Server, kb: Knowledge) -> None:
    """What has begun first holds the log's lock until it ends: no later one gets into the feed before it."""
    for name in ("a", "b"):
        of_artifact(kb, name)
    with ThreadPoolExecutor(2) as pool, psycopg.connect(server.superuser()) as conn:
        conn.execute("SELECT FROM company WHERE name = %s FOR NO KEY UPDATE", (kb.company,))
        deleting = [pool.submit(kb.artifacts.delete, name) for name in ("a", "b")]
        until(lambda: kb.artifacts.listed() == [])
        assert feed(kb)["items"] == []
        conn.rollback()
        assert [answer.result().status_code for answer in deleting] == [200, 200]
    assert [item["seq"] for item in feed(kb)["items"]] == [1, 2]


def test_a_cursor_of_a_log_that_was_lost_is_a_409(kb: Knowledge) -> None:
    of_artifact(kb, "a")
    kb.artifacts.delete("a")
    seq, hash, node = feed(kb)["next_cursor"].split("-")
    for lost in (f"{int(seq) + 1}-{hash}-{node}", f"{seq}-{uuid4().hex[:16]}-{node}"):
        answer = kb.call("GET", "/erasures", params={"after": lost})
        assert answer.status_code == 409
        assert "restored from an older backup" in answer.json()["message"]


def test_an_empty_cursor_is_none(kb: Knowledge) -> None:
    assert feed(kb, "") == feed(kb) == {"items": [], "next_cursor": None, "has_more": False}


def test_a_wrong_cursor_limit_or_wait_is_a_400_that_names_it(kb: Knowledge) -> None:
    wrong = {
        "after": ("1", "x-y-z", "1-" + "0" * 16 + "-" + "é" * 24),
        "limit": (0, 1001),
        "wait": (-1, 31),
    }
    for name, values in wrong.items():
        for value in values:
            answer = kb.call("GET", "/erasures", params={name: value})
            assert answer.status_code == 400, value
            assert answer.json()["message"].startswith(name)
