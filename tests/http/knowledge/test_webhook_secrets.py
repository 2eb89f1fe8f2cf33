"""What webhooks are signed with: shown once, rotated, and never lost or told."""

from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.http.hooked import Receiver
from tests.http.knowledge.knowledge import Knowledge
from tests.http.knowledge.test_webhooks import made
from tests.lifecycle.stored import ask
from tests.server import Server
from tests.waiting import until


def test_a_secret_is_shown_once_and_lies_nowhere_in_clear(
    server: Server, kb: Knowledge, receiver: Receiver
) -> None:
    headers = {"Idempotency-Key": "create"}
    answer = kb.call("POST", "/webhooks", {"url": receiver.url("/secret")}, headers=headers)
    secret = answer.json()["secret"]
    again = kb.call("POST", "/webhooks", {"url": receiver.url("/secret")}, headers=headers)
    assert again.json() == answer.json() | {"secret": None}
    (listed,) = kb.call("GET", "/webhooks").json()["items"]
    assert listed == {name: value for name, value in answer.json().items() if name != "secret"}
    given = "whsec_" + "A" * 40
    asked = {"webhook": {"url": receiver.url("/secret"), "secret": given}}
    kb.artifacts.ended("ingest", kb.artifacts.ingest_async("a", "text", callback=asked))
    for table in ("webhook", "webhook_secret", "webhook_delivery", "task", "idempotency"):
        for (row,) in ask(server, f"SELECT t::text FROM {table} t"):
            for text in (secret, given):
                assert text[6:] not in row
                assert text.encode().hex() not in row
    assert secret not in server.log
    assert given not in server.log


def test_a_rotated_secret_signs_for_a_day_beside_the_new_one(
    server: Server, kb: Knowledge, receiver: Receiver
) -> None:
    webhook = made(kb, receiver.url("/rotated"))
    rotated = kb.call("POST", f"/webhooks/{webhook['id']}/rotate").json()
    assert rotated["signatures"] == 2
    old, new = webhook["secret"], rotated["secret"]

    def pinged(times: int) -> None:
        kb.call("POST", f"/webhooks/{webhook['id']}/test")
        until(lambda: len(receiver.at("/rotated")) == times)

    pinged(1)
    (ping,) = receiver.at("/rotated")
    assert ping.verified(new) == ping.verified(old)
    assert ping.body["type"] == "ping"
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 40).verify(ping.raw, ping.headers)
    ((left,),) = ask(
        server, "SELECT expires_at - now() FROM webhook_secret WHERE webhook_id = %s AND expires_at IS NOT NULL",
        webhook["id"],
    )  # fmt: skip
    assert 23.9 < left.total_seconds() / 3600 <= 24
    ask(server, "UPDATE webhook_secret SET expires_at = now() WHERE webhook_id = %s AND expires_at IS NOT NULL",
        webhook["id"])  # fmt: skip
    pinged(2)
    last = receiver.at("/rotated")[-1]
    assert last.verified(new)
    assert " " not in last.headers["webhook-signature"]


def test_a_secret_that_cannot_be_read_any_more_keeps_no_other_from_signing(
    server: Server, kb: Knowledge, receiver: Receiver
) -> None:
    webhook = made(kb, receiver.url("/lost"))

    def rotated() -> dict[str, Any]:
        found: dict[str, Any] = kb.call("POST", f"/webhooks/{webhook['id']}/rotate").json()
        return found

    def lose(which: str) -> None:
        ask(
            server,
            f"UPDATE webhook_secret SET sealed = '\\x00' WHERE webhook_id = %s AND expires_at {which}",
            webhook["id"],
        )

    second = rotated()
    lose("IS NOT NULL")
    kb.call("POST", f"/webhooks/{webhook['id']}/test")
    until(lambda: len(receiver.at("/lost")) == 1)
    assert receiver.at("/lost")[0].verified(second["secret"])
    lose("IS NULL")
    third = rotated()
    assert third["signatures"] == 1
    kb.call("POST", f"/webhooks/{webhook['id']}/test")
    until(lambda: len(receiver.at("/lost")) == 2)
    assert receiver.at("/lost")[1].verified(third["secret"])
