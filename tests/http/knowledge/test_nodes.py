"""GET and PATCH /nodes, PUT /documents, uploads."""

import hashlib
from pathlib import Path

import pytest

from tests.client import long_text
from tests.http.knowledge.knowledge import NOWHERE, Knowledge

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_a_node_tells_what_is_in_it(kb: Knowledge) -> None:
    folder = kb.folder("F")
    document = kb.document("D", kb.folder("G", folder), "# Hello\n\nworld\n")
    kb.indexed(document)
    assert kb.node(folder)["counts"] == {"folders": 1, "documents": 1}
    assert kb.node(folder)["last_ingestion"] is None
    found = kb.node(document)
    assert found["counts"] == {"characters": 15, "chunks": 1, "bytes": 15}
    assert found["file_type"] == "md"
    assert found["hash"] == hashlib.sha256(b"# Hello\n\nworld\n").hexdigest()
    assert found["last_ingestion"]["status"] == "success"
    assert "markdown" not in found
    assert kb.text(document) == "# Hello\n\nworld\n"


def test_a_renamed_document_keeps_its_title_through_later_ingestions(kb: Knowledge) -> None:
    document = kb.document("Old", kb.folder("c"), long_text(200))
    assert kb.change(document, title="New").json()["path_cache"] == "/c/New"
    kb.indexed(document)
    assert kb.node(document)["title"] == "New"
    assert kb.call("PUT", f"/knowledge/documents/{document}", {"markdown": "again"}).status_code == 200
    kb.indexed(document)
    assert kb.node(document)["title"] == "New"
    assert kb.artifacts.get("/list", collection="c").json()["data"][0]["doc_metadata"]["title"] == "New"


def test_a_renamed_collection_has_its_new_name_for_the_other_door(kb: Knowledge) -> None:
    kb.artifacts.ingest("a", "text", collection="one")
    kb.artifacts.ingest("a", "text", collection="two")
    one = kb.tree()[0]["id"]
    assert kb.change(one, title="two").status_code == 409
    assert kb.change(one, title="three").status_code == 200
    assert (kb.artifacts.listed("one"), kb.artifacts.listed("three")) == ([], ["a"])


def test_a_moved_folder_takes_along_all_below_it(kb: Knowledge) -> None:
    a, b = kb.folder("A"), kb.folder("B")
    c = kb.folder("C", a)
    document = kb.document("D", c)
    kb.indexed(document)
    assert kb.artifacts.listed("A") == [document]
    assert kb.change(c, parent_id=b).json()["path_cache"] == "/B/C"
    assert kb.shape() == {"A": {}, "B": {"C": {"D": {}}}}
    assert kb.node(document)["path_cache"] == "/B/C/D"
    assert (kb.artifacts.listed("A"), kb.artifacts.listed("B")) == ([], [document])
    assert kb.change(c, parent_id=None, title="E").status_code == 200
    assert kb.shape() == {"A": {}, "B": {}, "E": {"D": {}}}
    assert kb.artifacts.listed("E") == [document]
    assert kb.change(a, parent_id=c).status_code == 200
    assert kb.shape() == {"B": {}, "E": {"D": {}, "A": {}}}
    kb.folder("A")


def test_a_move_below_itself_or_onto_a_taken_name_is_a_409_and_changes_nothing(kb: Knowledge) -> None:
    a = kb.folder("A")
    b = kb.folder("B", a)
    other = kb.folder("A", b)
    assert kb.change(a, parent_id=b).status_code == 409
    assert kb.change(a, parent_id=a).status_code == 409
    assert kb.change(other, parent_id=None).status_code == 409
    assert kb.change(a, title="new", parent_id=b).status_code == 409
    assert kb.shape() == {"A": {"B": {"A": {}}}}


def test_a_move_to_what_is_no_folder_of_ours_is_refused(kb: Knowledge, other: Knowledge) -> None:
    a, document = kb.folder("A"), kb.document("D")
    assert kb.change(a, parent_id=document).status_code == 400
    for nowhere in (NOWHERE, other.folder("theirs")):
        assert kb.change(a, parent_id=nowhere).status_code == 404


@pytest.mark.parametrize(
    ("start", "position", "expected"),
    [(0, 2, "BCAD"), (3, 0, "DABC"), (1, 1, "ABCD"), (0, 99, "BCDA"), (2, 1, "ACBD")],
)
def test_a_position_is_the_place_among_the_siblings(
    kb: Knowledge, start: int, position: int, expected: str
) -> None:
    folder = kb.folder("F")
    ids = [kb.folder(title, folder) for title in "ABCD"]
    answer = kb.change(ids[start], position=position).json()
    assert answer["position"] == min(position, 3)
    assert [(i["title"], i["position"]) for i in kb.tree(parent_id=folder)] == [
        (title, n) for n, title in enumerate(expected)
    ]


def test_new_content_replaces_the_old(kb: Knowledge) -> None:
    document = kb.document("D", None, "old")
    kb.indexed(document)
    answer = kb.call("PUT", f"/knowledge/documents/{document}", {"markdown": "new"})
    assert answer.status_code == 200
    kb.indexed(document)
    assert kb.text(document) == "new"
    assert kb.call("PUT", f"/knowledge/documents/{NOWHERE}", {"markdown": "x"}).status_code == 404
    folder = kb.call("PUT", f"/knowledge/documents/{kb.folder('F')}", {"markdown": "x"})
    assert (folder.status_code, folder.json()["message"]) == (404, "There is no document with this id.")


def test_a_pdf_can_be_uploaded(kb: Knowledge) -> None:
    folder = kb.folder("F")
    pdf = (EXAMPLES / "rental-policy.pdf").read_bytes()
    answer = kb.call(
        "POST", "/knowledge/documents/upload", data={"parent_id": folder}, files={"file": ("r.pdf", pdf)}
    )
    assert answer.status_code == 201
    assert answer.json()["path_cache"] == "/F/r.pdf"
    kb.indexed(answer.json()["id"])
    assert kb.node(answer.json()["id"])["file_type"] == "pdf"
    named = kb.call(
        "POST", "/knowledge/documents/upload", data={"title": "Rental"}, files={"file": ("r.pdf", pdf)}
    )
    assert named.json()["title"] == "Rental"


def test_an_upload_that_makes_no_sense_is_a_400(kb: Knowledge) -> None:
    upload = "/knowledge/documents/upload"
    assert kb.call("POST", upload, {"file": "x"}).status_code == 400
    assert kb.call("POST", upload, files={"other": ("x.md", b"x")}).status_code == 400
    assert kb.call("POST", upload, data={"title": "x"}, files={}).status_code == 400
    assert kb.call("POST", upload, data={"parent_id": "x"}, files={"file": ("x.md", b"x")}).status_code == 400
    assert kb.call("POST", upload, files={"file": ("x.md", b"")}).status_code == 400
    unknown = kb.call("POST", upload, files={"file": ("x.exe", b"MZ")})
    assert (unknown.status_code, unknown.json()["message"].partition(";")[0]) == (
        400,
        "'x.exe' has the unsupported type 'exe'",
    )
    assert kb.shape() == {}


def test_what_cannot_be_an_id_is_not_there(kb: Knowledge) -> None:
    for odd in ("x", "%00", "0" * 25, "'"):
        assert kb.call("GET", f"/knowledge/nodes/{odd}").status_code == 404
        assert kb.delete(odd).status_code == 404
    assert kb.call("GET", "/knowledge/nodes/a/b").status_code == 404
