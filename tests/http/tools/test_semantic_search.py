"""The search as an assistant's tool, and the scores of chunks."""

from typing import Any

import pytest

from tests.client import Client
from tests.server import Server


@pytest.fixture
def shop(client: Client) -> Client:
    """A client with two documents in collection `shop`."""
    client.ingest(
        "returns",
        "# Returns\n\nGoods can be returned within 30 days.",
        collection="shop",
        metadata={"year": 2026},
    )
    client.ingest(
        "hours",
        "# Opening hours\n\nWe are open from nine to five.",
        collection="shop",
        metadata={"year": 2020},
    )
    return client


def search(client: Client, query: str, **more: Any) -> list[dict[str, Any]]:
    """The blocks that a search gives."""
    answer = client.http.post(
        "/v1/tools/semantic-search", json={"query": query, "context_filter": {"collection": "shop"}, **more}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["is_error"] is False
    content: list[dict[str, Any]] = answer.json()["content"]
    return content


def test_passages_come_as_a_source_and_as_text_for_a_prompt(shop: Client) -> None:
    source, text = search(shop, "How do I return goods?")
    assert (source["type"], text["type"]) == ("source", "text")
    assert [s["document"]["artifact"] for s in source["sources"]] == ["returns", "hours"]
    first = source["sources"][0]
    assert (first["object"], first["content_type"]) == ("context.chunk", "text/markdown")
    assert first["metadata"]["headings"] == ["Returns"]
    assert "shorter_id" not in first["metadata"]
    assert text["text"].index("30 days") < text["text"].index("nine to five")


def test_passages_to_cite_have_an_identifier_that_the_text_names(shop: Client) -> None:
    source, text = search(shop, "How do I return goods?", format="citations")
    for chunk in source["sources"]:
        cited, passage = f"[{chunk['metadata']['shorter_id']}] ", chunk["text"].strip()
        assert cited in text["text"]
        assert passage in text["text"].split(cited)[1]


def test_the_context_filter_is_the_one_of_the_content_calls(shop: Client) -> None:
    older = [{"key": "year", "operator": "<", "value": 2025}]
    for chosen in ({"artifacts": ["hours"]}, {"metadata_filter": older}):
        source, _ = search(shop, "goods", context_filter={"collection": "shop", **chosen})
        assert [s["document"]["artifact"] for s in source["sources"]] == ["hours"]
    for nothing in ({"collection": "other"}, {"collection": "shop", "artifacts": ["gone"]}):
        (text,) = search(shop, "goods", context_filter=nothing)
        assert text == {"type": "text", "text": "No results found for the query.", "citations": []}


def test_a_deleted_document_is_in_no_passage(shop: Client) -> None:
    assert shop.delete("returns", collection="shop").status_code == 200
    source, text = search(shop, "How do I return goods?")
    assert [s["document"]["artifact"] for s in source["sources"]] == ["hours"]
    assert "30 days" not in text["text"]


def test_the_tool_needs_a_query_a_filter_and_the_scope(server: Server, client: Client) -> None:
    wrong: list[Any] = [{"query": "x"}, {"context_filter": {}}, {"query": " ", "context_filter": {}}]
    for body in wrong:
        assert client.http.post("/v1/tools/semantic-search", json=body).status_code == 422
    reader = server.client(scopes="knowledge:read")
    asked = {"query": "x", "context_filter": {}}
    assert reader.http.post("/v1/tools/semantic-search", json=asked).status_code == 403


def test_every_score_of_a_chunk_is_one_that_strict_clients_accept(shop: Client) -> None:
    def found(**body: Any) -> list[dict[str, Any]]:
        data: list[dict[str, Any]] = shop.http.post("/v1/primitives/search", json=body).json()["data"]
        return data

    asked: list[dict[str, Any]] = [
        *({"type": kind, "text": text} for kind in ("semantic_search", "hybrid_search")
          for text in ("Goods can be returned within 30 days.", "zebra quark lemma", "goods")),
        *({"type": "keywords_search", "keywords": words}
          for words in ("goods", "goods returned within days", "open zebra")),
    ]  # fmt: skip
    for body in asked:
        chunks = found(**body)
        assert chunks, body
        assert all(0 <= chunk["score"] <= 1 for chunk in chunks)
        assert all(chunk["content_type"] == "text/markdown" for chunk in chunks)
        assert all((chunk["bm25"] > 0) if "keywords" in body else ("bm25" not in chunk) for chunk in chunks)


def test_the_score_of_words_is_their_share_and_bm25_stands_beside_it(shop: Client) -> None:
    def best(words: str, **more: Any) -> Any:
        body = {"type": "keywords_search", "keywords": words, **more}
        return (shop.http.post("/v1/primitives/search", json=body).json()["data"] or [None])[0]

    whole, half = best("goods returned"), best("goods zebra")
    assert half["score"] < whole["score"]
    full = shop.http.post("/v1/knowledge/search", json={"query": "goods returned", "mode": "full"}).json()
    assert whole["bm25"] == pytest.approx(full["results"][0]["score"])
    assert best("goods returned", score_threshold=whole["score"])["id"] == whole["id"]
    assert best("goods returned", score_threshold=whole["score"] + 0.01) is None
