"""Webhooks: what they are told, how it is signed, and what becomes of it when nobody listens."""

import time
from dataclasses import replace
from typing import Any

import httpx
import pytest

from lethe.adapters.webhooks import Receivers
from lethe.api import app as http
from lethe.core.context import Context
from tests.hostile.tenants import MARK
from tests.http.hooked import Receiver, receiving
from tests.http.knowledge.knowledge import NOWHERE, Knowledge
from tests.http.test_metrics import metrics
from tests.lifecycle.orphans import with_context
from tests.lifecycle.stored import ask
from tests.server import Server
from tests.waiting import until

ALL = [
    "ingestion.progress",
    "ingestion.done",
    "ingestion.error",
    "node.trashed",
    "node.restored",
    "erasure.done",
]


def made(kb: Knowledge, url: str, events: list[str] | None = None) -> dict[str, Any]:
    answer = kb.call("POST", "/webhooks", {"url": url, **({"events": events} if events else {})})
    assert answer.status_code == 201, answer.text
    webhook: dict[str, Any] = answer.json()
    return webhook


def deliveries(kb: Knowledge, **params: Any) -> list[dict[str, Any]]:
    answer = kb.call("GET", "/webhooks/deliveries", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def delivery(kb: Knowledge, id: str) -> dict[str, Any]:
    (found,) = [d for d in deliveries(kb) if d["id"] == id]
    return found


def settled(kb: Knowledge) -> bool:
    """True when every delivery of the company has been delivered."""
    return all(d["status"] == "delivered" for d in deliveries(kb))


def measured(server: Server, state: str) -> float:
    """How many deliveries of all companies are in this state."""
    return metrics(server)["lethe_webhook_deliveries"][frozenset({("state", state)})]


def due(server: Server, kb: Knowledge) -> None:
    """All of the company's deliveries that wait for another try are due now."""
    ask(
        server,
        """
        UPDATE webhook_delivery d SET due_at = now() FROM company c
        WHERE c.id = d.company_id AND c.name = %s AND d.status = 'waiting' AND d.last_error IS NOT NULL
        """,
        kb.company,
    )


def test_the_life_of_a_document_is_told_in_order_and_signed(kb: Knowledge, receiver: Receiver) -> None:
    secret = made(kb, receiver.url("/life"), ALL)["secret"]
    task = kb.artifacts.ingest_async("a", "The text.")
    kb.artifacts.ended("ingest", task)
    node = kb.tree()[0]["children"][0]["id"]
    kb.delete(node)
    kb.restore(node)
    kb.delete(node)
    kb.call("DELETE", f"/knowledge/trash/{node}")
    until(lambda: "erasure.done" in receiver.types("/life"))
    steps = [p for p in receiver.at("/life") if p.body["data"].get("percentage") in (None, 0, 100)]
    told = [p.verified(secret) for p in steps]
    types = ["ingestion.progress"] * 4 + ["ingestion.done", "node.trashed", "node.restored", "node.trashed"]
    assert [said["type"] for said in told] == [*types, "erasure.done"]
    assert {said["data"]["id"] for said in told} == {node}
    assert {said["data"].get("task_id", task) for said in told} == {task}
    (receipt,) = kb.call("GET", "/receipts").json()["items"]
    assert told[-1]["data"] == {"id": node, "kind": "document", "documents": 1, "receipt_id": receipt["id"]}
    assert len({p.id for p in receiver.at("/life")}) == len(receiver.at("/life"))
    until(lambda: settled(kb))


def test_an_ingestion_tells_its_result_or_why_it_failed(kb: Knowledge, receiver: Receiver) -> None:
    made(kb, receiver.url("/ended"), ["ingestion.done", "ingestion.error"])
    good, bad = kb.artifacts.ingest_async("good", "The text."), kb.artifacts.ingest_async("bad", " \n")
    until(lambda: len(receiver.at("/ended")) == 2)
    said = {p.body["data"]["task_id"]: p.body for p in receiver.at("/ended")}
    result = kb.artifacts.ended("ingest", good)["task_result"]
    assert said[good]["type"] == "ingestion.done"
    data = said[good]["data"]
    assert (data["collection"], data["artifact"], data["result"]) == ("c", "good", result)
    assert said[bad]["type"] == "ingestion.error"
    assert said[bad]["data"]["error"] == kb.artifacts.ended("ingest", bad)["task_result"]


def test_an_ingestion_that_the_trash_ends_is_told_before_it(
    server: Server, kb: Knowledge, receiver: Receiver
) -> None:
    made(kb, receiver.url("/revoked"))
    folder = kb.folder("F")
    with server.worker_standing_still():
        node = kb.document("a", folder)
        assert kb.delete(node).status_code == 204
    until(lambda: len(receiver.at("/revoked")) == 2)
    first, second = (p.body for p in receiver.at("/revoked"))
    assert (first["type"], first["data"]["id"]) == ("ingestion.error", node)
    assert "deleted while it was being ingested" in first["data"]["error"]
    assert (second["type"], second["data"]) == ("node.trashed", {"id": node})


def test_what_a_filter_trashes_is_told_one_by_one_and_what_it_erases_by_its_receipt(
    kb: Knowledge, receiver: Receiver
) -> None:
    made(kb, receiver.url("/filter"), ["node.trashed", "erasure.done"])
    trashed, erased = ([kb.document(f"{what} {n}") for n in range(2)] for what in ("t", "e"))
    for nodes, mode in ((trashed, "trash"), (erased, "erase")):
        begun = kb.call("POST", "/knowledge/deletions", {"filter": {"node_ids": nodes}, "mode": mode}).json()
    until(lambda: len(receiver.at("/filter")) == 3)
    said = [p.body for p in receiver.at("/filter")]
    assert sorted(s["data"]["id"] for s in said if s["type"] == "node.trashed") == sorted(trashed)
    (end,) = [s["data"] for s in said if s["type"] == "erasure.done"]
    assert (end["kind"], end["documents"], end["receipt_id"]) == ("filter", 2, begun["receipt_id"])


def test_a_receiver_that_was_down_gets_everything_in_order_under_the_same_ids(
    server: Server, kb: Knowledge
) -> None:
    with receiving() as receiver:
        made(kb, receiver.url("/down"), ["ingestion.done", "node.trashed", "node.restored"])
        receiver.stop()
        node = kb.document("a")
        kb.indexed(node)
        kb.delete(node)
        kb.restore(node)
        until(lambda: deliveries(kb)[-1]["last_error"] is not None)
        waiting = deliveries(kb)
        assert [(d["type"], d["status"]) for d in waiting] == [
            ("node.restored", "waiting"), ("node.trashed", "waiting"), ("ingestion.done", "waiting")
        ]  # fmt: skip
        assert [d["attempts"] for d in waiting[:2]] == [0, 0]  # they wait for the first one
        assert waiting[-1]["last_error"] == (f"The host '127.0.0.1' does not answer on port {receiver.port}.")
        back = int(time.time())
        receiver.start()
        due(server, kb)
        until(lambda: settled(kb))
        assert receiver.types("/down") == ["ingestion.done", "node.trashed", "node.restored"]
        assert [p.id for p in receiver.at("/down")] == [d["id"] for d in reversed(waiting)]
        assert min(p.signed_at for p in receiver.at("/down")) >= back  # when they were sent


def test_a_delivery_is_given_up_after_a_day_and_can_be_sent_again(
    server: Server, kb: Knowledge, receiver: Receiver
) -> None:
    webhook = made(kb, receiver.url("/dead"))
    receiver.answers["/dead"] = 500
    id = kb.call("POST", f"/webhooks/{webhook['id']}/test").json()["id"]
    until(lambda: delivery(kb, id)["last_status"] == 500)
    first = delivery(kb, id)
    assert (first["status"], first["last_error"]) == ("waiting", "The receiver answered 500.")
    until(lambda: measured(server, "failing") >= 1)
    ask(
        server,
        "UPDATE webhook_delivery SET first_tried_at = now() - interval '1 day', due_at = now() WHERE event_id = %s",
        id[4:],
    )
    until(lambda: delivery(kb, id)["status"] == "dead")
    dead = delivery(kb, id)
    assert dead["attempts"] > first["attempts"]
    assert dead["next_attempt_at"] is None
    until(lambda: measured(server, "dead") >= 1)
    assert [d["id"] for d in deliveries(kb, status="dead", webhook_id=webhook["id"])] == [id]
    receiver.answers.clear()
    assert kb.call("POST", f"/webhooks/deliveries/{id}/redeliver").status_code == 202
    until(lambda: delivery(kb, id)["status"] == "delivered")
    assert {p.id for p in receiver.at("/dead")} == {id}
    assert delivery(kb, id)["last_error"] is None


def test_a_receiver_that_does_not_answer_delays_no_other(kb: Knowledge, receiver: Receiver) -> None:
    slow, quick = made(kb, receiver.url("/slow")), made(kb, receiver.url("/quick"))
    receiver.answers["/slow"] = 0
    for _ in range(30):
        kb.call("POST", f"/webhooks/{slow['id']}/test")
    until(lambda: receiver.at("/slow"))
    kb.call("POST", f"/webhooks/{quick['id']}/test")
    until(lambda: receiver.at("/quick"))
    assert deliveries(kb, webhook_id=slow["id"], status="delivered") == []
    assert len(receiver.at("/slow")) <= 4
    receiver.go_on()
    until(lambda: settled(kb))


def test_a_redirect_is_not_followed(kb: Knowledge, receiver: Receiver) -> None:
    receiver.answers["/moved"] = 307
    id = kb.call("POST", f"/webhooks/{made(kb, receiver.url('/moved'))['id']}/test").json()["id"]
    until(lambda: delivery(kb, id)["last_status"] == 307)
    assert "redirects are not followed" in delivery(kb, id)["last_error"]
    assert receiver.at("/elsewhere") == []
    receiver.answers.clear()


@pytest.mark.parametrize("erased", [False, True], ids=["in the trash", "erased"])
def test_what_waits_tells_nothing_of_a_document_that_was_deleted(
    server: Server, kb: Knowledge, erased: bool
) -> None:
    with receiving() as receiver:
        made(kb, receiver.url("/gone"))
        receiver.stop()
        node = kb.artifacts.ingest(MARK, f"The {MARK}.", collection=MARK, metadata={"m": MARK}).headers[
            "Lethe-Node"
        ]
        until(lambda: deliveries(kb)[-1]["last_error"] is not None)
        if erased:
            kb.artifacts.delete(MARK, collection=MARK)
        else:
            kb.delete(node)
        receiver.start()
        due(server, kb)
        until(lambda: settled(kb) and len(receiver.at("/gone")) == 2)
        first, end = (p.body for p in receiver.at("/gone"))
        assert (first["type"], first["data"]["id"], end["data"]["id"]) == ("ingestion.done", node, node)
        assert first["data"]["result"]["data"] == []
        assert end["type"] == ("erasure.done" if erased else "node.trashed")
        assert all(MARK.encode() not in p.raw for p in receiver.posted)


def test_a_webhook_that_was_deleted_is_told_nothing_more(kb: Knowledge) -> None:
    with receiving() as receiver:
        webhook = made(kb, receiver.url())
        receiver.stop()
        kb.call("POST", f"/webhooks/{webhook['id']}/test")
        until(lambda: deliveries(kb)[0]["last_error"] is not None)
        assert kb.call("DELETE", f"/webhooks/{webhook['id']}").status_code == 204
        assert deliveries(kb) == []
        assert kb.call("DELETE", f"/webhooks/{webhook['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "ftp://example.org/"}, "url"),
        ({"url": "https://user:password@example.org/"}, "url"),
        ({"url": "https://example.org/" + "x" * 2000}, "url"),
        ({"url": "https://example.org/", "events": []}, "events"),
        ({"url": "https://example.org/", "events": ["ping"]}, "events"),
        ({"url": "https://example.org/", "secret": "whsec_x"}, "secret"),
    ],
    ids=str,
)
def test_a_wrong_webhook_is_a_400_that_names_the_field(kb: Knowledge, body: Any, field: str) -> None:
    answer = kb.call("POST", "/webhooks", body)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(field)


def test_a_private_address_is_refused_when_it_is_given_unless_the_operator_permits_it(
    server: Server, kb: Knowledge
) -> None:
    urls = [f"http://{host}/hook" for host in ("10.0.0.1:8443", "127.1", "[::1]", "localhost")]

    async def ask(ctx: Context) -> list[tuple[httpx.Response, httpx.Response]]:
        async def missing() -> list[str]:
            return []

        strict = replace(ctx, receivers=Receivers(allow_private=False))
        transport = httpx.ASGITransport(http.build(strict, missing, metrics=False))
        headers = {"Authorization": f"Bearer {kb.artifacts.token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://x", headers=headers) as client:
            return [
                (
                    await client.post("/v1/webhooks", json={"url": url}),
                    await client.post("/v1/artifacts/delete/async", json=deletion_telling(url)),
                )
                for url in urls
            ]

    for of_webhook, of_callback in with_context(server, ask):
        assert (of_webhook.status_code, of_callback.status_code) == (400, 422)
        assert of_webhook.json()["message"].startswith("url: The host")
        assert all("LETHE_WEBHOOK_ALLOW_PRIVATE" in answer.text for answer in (of_webhook, of_callback))
    assert kb.call("GET", "/webhooks").json()["items"] == []
    assert [kb.call("POST", "/webhooks", {"url": url}).status_code for url in urls] == [201] * len(urls)


def deletion_telling(url: str) -> dict[str, Any]:
    """The body of a deletion with a callback to this address."""
    return {
        "delete_body": {"collection": "c", "artifact": "a"},
        "callback": {"webhook": {"url": url}},
    }


def test_there_are_only_so_many_webhooks_and_secrets(kb: Knowledge) -> None:
    webhook, *_ = [made(kb, f"https://example.org/{n}") for n in range(20)]
    answer = kb.call("POST", "/webhooks", {"url": "https://example.org/20"})
    assert (answer.status_code, "at most 20" in answer.text) == (409, True)
    rotated = [kb.call("POST", f"/webhooks/{webhook['id']}/rotate").status_code for _ in range(5)]
    assert rotated == [200] * 4 + [409]


def test_what_is_not_there_is_a_404(kb: Knowledge) -> None:
    for path in (
        f"{NOWHERE}/rotate",
        f"{NOWHERE}/test",
        "deliveries/x/redeliver",
        "deliveries/99999999999999999999/redeliver",
    ):
        assert kb.call("POST", f"/webhooks/{path}").status_code == 404
