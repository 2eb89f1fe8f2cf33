"""A file that cannot be removed holds up its own erasure's receipt, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.client import Client
from tests.lifecycle.stored import files
from tests.server import Server
from tests.waiting import until


@contextmanager
def unremovable(path: Path) -> Iterator[None]:
    """A directory with something in it stands in the file's place: that stops root as well."""
    kept = path.read_bytes()
    path.unlink()
    path.mkdir()
    (path / "in-the-way").touch()
    try:
        yield
    finally:
        (path / "in-the-way").unlink()
        path.rmdir()
        path.write_bytes(kept)


def original(server: Server, client: Client) -> Path:
    """The file of the company's only document."""
    (key,) = files(server, client.company)
    return server.directory / "blobs" / key


def erase_collection(client: Client, collection: str) -> dict[str, Any]:
    body = {"filter": {"collection": collection}, "mode": "erase"}
    found: dict[str, Any] = client.http.post("/v1/knowledge/deletions", json=body).json()
    return found


def end_of(client: Client, deletion: dict[str, Any]) -> dict[str, Any]:
    """The deletion once its task has ended."""
    path = f"/v1/knowledge/deletions/{deletion['task_id']}"
    until(lambda: client.http.get(path).json()["status"] not in ("pending", "started"))
    found: dict[str, Any] = client.http.get(path).json()
    return found


def has_receipt(client: Client, deletion: dict[str, Any]) -> bool:
    return client.http.get(f"/v1/receipts/{deletion['receipt_id']}").status_code == 200


def test_one_undeletable_file_holds_up_no_other_erasure(server: Server) -> None:
    mine, other = server.client(), server.client()
    mine.ingest("stuck", "words", collection="bad")
    bad = original(server, mine)
    for client in (mine, other):
        for n in range(3):
            client.ingest(f"m{n}", f"text {n}", collection="many")
    with unremovable(bad):
        answer = mine.delete("stuck", collection="bad")
        assert answer.status_code == 503
        assert bad.name not in answer.text
        assert bad.parent.name not in answer.text
        assert mine.listed("bad") == []
        for client in (mine, other):
            deletion = erase_collection(client, "many")
            assert end_of(client, deletion)["status"] == "success"
            assert has_receipt(client, deletion)
        assert bad.name in server.command("doctor", check=False).stdout
        assert len(mine.http.get("/v1/receipts").json()["items"]) == 1
    until(lambda: not files(server, mine.company))
    until(lambda: len(mine.http.get("/v1/receipts").json()["items"]) == 2)


def test_an_erasure_by_filter_that_leaves_a_file_does_not_say_success(server: Server) -> None:
    client = server.client()
    client.ingest("stuck", "words", collection="bad")
    with unremovable(original(server, client)):
        deletion = erase_collection(client, "bad")
        said = end_of(client, deletion)
        assert said["status"] == "failure"
        assert "receipt" in said["error"]
        assert not has_receipt(client, deletion)
    until(lambda: has_receipt(client, deletion))


def test_a_deletion_task_that_leaves_a_file_fails_with_the_reason(server: Server) -> None:
    client = server.client()
    client.ingest("stuck", "words")
    with unremovable(original(server, client)):
        task_id = client.delete_async("stuck")
        until(lambda: client.task("delete", task_id)["task_status"] == "FAILURE")
        assert "cannot be removed" in client.task("delete", task_id)["task_result"]
        assert client.listed() == []
    until(lambda: len(client.http.get("/v1/receipts").json()["items"]) == 1)
