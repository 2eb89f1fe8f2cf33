"""What could not be read of a file is told in every answer about its document, and goes with it."""

import base64
import io
import json
from functools import cache
from typing import Any

import fpdf
import httpx
import pytest
from PIL import Image

from tests.client import Client
from tests.http.idempotency import rows
from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.receiver import Receiver
from tests.lifecycle.stored import ask
from tests.server import Server
from tests.services import RabbitMQ


@cache
def half_scanned() -> bytes:
    """A PDF whose second page is a picture."""
    made = fpdf.FPDF()
    made.add_page()
    made.set_font("helvetica", size=12)
    made.cell(0, 10, "The first page is text.")
    made.add_page()
    picture = io.BytesIO()
    Image.effect_noise((300, 300), 90).save(picture, "png")
    made.image(picture, 0, 0, 200, 280)
    return bytes(made.output())


def upload(client: Client, **more: Any) -> httpx.Response:
    """Ingest it as artifact `a`."""
    files = {"file": ("a.pdf", half_scanned(), "application/pdf")}
    return client.http.post(
        "/v1/artifacts/ingest", files=files, data={"artifact": "a", "collection": "c"}, **more
    )


def in_background(client: Client, **more: Any) -> str:
    """Ingest it by a task, whose id is returned."""
    value = {"type": "file", "value": base64.b64encode(half_scanned()).decode()}
    body = {"artifact": "a", "collection": "c", "metadata": {"file_name": "a.pdf"}, "input": value}
    return str(client.post("/ingest/async", {"ingest_body": body, **more}).json()["task_id"])


def warnings(answer: Any) -> list[str]:
    """The warnings of an answer, which has some or no such field."""
    told: list[str] = answer.get("warnings", [])
    assert told or "warnings" not in answer
    assert all(sentence.endswith(".") for sentence in told)
    return told


def in_tree(client: Client) -> str:
    """The id of the only document."""
    ((folder),) = Knowledge(client).tree()
    return str(folder["children"][0]["id"])


def test_an_ingestion_tells_what_it_left_out(client: Client) -> None:
    answer = upload(client).json()
    assert [entry["artifact"] for entry in answer["data"]] == ["a"]
    told = warnings(answer)
    assert told
    kb = Knowledge(client)
    node = in_tree(client)
    assert warnings(kb.node(node)) == told
    assert warnings(kb.change(node, title="Other").json()) == told
    assert not warnings(client.get("/list", collection="c").json())
    assert "warnings" not in json.dumps(kb.tree())
    assert not warnings(client.ingest("b", "whole").json())
    assert not warnings(kb.call("POST", "/knowledge/folders", {"title": "empty"}).json())


def test_new_content_comes_with_its_own_warnings(client: Client) -> None:
    upload(client)
    node = in_tree(client)
    assert not warnings(client.ingest("a", "whole").json())
    assert not warnings(Knowledge(client).node(node))


def test_the_same_content_again_is_not_told_again(client: Client) -> None:
    told = warnings(upload(client).json())
    assert upload(client).json() == {"object": "list", "model": "private-gpt", "data": []}
    assert warnings(Knowledge(client).node(in_tree(client))) == told


async def test_task_and_callback_tell_the_same(client: Client, rabbitmq: RabbitMQ) -> None:
    receiver = await Receiver.bound(rabbitmq.url)
    task_id = in_background(client, callback=receiver.callback())
    await receiver.read_to_end(task_id)
    result = client.task("ingest", task_id)["task_result"]
    assert warnings(result)
    assert receiver.events[-1].body["data"] == result
    told = [e.body["data"]["warnings"] for e in receiver.events[:-1]]
    assert warnings(result) in told


@pytest.mark.parametrize("key", [None, "k"])
def test_warnings_go_with_their_document(server: Server, client: Client, key: str | None) -> None:
    headers = {"Idempotency-Key": key} if key else {}
    told = warnings(upload(client, headers=headers).json())
    kb = Knowledge(client)
    node = in_tree(client)
    task_id = str(ask(server, "SELECT id FROM task WHERE node_id = %s AND kind = 'ingest'", node)[0][0])
    assert warnings(client.task("ingest", task_id)["task_result"]) == told

    assert kb.delete(node).status_code == 204
    hidden = client.task("ingest", task_id)
    assert hidden["task_status"] == "SUCCESS"
    assert hidden["task_result"] == {"object": "list", "model": "private-gpt", "data": []}
    if key:
        assert upload(client, headers=headers).status_code == 409

    assert warnings(kb.restore(node).json()) == told
    assert warnings(client.task("ingest", task_id)["task_result"]) == told

    assert client.delete("a").status_code == 200
    assert client.task("ingest", task_id) == hidden
    assert told[0] not in json.dumps(rows(server, client))
    for table in ("document", "task", "outbox"):
        held = ask(
            server,
            f"SELECT to_jsonb(t) FROM {table} t WHERE company_id = (SELECT id FROM company WHERE name = %s)",
            client.company,
        )
        assert told[0] not in json.dumps(held), table


def test_an_erasure_that_waits_for_its_worker_shows_no_warnings(client: Client) -> None:
    task_id = in_background(client)
    assert warnings(client.ended("ingest", task_id)["task_result"])
    client.delete_async("a")
    assert client.task("ingest", task_id)["task_result"]["data"] == []
    assert not warnings(client.task("ingest", task_id)["task_result"])
