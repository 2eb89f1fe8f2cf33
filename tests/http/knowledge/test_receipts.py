"""Receipts: what an erasure leaves behind as its proof."""

import json
from typing import Any

import psycopg
import pytest

from tests.http.knowledge.knowledge import NOWHERE, Knowledge
from tests.http.knowledge.receipts import HEADER, keyed, receipt, receipts, salt
from tests.lifecycle.stored import ask
from tests.server import Server
from tests.waiting import until


def test_an_erased_document_has_a_receipt_of_what_is_gone(kb: Knowledge) -> None:
    ingested = kb.artifacts.ingest("a", "a text of 24 characters.").json()["data"][0]["doc_metadata"]
    answer = kb.artifacts.delete("a")
    assert (answer.status_code, answer.content) == (200, b"null")
    found = receipt(kb, answer.headers[HEADER])
    (document,) = found["documents"]
    node = document["id"]
    assert document == {
        "id": node,
        "name": keyed(kb, node, "c", "a"),
        "content": keyed(kb, node, ingested["hash"]),
    }
    assert found["subject"] == {"kind": "document", "id": node, "name": keyed(kb, node, "c", "a")}
    assert (found["version"], found["salt_id"]) == (2, kb.call("GET", "/receipts/salt").json()["salt_id"])
    assert found["erased"] == {"documents": 1, "chunks": 1, "vectors": 1, "blobs": 1, "bytes": 24}
    assert found["levels"] == ["logical"]
    assert found["requested_at"] == found["invisible_at"] <= found["erased_at"]
    assert found["requested_by"] == kb.call("GET", "/me").json()["prefix"]
    assert "text" not in json.dumps(receipts(kb))


def test_the_task_of_a_deletion_names_its_receipt(kb: Knowledge) -> None:
    kb.artifacts.ingest("a", "text")
    task = kb.artifacts.delete_async("a")
    kb.artifacts.ended("delete", task)
    answer = kb.artifacts.get(f"/delete/async/{task}")
    assert receipt(kb, answer.headers[HEADER])["erased"]["documents"] == 1


def test_a_deletion_of_nothing_has_no_receipt(kb: Knowledge) -> None:
    assert HEADER not in kb.artifacts.delete("nothing").headers
    task = kb.artifacts.delete_async("nothing")
    kb.artifacts.ended("delete", task)
    assert HEADER not in kb.artifacts.get(f"/delete/async/{task}").headers
    assert receipts(kb) == []


def test_a_folder_erased_from_the_trash_has_one_receipt_with_all_that_was_in_it(kb: Knowledge) -> None:
    folder = kb.folder("policies")
    documents = [kb.document(f"D{i}", kb.folder(f"F{i}", folder)) for i in range(3)]
    kb.indexed(*documents)
    kb.delete(documents[0])
    kb.delete(folder)
    assert receipts(kb) == []
    answer = kb.call("DELETE", f"/knowledge/trash/{folder}")
    assert answer.status_code == 204
    found = receipt(kb, answer.headers[HEADER])
    assert found["subject"] == {"kind": "folder", "id": folder, "name": keyed(kb, folder, "policies")}
    assert [d["id"] for d in found["documents"]] == sorted(documents)
    assert found["erased"] | {"bytes": 0} == {
        "documents": 3,
        "chunks": 3,
        "vectors": 3,
        "blobs": 3,
        "bytes": 0,
    }
    assert [r["id"] for r in receipts(kb)] == [found["id"]]
    for node in (folder, *documents):
        assert [r["id"] for r in receipts(kb, subject=node)] == [found["id"]]


def test_what_is_restored_has_no_receipt(kb: Knowledge, server: Server) -> None:
    document = kb.document("D")
    kb.indexed(document)
    kb.delete(document)
    assert kb.restore(document).status_code == 200
    assert receipts(kb) == []
    assert ask(server, "SELECT deleted_by, erasure_id FROM node WHERE id = %s", document) == [(None, None)]


def test_what_was_in_the_trash_for_its_time_gets_its_receipt_from_the_sweeper(
    kb: Knowledge, server: Server
) -> None:
    folder = kb.folder("policies")
    document = kb.document("D", folder)
    kb.indexed(document)
    kb.delete(folder)
    ask(
        server,
        "UPDATE node SET purge_at = now() - interval '2 minutes' WHERE path LIKE %s",
        f"{folder}/%",
    )
    until(lambda: len(receipts(kb)) == 1)
    (found,) = receipts(kb)
    assert found["subject"]["id"] == folder
    assert found["requested_by"] == kb.call("GET", "/me").json()["prefix"]
    assert found["requested_at"] == found["invisible_at"]
    assert ask(server, "SELECT FROM node WHERE path LIKE %s", f"{folder}/%") == []


def test_an_erasure_whose_server_was_killed_is_proved_by_the_sweeper(kb: Knowledge, server: Server) -> None:
    kb.artifacts.ingest("a", "text")
    with psycopg.connect(server.superuser()) as conn:  # what `hide` leaves, when nothing follows
        conn.execute(
            """
            WITH n AS (
                UPDATE node SET state = 'deleted', deleted_at = now(), purge_at = now() - interval '2 minutes',
                       erasure_id = gen_random_uuid(), deleted_by = 'me'
                WHERE company_id = (SELECT id FROM company WHERE name = %s) AND kind = 'document'
                RETURNING *
            )
            INSERT INTO erasure (company_id, id, subject_kind, subject_id, subject_name, requested_by)
            SELECT company_id, erasure_id, 'document', id, salted_hash(id, 'c', artifact), 'me' FROM n
            """,
            (kb.company,),
        )
    until(lambda: len(receipts(kb)) == 1)
    assert receipts(kb)[0]["erased"] | {"bytes": 0} == {
        "documents": 1, "chunks": 1, "vectors": 1, "blobs": 1, "bytes": 0,
    }  # fmt: skip
    (found,) = receipts(
        kb, collection="c", artifact="a"
    )  # asked for before there was a salt, and removed behind it
    assert (found["version"], found.get("salt_id")) == (1, None)


def test_receipts_are_found_by_names_and_times_and_in_pages(kb: Knowledge) -> None:
    ids = []
    for artifact in ("a", "b", "c"):
        kb.artifacts.ingest(artifact, "text", collection="k")
        ids.append(kb.artifacts.delete(artifact, collection="k").headers[HEADER])
    assert [r["id"] for r in receipts(kb, collection="k", artifact="b")] == [ids[1]]
    assert receipts(kb, collection="other", artifact="b") == []
    times = [receipt(kb, id)["erased_at"] for id in ids]
    assert [r["id"] for r in receipts(kb, since=times[1])] == [ids[2], ids[1]]
    assert [r["id"] for r in receipts(kb, until=times[1])] == [ids[0]]
    first = kb.call("GET", "/receipts", params={"limit": 2}).json()
    assert [r["id"] for r in first["items"]] == [ids[2], ids[1]]
    second = kb.call("GET", "/receipts", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [r["id"] for r in second["items"]] == [ids[0]]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "params",
    [
        {"subject": "x"},
        {"cursor": "x"},
        {"cursor": "0"},
        {"cursor": "9" * 30},
        {"since": "yesterday"},
        {"since": "2026-01-01T00:00:00"},
        {"artifact": "without its collection"},
        {"limit": 0},
    ],
)
def test_a_question_that_cannot_be_is_a_400(kb: Knowledge, params: dict[str, Any]) -> None:
    answer = kb.call("GET", "/receipts", params=params)
    assert (answer.status_code, answer.json()["error"]) == (400, "Bad Request")


def test_another_company_sees_no_receipt(kb: Knowledge, other: Knowledge) -> None:
    kb.artifacts.ingest("a", "text")
    id = kb.artifacts.delete("a").headers[HEADER]
    assert receipts(other) == receipts(other, collection="c", artifact="a") == []
    theirs, none = other.call("GET", f"/receipts/{id}"), other.call("GET", f"/receipts/{NOWHERE}")
    assert (theirs.status_code, theirs.json()) == (none.status_code, none.json())
    assert salt(other) != salt(kb)


def test_receipts_need_the_scope_to_delete(server: Server) -> None:
    reader = Knowledge(server.client(scopes="knowledge:read,knowledge:write"))
    for path in ("/receipts", "/receipts/key", "/receipts/salt", f"/receipts/{NOWHERE}"):
        assert reader.call("GET", path).status_code == 403


@pytest.mark.parametrize("name", ["collection", "artifact"])
def test_a_nul_in_a_name_that_is_looked_up_is_refused(kb: Knowledge, name: str) -> None:
    query = {"collection": "c", "artifact": "a", name: "\0"}
    answer = kb.artifacts.http.get("/v1/receipts", params=query)
    assert answer.status_code == 400
    assert answer.json()["message"] == f"{name}: must not contain NUL characters"
