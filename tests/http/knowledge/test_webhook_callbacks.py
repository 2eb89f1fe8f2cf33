"""Callbacks over HTTP: a task's own webhook says what a callback over AMQP does."""

from typing import Any

import pytest

from tests.http.hooked import Receiver
from tests.http.knowledge.knowledge import Knowledge
from tests.http.knowledge.test_webhooks import deliveries
from tests.waiting import until


def test_a_callback_over_http_says_what_one_over_amqp_does(kb: Knowledge, receiver: Receiver) -> None:
    secret = "whsec_" + "QUJD" * 10
    callback = {"webhook": {"url": receiver.url("/callback"), "secret": secret}, "properties": {"order": 7}}
    task = kb.artifacts.ingest_async("a", "one", callback=callback)
    until(lambda: "pgpt.vector_index_task.done" in receiver.types("/callback"))
    result = kb.artifacts.task("ingest", task)["task_result"]
    posted = receiver.at("/callback")
    assert [p.verified(secret)["data"] for p in posted if p.body["data"].get("percentage") in (None, 0, 100)] == [
        *({"current_step": step, "percentage": share, "warnings": None}
          for step, share in [("Validation", 0), ("Parse", 0), ("Storage", 0), ("Storage", 100)]),
        result,
    ]  # fmt: skip
    assert {(p.headers["lethe-task"], str(p.body["callback_properties"])) for p in posted} == {
        (task, "{'order': 7}")
    }
    done = [d["type"].rpartition(".")[2] for d in reversed(deliveries(kb))]
    assert done[-1] == "done"


def test_a_deletions_callback_without_a_secret_is_not_signed(kb: Knowledge, receiver: Receiver) -> None:
    kb.artifacts.ingest("a", "one")
    task = kb.artifacts.delete_async("a", callback={"webhook": {"url": receiver.url("/deletion")}})
    until(lambda: len(receiver.at("/deletion")) == 2)
    done = receiver.at("/deletion")[-1]
    assert done.body == {
        "data": None, "type": "pgpt.delete_ingested_task.done", "error": None, "callback_properties": None,
    }  # fmt: skip
    receipt = kb.artifacts.get(f"/delete/async/{task}").headers["Lethe-Receipt"]
    assert (done.headers["lethe-task"], done.headers["lethe-receipt"]) == (task, receipt)
    assert "webhook-signature" not in done.headers


@pytest.mark.parametrize(
    "callback",
    [
        {},
        {"webhook": {"url": "file:///etc/passwd"}},
        {"webhook": {"url": "https://example.org/", "secret": "short"}},
    ],
    ids=str,
)
def test_a_wrong_callback_is_a_422(kb: Knowledge, callback: Any) -> None:
    asked = {"delete_body": {"collection": "c", "artifact": "a"}, "callback": callback}
    assert kb.artifacts.post("/delete/async", asked).status_code == 422
