"""The ways in which a document is made and deleted, as a caller would."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.client import body
from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.receiver import Receiver
from tests.lifecycle.stored import ask
from tests.lifecycle.told import Told
from tests.waiting import until

NOBODY = "http://127.0.0.1:1/"
"""A webhook that nobody listens at: what it is to be told of waits."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way of deleting: how the document is made, and how it is deleted."""

    make: Callable[[Told, Receiver], None]
    delete: Callable[[Told, Receiver], None]
    trash: bool = False
    """It can be restored, so the trash shows it and its rows and its file are kept."""


def by_artifacts(told: Told, receiver: Receiver) -> None:
    """Through the Artifacts API: stored, stored again by a task that tells of it, and read under keys."""
    told.keep("POST", "/artifacts/ingest", json=_body(told))
    ask_again = {"ingest_body": _body(told, extra=" and more"), "callback": _callback(told, receiver)}
    _ingested(told, told.keep("POST", "/artifacts/ingest/async", json=ask_again).json()["task_id"], receiver)
    ((told.node,),) = ask(told.server, "SELECT id FROM node WHERE artifact = %s", told.word("its name"))
    told.keep("POST", "/knowledge/deletions", json={**filtered(told), "mode": "erase", "dry_run": True})


def by_upload(told: Told, receiver: Receiver) -> None:
    """Through the Knowledge API, as a file in a folder; renamed once, its content replaced once."""
    kb = Knowledge(told.client)
    folder = told.keep("POST", "/knowledge/folders", json={"title": told.word("its folder")}).json()["id"]
    text = f"# {told.word('its words')}\n\nthe first text of {told.word('its words')}\n"
    told.node = told.keep(
        "POST",
        "/knowledge/documents/upload",
        data={"parent_id": folder, "title": told.word("its name")},
        files={"file": (f"{told.word('its file')}.md", text.encode())},
    ).json()["id"]
    kb.indexed(told.node)
    assert kb.change(told.node, title=f"{told.word('its name')} once more").status_code == 200
    kb.call("PUT", f"/knowledge/documents/{told.node}", {"markdown": text + told.word("its words")})
    kb.indexed(told.node)
    told.tasks += [
        ("ingest", str(id)) for (id,) in ask(told.server, "SELECT id FROM task WHERE node_id = %s", told.node)
    ]


def damaged(told: Told, receiver: Receiver) -> None:
    """A first ingestion that failed, by a request and by a task: there never was a document."""
    bad = {**_body(told), "input": {"type": "file", "value": "AAAA"}}
    assert told.word("its file") in told.keep("POST", "/artifacts/ingest", json=bad).text
    asked = {"ingest_body": bad, "callback": _callback(told, receiver)}
    _ingested(told, told.client.post("/ingest/async", asked).json()["task_id"], receiver)


def under_way(told: Told, receiver: Receiver) -> None:
    """An ingestion that nobody has taken up yet, and its deletion at once."""
    with told.server.worker_standing_still():
        task = told.keep("POST", "/artifacts/ingest/async", json={"ingest_body": _body(told)}).json()[
            "task_id"
        ]
        told.tasks.append(("ingest", task))
        assert told.in_rows(), "the search itself finds nothing"
        told.keep("POST", "/artifacts/delete", json=_named(told))


def in_a_batch(told: Told, receiver: Receiver) -> None:
    """In a batch with another one; the next batch has it again, and the last one damaged."""
    bad = {**_body(told), "input": {"type": "file", "value": "AAAA"}}
    for asked in (_body(told), _body(told, extra=" and more"), bad):
        documents = [asked, body("beside", "the text of another one")]
        sent = told.keep("POST", "/artifacts/ingest/batch", json={"documents": documents})
        batch = sent.json()["task_id"]
        until(partial(_has_ended, told, batch))
        members = _batch(told, batch)["task_result"]["data"]
        assert [one["artifact"] for one in members] == [told.word("its name"), "beside"]
        told.tasks += [("batch", batch), *(("ingest", one["task_id"]) for one in members)]
    ((told.node,),) = ask(told.server, "SELECT id FROM node WHERE artifact = %s", told.word("its name"))


def _batch(told: Told, id: str) -> Any:
    return told.client.get(f"/ingest/batch/{id}").json()


def _has_ended(told: Told, batch: str) -> bool:
    return _batch(told, batch)["task_status"] not in ("PENDING", "STARTED")


def erase_with_others(told: Told, receiver: Receiver) -> None:
    names = {"collection": "c", "artifacts": ["beside", told.word("its name"), "nothing"]}
    assert told.keep("POST", "/artifacts/delete/batch", json=names).json()["erased"] == 2


def erase(told: Told, receiver: Receiver) -> None:
    assert told.keep("POST", "/artifacts/delete", json=_named(told)).status_code == 200


def erase_by_task(told: Told, receiver: Receiver) -> None:
    asked = {"delete_body": _named(told), "callback": receiver.callback()}
    task = told.keep("POST", "/artifacts/delete/async", json=asked).json()["task_id"]
    told.tasks.append(("delete", task))
    asyncio.run(receiver.read_to_end(task))
    assert told.client.ended("delete", task)["task_status"] == "SUCCESS"


def by_filter(mode: str) -> Callable[[Told, Receiver], None]:
    def delete(told: Told, receiver: Receiver) -> None:
        begun = told.keep("POST", "/knowledge/deletions", json={**filtered(told), "mode": mode}).json()
        assert begun["documents"] == 1
        told.tasks.append(("filter", begun["task_id"]))
        status = f"/v1/knowledge/deletions/{begun['task_id']}"
        until(lambda: told.client.http.get(status).json()["status"] == "success")

    return delete


def its_collection(told: Told, receiver: Receiver) -> None:
    """By a filter that names the collection alone: what was never stored there is forgotten too."""
    asked = {"filter": {"collection": "c"}, "mode": "erase"}
    assert told.keep("POST", "/knowledge/deletions", json=asked).json()["documents"] == 1  # the other one


def to_trash(told: Told, receiver: Receiver) -> None:
    assert told.keep("DELETE", f"/knowledge/nodes/{told.node}").status_code == 204
    until(
        lambda: (
            ask(told.server, "SELECT FROM chunk_lex WHERE node_id = %s", told.node) == []
            and ask(told.server, "SELECT FROM task WHERE kind = 'trash' AND finished_at IS NULL") == []
        )
    )


def folder_to_trash(told: Told, receiver: Receiver) -> None:
    ((folder,),) = ask(told.server, "SELECT parent_id FROM node WHERE id = %s", told.node)
    assert told.keep("DELETE", f"/knowledge/nodes/{folder}").status_code == 204
    until(lambda: ask(told.server, "SELECT FROM chunk_lex WHERE node_id = %s", told.node) == [])


def out_of_trash(told: Told, receiver: Receiver) -> None:
    (top,) = [item["id"] for item in told.client.http.get("/v1/knowledge/trash").json()["items"]]
    assert told.keep("DELETE", f"/knowledge/trash/{top}").status_code in (200, 204)


def nothing(told: Told, receiver: Receiver) -> None:
    pass


def both(
    first: Callable[[Told, Receiver], None], second: Callable[[Told, Receiver], None]
) -> Callable[[Told, Receiver], None]:
    def delete(told: Told, receiver: Receiver) -> None:
        first(told, receiver)
        second(told, receiver)

    return delete


WAYS = {
    "trash": Way(by_artifacts, to_trash, trash=True),
    "trash, its folder": Way(by_upload, folder_to_trash, trash=True),
    "trash by filter": Way(by_artifacts, by_filter("trash"), trash=True),
    "erasure": Way(by_artifacts, erase),
    "trash, out of a batch": Way(in_a_batch, to_trash, trash=True),
    "erasure of many names": Way(in_a_batch, erase_with_others),
    "erasure by a task": Way(by_artifacts, erase_by_task),
    "erasure by filter": Way(by_artifacts, by_filter("erase")),
    "erasure of a failed ingestion": Way(damaged, erase),
    "erasure of a failed ingestion by a task": Way(damaged, erase_by_task),
    "erasure of a failed ingestion with its collection": Way(damaged, its_collection),
    "erasure during its ingestion": Way(under_way, nothing),
    "erasure out of the trash": Way(by_artifacts, both(to_trash, out_of_trash)),
    "erasure out of the trash, its folder": Way(by_upload, both(folder_to_trash, out_of_trash)),
    "erasure out of the trash, by filter": Way(by_artifacts, both(by_filter("trash"), out_of_trash)),
}


def _body(told: Told, extra: str = "") -> dict[str, Any]:
    return {
        "artifact": told.word("its name"),
        "collection": "c",
        "metadata": {"diagnosis": told.word("its metadata"), "file_name": f"{told.word('its file')}.md"},
        "input": {
            "type": "text",
            "value": f"# {told.word('its words')}\n\nthe text of {told.word('its words')}{extra}",
        },
    }


def _named(told: Told) -> dict[str, Any]:
    return {"collection": "c", "artifact": told.word("its name")}


def filtered(told: Told) -> dict[str, Any]:
    named = {"key": "diagnosis", "operator": "==", "value": told.word("its metadata")}
    return {"filter": {"metadata": [named]}}


def _callback(told: Told, receiver: Receiver) -> dict[str, Any]:
    amqp = receiver.callback(properties={"for": told.word("its callback")})
    return {**amqp, "webhook": {"url": NOBODY}}


def _ingested(told: Told, task: str, receiver: Receiver) -> None:
    """The ingestion has ended, and its last event has come."""
    told.tasks.append(("ingest", task))
    asyncio.run(receiver.read_to_end(task))
    told.client.ended("ingest", task)
