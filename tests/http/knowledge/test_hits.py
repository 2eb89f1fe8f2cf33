"""What a hit tells besides its score: where in its file it is, which headings stand above it, and why it was found."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from tests.client import Client
from tests.http.knowledge.knowledge import Knowledge
from tests.server import Server
from tests.unit.parsers import samples

MODES = {"full": "keywords_search", "vector": "semantic_search", "hybrid": "hybrid_search"}
FILES: dict[str, tuple[bytes, str, dict[str, Any]]] = {
    "policy.pdf": (samples.pdf(2), "page", {"1": 1, "2": 2}),
    "talk.pptx": (samples.slides(), "slide", {"corazón": 1, "fee": 2}),
    "fees.xlsx": (samples.workbook(), "sheet", {"sofa": "Fees", "España": "Países"}),
}
"""Name, data and kind of place of a file, and the places where it has some words."""
GUIDE = "# Rooms\n\nThere are twelve.\n\n## Keys\n\nThe zweihander key opens the cellar.\n"


@pytest.fixture(scope="module")
def stocked(server: Server) -> tuple[str, str]:
    """Token and name of a company with three files and a text, not to be changed."""
    client = server.client()
    for name, (data, _, _) in FILES.items():
        value = {"type": "file", "value": base64.b64encode(data).decode()}
        body = {"artifact": name, "collection": "c", "metadata": {"file_name": name, "n": 1}, "input": value}
        assert client.post("/ingest", body).status_code == 200
    assert client.ingest("guide", GUIDE, metadata={"n": 2, "page": "of the caller"}).status_code == 200
    return client.token, client.company


@pytest.fixture
def library(server: Server, stocked: tuple[str, str]) -> Iterator[Client]:
    """A client of that company."""
    yield server.client_of(*stocked)
    server.close_clients()


def search(client: Client, **body: Any) -> list[dict[str, Any]]:
    """The documents that a search finds."""
    answer = client.http.post("/v1/knowledge/search", json={"mode": "full", "top_k": 25, **body})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def chunks(client: Client, query: str, mode: str = "full", **more: Any) -> list[dict[str, Any]]:
    """The chunks that the other search finds."""
    asked = {"text": query, "keywords": query, "type": MODES[mode], "limit": 50, **more}
    answer = client.http.post("/v1/primitives/search", json=asked)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


def test_hits_of_both_searches_tell_where_in_the_file_they_are(library: Client) -> None:
    documents = {hit["artifact"]: hit for hit in search(library, query="no such words", mode="vector")}
    passages = {chunk["document"]["artifact"]: chunk for chunk in chunks(library, "nowhere", "vector")}
    for name, (_, field, places) in FILES.items():
        first = next(iter(places.values()))
        assert documents[name][field] == passages[name]["metadata"][field] == first
    assert not {"page", "slide", "sheet", "part"} & documents["guide"].keys()
    assert passages["guide"]["metadata"]["page"] == "of the caller"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", FILES)
def test_a_passage_that_runs_over_several_places_tells_the_one_where_the_words_are(
    library: Client, name: str, mode: str
) -> None:
    _, field, places = FILES[name]
    for words, place in places.items():
        hits = {hit["artifact"]: hit for hit in search(library, query=words, mode=mode)}
        passages = {chunk["document"]["artifact"]: chunk for chunk in chunks(library, words, mode)}
        assert hits[name][field] == passages[name]["metadata"][field] == place


def test_hits_tell_the_headings_above_them_and_by_which_names_their_document_is_known(
    library: Client,
) -> None:
    (hit,) = search(library, query="zweihander")
    (chunk,) = chunks(library, "zweihander")
    assert hit["headings"] == chunk["metadata"]["headings"] == ["Rooms", "Keys"]
    assert search(library, query="twelve")[0]["headings"] == ["Rooms"]
    assert (hit["collection"], hit["artifact"], hit["metadata"]["n"]) == ("c", "guide", 2)
    assert chunk["node_id"] == hit["node_id"]
    node = Knowledge(library).node(hit["node_id"])
    assert (node["collection"], node["artifact"]) == ("c", "guide")
    root = Knowledge(library).node(node["parent_id"])
    assert (root["collection"], root["artifact"]) == ("c", None)


def test_a_document_at_the_root_is_in_no_collection_and_named_by_its_id(kb: Knowledge) -> None:
    id = kb.document("D", markdown="zweihander")
    kb.indexed(id)
    (hit,) = search(kb.artifacts, query="zweihander")
    assert (hit["collection"], hit["artifact"]) == (None, id)
    assert kb.node(id).items() >= {"collection": None, "artifact": id}.items()


def test_the_text_of_the_best_chunk_comes_if_it_is_asked_for(library: Client) -> None:
    (hit,) = search(library, query="zweihander", include=["text", "metadata"])
    assert hit["text"].strip() == GUIDE.strip()
    assert hit["metadata"]["n"] == 2
    assert "text" not in search(library, query="zweihander")[0]
    for field, value in {"include": ["vectors"], "explain": "yes"}.items():
        body = {"query": "x", "mode": "full", field: value}
        answer = library.http.post("/v1/knowledge/search", json=body)
        assert (answer.status_code, field in answer.json()["message"]) == (400, True)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("query", ["the zweihander key for lamps", "of the", "corazón"])
def test_an_explanation_adds_up_to_the_score(library: Client, mode: str, query: str) -> None:
    documents = search(library, query=query, mode=mode, explain=True)
    for hit in documents + chunks(library, query, mode, explain=True):
        told = hit["explanation"]
        parts = [part for part in told["parts"].values() if part is not None]
        assert sum(parts) == pytest.approx(hit["score"])
        assert (told["parts"]["words"] is None) == (told["bm25"] is None) == (told["terms"] == [])
        if told["terms"]:
            assert sum(term["score"] for term in told["terms"]) == pytest.approx(told["bm25"], abs=1e-5)
            assert all(0 <= term["score"] <= term["weight"] * term["idf"] + 1e-9 for term in told["terms"])
        if told["cosine"] is not None:
            assert told["distance"] == pytest.approx(1 - told["cosine"])
    assert documents or mode == "full"
    assert "explanation" not in {**search(library, query="key")[0], **chunks(library, "key")[0]}


def test_an_explanation_names_the_words_that_were_found_and_those_that_were_not(library: Client) -> None:
    hit = search(library, query="zweihander swords", mode="hybrid", explain=True)[0]
    scores = [("zweihand" in t["forms"], t["score"] > 0) for t in hit["explanation"]["terms"]]
    assert sorted(scores) == [(False, False), (True, True)]
    assert hit["explanation"]["parts"]["vector"] == pytest.approx(0.6 * max(0, hit["explanation"]["cosine"]))
