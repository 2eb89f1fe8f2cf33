"""GET /nodes/{id}/original: the file of a document, byte for byte, until it is deleted."""

import httpx

from lethe.domain.limits import MIB
from tests.http.knowledge.knowledge import NOWHERE, Knowledge
from tests.server import Server
from tests.unit.parsers import samples

PDF = samples.pdf()


def upload(kb: Knowledge, data: bytes, name: str) -> str:
    """The id of a document made from a file."""
    answer = kb.call("POST", "/knowledge/documents/upload", files={"file": (name, data)})
    assert answer.status_code == 201, answer.text
    kb.indexed(answer.json()["id"])
    return str(answer.json()["id"])


def original(kb: Knowledge, id: str, **headers: str) -> httpx.Response:
    """The answer to a download."""
    return kb.call("GET", f"/knowledge/nodes/{id}/original", headers=headers)


def test_the_original_is_what_was_sent_to_be_saved_and_not_shown(kb: Knowledge) -> None:
    answer = original(kb, upload(kb, PDF, "Póliza «2026».pdf"))
    assert (answer.status_code, answer.content) == (200, PDF)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Length"] == str(len(PDF))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["Cache-Control"] == "no-store"
    disposition = answer.headers["Content-Disposition"]
    assert disposition == (
        "attachment; filename=\"P_liza _2026_.pdf\"; filename*=UTF-8''P%C3%B3liza%20%C2%AB2026%C2%BB.pdf"
    )


def test_a_name_gets_the_extension_that_it_lacks_and_loses_what_is_unsafe(kb: Knowledge) -> None:
    kb.artifacts.ingest('../a"b\\c', "text", collection="c")
    node = kb.tree()[0]["children"][0]["id"]
    disposition = original(kb, node).headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="_a_b_c.')
    assert disposition.count('"') == 2


def test_a_document_made_from_markdown_gives_the_markdown_at_once_and_later(
    kb: Knowledge, server: Server
) -> None:
    text = "# Título\n\nEl pan de centeno.\n"
    with server.worker_standing_still():
        id = kb.document("Pan", markdown=text)
        early = original(kb, id)
    kb.indexed(id)
    late = original(kb, id)
    for answer in (early, late):
        assert (answer.status_code, answer.text) == (200, text)
        assert answer.headers["Content-Type"].startswith("text/markdown")
        assert 'filename="Pan.md"' in answer.headers["Content-Disposition"]


def test_a_range_and_a_known_tag_save_bytes(kb: Knowledge) -> None:
    id = upload(kb, PDF, "a.pdf")
    tag, size = original(kb, id).headers["ETag"], len(PDF)
    for asked, (first, after) in {
        "bytes=0-9": (0, 10),
        "bytes=10-": (10, size),
        "bytes=-7": (size - 7, size),
        f"bytes=5-{size * 2}": (5, size),
    }.items():
        answer = original(kb, id, Range=asked, **{"If-Range": tag})
        assert (answer.status_code, answer.content) == (206, PDF[first:after])
        assert answer.headers["Content-Range"] == f"bytes {first}-{after - 1}/{size}"
    for odd in ("bytes=9-5", "bytes=0-1,3-4", "lines=1-2", "bytes=-"):
        assert original(kb, id, Range=odd).status_code == 200
    assert original(kb, id, Range="bytes=0-1", **{"If-Range": '"other"'}).status_code == 200
    for beyond in (f"bytes={size}-", "bytes=-0"):
        answer = original(kb, id, Range=beyond)
        assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{size}")
        assert answer.json()["statusCode"] == 416
    answer = original(kb, id, **{"If-None-Match": f'"x", W/{tag}'})
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)


def test_what_is_no_document_or_deleted_or_of_another_company_has_no_original(
    kb: Knowledge, other: Knowledge
) -> None:
    id = upload(kb, PDF, "a.pdf")
    for caller, node in ((kb, NOWHERE), (kb, "x"), (kb, kb.folder("F")), (other, id)):
        answer = original(caller, node)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    tag = original(kb, id).headers["ETag"]
    kb.delete(id)
    assert original(kb, id).status_code == original(kb, id, **{"If-None-Match": tag}).status_code == 404
    kb.restore(id)
    assert original(kb, id).content == PDF
    kb.delete(id)
    assert kb.call("DELETE", f"/knowledge/trash/{id}").status_code in (200, 204)
    assert original(kb, id).status_code == 404


def test_new_content_has_another_original(kb: Knowledge) -> None:
    id = upload(kb, PDF, "a.pdf")
    kb.call("PUT", f"/knowledge/documents/{id}", {"markdown": "new text"})
    kb.indexed(id)
    assert original(kb, id).text == "new text"


def test_the_original_needs_the_scope_to_read(server: Server) -> None:
    answer = server.client(scopes="knowledge:query").http.get(f"/v1/knowledge/nodes/{NOWHERE}/original")
    assert (answer.status_code, answer.json()["code"]) == (403, "INSUFFICIENT_SCOPE")


def test_a_download_under_way_ends_though_its_document_is_erased(kb: Knowledge) -> None:
    data = b"<p>A word.</p><!--" + b"x" * 24 * MIB + b"-->"  # more than waits on the way
    id = upload(kb, data, "long.html")
    with kb.artifacts.http.stream("GET", f"/v1/knowledge/nodes/{id}/original") as answer:
        pieces = answer.iter_bytes()
        begun = next(pieces)
        kb.delete(id)
        assert kb.call("DELETE", f"/knowledge/trash/{id}").status_code in (200, 204)
        assert original(kb, id).status_code == 404
        assert begun + b"".join(pieces) == data
