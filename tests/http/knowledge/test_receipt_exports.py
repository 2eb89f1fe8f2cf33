"""Receipts outside of the server: exported, verified, and what they tell whoever has them alone."""

import hashlib
import hmac
import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.http.knowledge.knowledge import Knowledge
from tests.http.knowledge.receipts import HEADER, exported, keyed, receipt, receipts, salt, verified
from tests.server import LETHE, Server


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
