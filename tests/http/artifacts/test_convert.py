"""GET /readers and POST /convert."""

import asyncio
import base64
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from lethe.core import conversion
from lethe.core.context import Context
from lethe.domain.errors import InputRejected
from tests.client import Client, long_text
from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.orphans import with_context
from tests.lifecycle.stored import files, scratch_files
from tests.processes import children
from tests.server import Server
from tests.waiting import until

PDF = Path(__file__).parents[3] / "examples" / "rental-policy.pdf"
TEXT = "# Returns\n\nWithin 30 days.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def file(data: bytes, name: str, **more: Any) -> dict[str, Any]:
    """The body of a file's conversion."""
    value = base64.b64encode(data).decode()
    return {"input": {"type": "file", "value": value}, "metadata": {"file_name": name}, **more}


def converted(client: Client, body: dict[str, Any]) -> dict[str, Any]:
    """The answer, which must be one of success."""
    answer = client.post("/convert", body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_file_comes_back_as_it_would_be_stored_and_nothing_is(server: Server, client: Client) -> None:
    found = converted(client, file(PDF.read_bytes(), "policy.pdf"))
    assert found["reader"] == "pdf"
    assert client.listed("pgpt_collection") == []
    assert Knowledge(client).tree() == []
    assert client.http.get("/v1/tasks").json()["items"] == []
    assert files(server, client.company) == set()
    until(lambda: scratch_files(server) == [])  # others may be at work
    stored = {**file(PDF.read_bytes(), "policy.pdf"), "artifact": "p", "collection": "c"}
    assert client.post("/ingest", stored).status_code == 200
    assert client.text("p") == found["content"]


def test_a_tree_has_the_nodes_of_the_content_call_and_says_where_they_are(client: Client) -> None:
    def shape(node: dict[str, Any]) -> Any:
        place = {key: node[key] for key in ("page", "slide", "sheet", "part") if key in node}
        return node["type"], node["content"], place, [shape(child) for child in node["children"]]

    body = file(PDF.read_bytes(), "policy.pdf")
    tree = converted(client, {**body, "format": "object"})["content"]
    client.post("/ingest", {**body, "artifact": "p", "collection": "c"})
    stored = client.content("p", format="object").json()["data"][0]["content"]
    assert shape(tree) == shape(stored)
    assert tree == converted(client, {**body, "format": "object"})["content"]  # ids too


def test_text_and_addresses_are_converted_too(client: Client) -> None:
    found = converted(client, {"input": {"type": "text", "value": TEXT}})
    assert found == {"content": TEXT, "reader": "text"}
    found = converted(client, {"input": {"type": "uri", "value": "data:text/csv,a%2Cb%0A1%2C2"}})
    assert (found["reader"], "| 1 | 2 |" in found["content"]) == ("data", True)


def test_what_is_left_out_is_told(client: Client) -> None:
    page = b"<html><body><p>Words.</p><script>x</script><video src=v.mp4></video></body></html>"
    found = converted(client, file(page, "page.html"))
    assert "Words." in found["content"]
    stored = client.post("/ingest", {**file(page, "page.html"), "artifact": "p", "collection": "c"}).json()
    assert found.get("warnings") == stored.get("warnings")


def test_the_readers_tell_what_they_read_and_an_unfit_one_is_a_422(client: Client) -> None:
    readers = client.get("/readers").json()["data"]
    assert ".docx" in readers["word"]["extensions"]
    assert ".htm" in readers["web"]["extensions"]
    extensions = [e for reader in readers.values() for e in reader["extensions"]]
    assert len(extensions) == len(set(extensions)) > 100
    assert all(e.startswith(".") for e in extensions)
    assert converted(client, file(PDF.read_bytes(), "p.pdf", reader="pdf"))["reader"] == "pdf"
    for body, says in (
        (file(PDF.read_bytes(), "p.pdf", reader="word"), "does not read '.pdf'"),
        ({"input": {"type": "text", "value": TEXT}, "reader": "pdf"}, "use 'text'"),
        ({"input": {"type": "text", "value": TEXT}, "reader": "docling"}, "There is no such reader"),
    ):
        answer = client.post("/convert", body)
        assert answer.status_code == 422
        (fault,) = answer.json()["detail"]
        assert fault["loc"] == ["body", "reader"]
        assert says in fault["msg"]


def test_a_file_that_cannot_be_read_is_a_400_that_names_it(client: Client) -> None:
    for body, says in (
        (file(b"no word file", "a.docx"), "'a.docx'"),
        (file(b"\x89PNG\r\n\x1a\n" + b"0" * 50, "a.png"), "OCR"),
        (file(b" \n", "a.md"), "is empty"),
    ):
        answer = client.post("/convert", body)
        assert answer.status_code == 400
        assert says in answer.json()["detail"]


@pytest.mark.parametrize("scopes", ["knowledge:read,knowledge:query", "knowledge:write"])
def test_reading_the_readers_and_converting_have_scopes_of_their_own(server: Server, scopes: str) -> None:
    client = server.client(scopes=scopes)
    statuses = client.get("/readers").status_code, client.post("/convert", {"input": {}}).status_code
    assert statuses == ((403, 422) if scopes == "knowledge:write" else (200, 403))


def test_a_conversion_has_the_limits_of_an_ingestion_and_ends_with_its_client(server: Server) -> None:
    text = long_text(30_000).encode()

    async def convert(ctx: Context) -> None:
        await conversion.convert(
            ctx, company_id="0" * 24, content=text, file_name="long.md", reader=None, as_tree=True,
            encode=lambda found: found.content,
        )  # fmt: skip

    def children_of_the_forker() -> list[psutil.Process]:
        found = []
        for process in children(psutil.Process()):
            with suppress(psutil.Error):  # it has ended
                if "lethe.core.ingestion.prepare" in process.cmdline():
                    found += children(process)
        return found

    def is_seen(converting: asyncio.Task[None]) -> bool:
        return converting.done() or bool(children_of_the_forker())

    async def under_way(ctx: Context) -> asyncio.Task[None]:
        """A conversion whose child has been seen; one that ends before is begun again."""
        while True:
            converting = asyncio.create_task(convert(ctx))
            await asyncio.to_thread(until, partial(is_seen, converting))
            if not converting.done():
                return converting

    async def both(ctx: Context) -> None:
        with pytest.raises(InputRejected, match=r"'long.md' .* (more CPU time|too long)"):
            await convert(replace(ctx, limits=replace(ctx.limits, parse_cpu_seconds=1)))
        left = await under_way(ctx)
        left.cancel()
        await asyncio.wait({left})
        assert left.cancelled()
        await asyncio.to_thread(until, lambda: children_of_the_forker() == [])

    with_context(server, both)
    until(lambda: scratch_files(server) == [])  # others may be at work
