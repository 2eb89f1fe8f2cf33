"""Receipts: what an erasure leaves behind as its proof."""

import hashlib
import hmac
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.http.knowledge.knowledge import NOWHERE, Knowledge
from tests.lifecycle.stored import ask
from tests.server import LETHE, Server
from tests.waiting import until

HEADER = "lethe-receipt"


def receipt(kb: Knowledge, id: str) -> dict[str, Any]:
    answer = kb.call("GET", f"/receipts/{id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def receipts(kb: Knowledge, **params: Any) -> list[dict[str, Any]]:
    answer = kb.call("GET", "/receipts", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def salt(kb: Knowledge) -> str:
    answer = kb.call("GET", "/receipts/salt")
    assert answer.status_code == 200, answer.text
    shown: dict[str, str] = answer.json()
    assert shown["salt_id"] == hashlib.sha256(bytes.fromhex(shown["salt"])).hexdigest()[:16]
    return shown["salt"]


def keyed(kb: Knowledge, *parts: str) -> str:
    message = b"\0".join(part.encode() for part in parts)
    return hmac.new(bytes.fromhex(salt(kb)), message, hashlib.sha256).hexdigest()


def verified(server: Server, file: Path, *more: str) -> tuple[int, str]:
    done = server.command("receipts", "verify", str(file), *more, check=False)
    return done.returncode, done.stdout + done.stderr


def exported(server: Server, kb: Knowledge, folder: Path) -> Path:
    file = folder / "receipts.jsonl"
    file.write_text(server.command("receipts", "export", "--company", kb.company).stdout)
    return file


def test_what_is_logged_during_an_export_is_not_in_it(server: Server, kb: Knowledge, tmp_path: Path) -> None:
    kb.artifacts.ingest("a", "a text")
    kb.artifacts.delete("a")
    done = subprocess.run(
        [LETHE, "receipts", "export", "--company", kb.company],
        env=server.environment | {"LETHE_TEST_CHECKPOINTS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "LETHE_TEST_CHECKPOINTS" in done.stderr
    assert [json.loads(line)["seq"] for line in done.stdout.splitlines()] == [1, 2]


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
    assert found["requested_at"] == found["invisible_at"] < found["erased_at"]
    assert found["requested_by"] == kb.call("GET", "/me").json()["prefix"]
    assert "text" not in json.dumps(receipts(kb))


def test_who_has_the_receipts_alone_cannot_try_names(kb: Knowledge, server: Server, tmp_path: Path) -> None:
    kb.artifacts.ingest("a", "text")
    found = receipt(kb, kb.artifacts.delete("a").headers[HEADER])
    node, name = found["subject"]["id"], found["subject"]["name"]
    told = re.findall(r'"([^"]*)"', exported(server, kb, tmp_path).read_text() + json.dumps(found))
    message = f"{node}\0c\0a".encode()
    assert name == keyed(kb, node, "c", "a")
    for word in {b"", *(word.encode() for word in told)}:
        assert name not in (
            hashlib.sha256(message).hexdigest(),
            hashlib.sha256(word + b"\0" + message).hexdigest(),
            hashlib.sha256(word + b"\0c\0a").hexdigest(),
            hmac.new(word, message, hashlib.sha256).hexdigest(),
        )


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


def test_an_export_is_verified_without_the_server(kb: Knowledge, server: Server, tmp_path: Path) -> None:
    for artifact in ("a", "b"):
        kb.artifacts.ingest(artifact, "text")
        kb.artifacts.delete(artifact)
    file = exported(server, kb, tmp_path)
    key = kb.call("GET", "/receipts/key").json()
    assert salt(kb) not in file.read_text()
    code, said = verified(server, file, "--collection", "c", "--artifact", "b")
    assert (code, "2 receipts may name the document 'b'" in said) == (1, True), said
    secret = tmp_path / "salt"
    secret.write_text(server.command("receipts", "salt", "--company", kb.company).stdout)
    assert secret.read_text().strip() == salt(kb)
    code, said = verified(
        server,
        file,
        "--key",
        key["public_key"],
        "--salt",
        str(secret),
        "--collection",
        "c",
        "--artifact",
        "b",
    )
    assert code == 0
    assert "2 receipts of 2 documents are valid" in said
    assert receipts(kb)[0]["id"] in said
    assert receipts(kb)[1]["id"] not in said
    assert "0 of 2 erasures are gone from the disk" in said
    assert "Not covered: copies that callers took" in said
    secret.write_text(kb.call("GET", "/receipts/salt").text)
    code, said = verified(
        server, file, "--salt", str(secret), "--collection", "c", "--artifact", "never erased"
    )
    assert (code, "No receipt names the document 'never erased'" in said) == (3, True)
    assert verified(server, file)[0] == 0
    (tmp_path / "key.pem").write_text(key["pem"])
    assert verified(server, file, "--key", str(tmp_path / "key.pem"))[0] == 0
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b'"documents":1', b'"documents":2', 1))
    code, said = verified(server, file)
    assert code == 1
    assert "line 1" in said
    file.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    assert verified(server, file)[0] == 1
    file.write_bytes(whole[:-1])
    assert verified(server, file)[0] == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "it is empty"), (bytes(range(128, 256)), "it is not an export of receipts")],
)
def test_a_file_that_is_no_export_is_not_taken_for_a_changed_one(
    server: Server, tmp_path: Path, content: bytes, reason: str
) -> None:
    file = tmp_path / "receipts.jsonl"
    file.write_bytes(content)
    assert verified(server, file) == (1, f"lethe: {file} cannot be checked: {reason}.\n")


def test_a_key_that_is_neither_a_key_nor_a_file_is_told_as_such(server: Server, tmp_path: Path) -> None:
    missing = str(tmp_path / "nosuch.pem")
    code, said = verified(server, tmp_path / "r.jsonl", "--key", missing)
    assert (code, said.startswith(f"lethe: --key {missing}: neither a file nor")) == (1, True)


def test_the_stored_receipts_of_all_companies_are_verified_by_one_command(
    kb: Knowledge, server: Server
) -> None:
    kb.artifacts.ingest("a", "text")
    id = kb.artifacts.delete("a").headers[HEADER]
    done = server.command("receipts", "verify", "--all", "--collection", "c", "--artifact", "a")
    assert f"company {kb.company}\nreceipt {id}" in done.stdout


@pytest.mark.parametrize("name", ["collection", "artifact"])
def test_a_nul_in_a_name_that_is_looked_up_is_refused(kb: Knowledge, name: str) -> None:
    query = {"collection": "c", "artifact": "a", name: "\0"}
    answer = kb.artifacts.http.get("/v1/receipts", params=query)
    assert answer.status_code == 400
    assert answer.json()["message"] == f"{name}: must have no NUL characters"
