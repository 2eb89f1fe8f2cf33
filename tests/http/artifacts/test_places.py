"""Each node and each piece of a document tells the page, slide, sheet or part that it begins in."""

import base64
import itertools
import json
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.client import Client
from tests.lifecycle.stored import ask
from tests.server import Server
from tests.unit.parsers import samples

TEXT = "# One\n\nfirst page\n\n- item\n\nsecond page\n\n# Two\n\nlast page\n"


def nodes(tree: dict[str, Any]) -> list[dict[str, Any]]:
    """All nodes below the root."""
    return list(itertools.chain.from_iterable([child, *nodes(child)] for child in tree["children"]))


def tree_of(client: Client, artifact: str = "a", **more: Any) -> list[dict[str, Any]]:
    """The nodes of a document."""
    tree = client.content(artifact, format="object", **more).json()["data"][0]["content"]
    assert set(tree) == {"id", "type", "content", "children"}
    return nodes(tree)


def pieces(client: Client, artifact: str = "a", **more: Any) -> list[tuple[str, dict[str, Any]]]:
    """The texts of a document's pieces with their metadata."""
    context = {"collection": "c", "artifacts": [artifact]}
    answer = client.post("/chunked-content", {"context_filter": context, **more})
    sources = [entry["content"][0]["sources"][0] for entry in answer.json()["data"]]
    return [(source["text"].strip(), source["metadata"]) for source in sources]


def place(server: Server, client: Client, places: list[int], file_type: str, names: dict[str, str]) -> None:
    """Let the blocks of document `a` be on these places of a file of a type."""
    of = "company_id = (SELECT id FROM company WHERE name = %s)"
    ((stored,),) = ask(server, f"SELECT blocks FROM document_part WHERE {of}", client.company)
    blocks = [[*block[:6], place] for block, place in zip(json.loads(stored), places, strict=True)]
    ask(server, f"UPDATE document_part SET blocks = %s WHERE {of}", json.dumps(blocks), client.company)
    ask(
        server,
        f"UPDATE document SET file_type = %s, places = %s WHERE {of}",
        file_type,
        Jsonb(names),
        client.company,
    )


@pytest.mark.parametrize(
    ("file_type", "names", "field", "values"),
    [
        ("pdf", {}, "page", [1, 2, 3]),
        ("pptx", {}, "slide", [1, 2, 3]),
        ("xlsx", {"1": "Sales", "3": "Costs"}, "sheet", ["Sales", 2, "Costs"]),
        ("epub", {"1": "Cover"}, "part", ["Cover", 2, 3]),
    ],
)
def test_nodes_and_pieces_tell_where_they_begin(
    server: Server, client: Client, file_type: str, names: dict[str, str], field: str, values: list[Any]
) -> None:
    client.ingest("a", TEXT, metadata={field: "of the caller"})
    place(server, client, [1, 1, 2, 2, 2, 3, 3], file_type, names)
    one, two, three = values
    found = tree_of(client)
    assert [node[field] for node in found] == [one, one, two, two, two, three, three]
    assert all(set(node) - {"headings"} == {"id", "type", "content", "children", field} for node in found)
    chosen = tree_of(client, filter={"include": ["ListNode"]})
    assert [node[field] for node in chosen] == [two, two]
    texts = ["# One", "first page", "- item", "second page", "# Two", "last page"]
    told = [(text, metadata[field]) for text, metadata in pieces(client, max_tokens=3)]
    assert told == list(zip(texts, [one, one, two, two, three, three], strict=True))
    only = {"include": ["ListNode", "TextNode"]}
    told = [(text, metadata[field]) for text, metadata in pieces(client, max_tokens=3, filter=only)]
    assert told == [("first page", one), ("- item", two), ("second page", two), ("last page", three)]


def test_a_document_without_pages_has_no_places(client: Client) -> None:
    client.ingest("a", TEXT)
    assert not any({"page", "slide", "sheet", "part"} & set(node) for node in tree_of(client))
    assert not {"page", "slide", "sheet", "part"} & set(pieces(client)[0][1])


def test_nodes_and_pieces_tell_the_headings_above_them_even_of_headings_that_a_filter_leaves_out(
    client: Client,
) -> None:
    client.ingest("a", "# One\n\nfirst\n\n## Deep\n\n- item\n\n# Two\n\nlast\n", metadata={"headings": 1})
    above = {
        **{"One": None, "first": ["One"], "Deep": ["One"], "- item": ["One", "Deep"]},
        **{"Two": None, "last": ["Two"]},
    }
    found = {node["content"]: node.get("headings") for node in tree_of(client) if node["content"]}
    assert found == above
    only = {"include": ["ListNode", "TextNode"]}
    found = {node["content"]: node["headings"] for node in tree_of(client, filter=only) if node["content"]}
    assert found == {text: above[text] for text in ("first", "- item", "last")}
    for filter in (None, only):
        told = {text: metadata["headings"] for text, metadata in pieces(client, max_tokens=3, filter=filter)}
        assert {text: told[text] for text in found} == found


@pytest.mark.parametrize(
    ("name", "data", "field", "second"),
    [
        pytest.param("a.pdf", samples.pdf(2), "page", "Returns policy 2"),
        ("a.pptx", samples.slides(), "slide", "Fees"),
        ("a.xlsx", samples.workbook(), "sheet", "España"),
    ],
)
def test_real_files_tell_their_places(
    server: Server, client: Client, name: str, data: bytes, field: str, second: str
) -> None:
    value = {"type": "file", "value": base64.b64encode(data).decode()}
    body = {"artifact": "a", "collection": "c", "metadata": {"file_name": name}, "input": value}
    assert client.post("/ingest", body).status_code == 200
    two = "Países" if field == "sheet" else 2
    found = tree_of(client)
    assert all(field in node for node in found)
    before = [node for node in found if node[field] != two]
    behind = [node for node in found if node[field] == two]
    assert before
    assert found == before + behind
    assert any(second in node["content"] for node in behind)
    assert not any(second in node["content"] for node in before)
    ((first,),) = ask(
        server,
        "SELECT min(place) FROM chunk_text WHERE company_id = (SELECT id FROM company WHERE name = %s)",
        client.company,
    )
    assert first == 1
