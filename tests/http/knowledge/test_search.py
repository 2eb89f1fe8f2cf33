"""POST /v1/knowledge/search and /v1/primitives/search."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.client import Client
from tests.server import Server

EXAMPLES = Path(__file__).parents[3] / "examples"
MODES = ("full", "vector", "hybrid")

TEXTS = {
    "bread": "# Panadería\n\nEl pan de centeno se hornea dos horas. Código de la receta: PAN-77.",
    "orders": "# Pedidos\n\nLas cancelaciones de los pedidos se aceptan hasta la víspera de la entrega.",
    "codes": "# Códigos\n\nEl código de la pieza de repuesto es ZX-4417, y se imprime en la etiqueta.",
    "river": "# Rivers\n\nThe river carries what the rain has given to the mountains, and floods the valley.",
}


def search(client: Client, query: str, mode: str = "full", **more: Any) -> list[dict[str, Any]]:
    """The results of a search that succeeds."""
    answer = client.http.post("/v1/knowledge/search", json={"query": query, "mode": mode, **more})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["mode"] == mode
    scores = [r["score"] for r in body["results"]]
    assert scores == sorted(scores, reverse=True)
    results: list[dict[str, Any]] = body["results"]
    return results


def titles(client: Client, query: str, mode: str = "full", **more: Any) -> list[str]:
    """The titles that a search finds."""
    return [r["title"] for r in search(client, query, mode, **more)]


def primitives(client: Client, **body: Any) -> list[dict[str, Any]]:
    """The chunks that a search of the primitives finds."""
    answer = client.http.post("/v1/primitives/search", json=body)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


def stock(client: Client) -> None:
    """Put the four texts into collection `c`."""
    for name, text in TEXTS.items():
        assert client.ingest(name, text).status_code == 200


@pytest.fixture(scope="module")
def stocked(server: Server) -> tuple[str, str]:
    """Token and name of a company that has the four texts; its documents are not to be changed."""
    client = server.client()
    stock(client)
    return client.token, client.company


@pytest.fixture
def library(server: Server, stocked: tuple[str, str]) -> Iterator[Client]:
    """A client of the company with the four texts, to read only."""
    yield server.client_of(*stocked)
    server.close_clients()


@pytest.fixture
def own_library(client: Client) -> Client:
    """A client of a company of its own with the four texts."""
    stock(client)
    return client


@pytest.mark.parametrize("mode", MODES)
def test_questions_in_spanish_and_english_find_the_right_example_first(client: Client, mode: str) -> None:
    for file in ("politica-de-cancelacion.md", "rental-policy.pdf"):
        content = base64.b64encode((EXAMPLES / file).read_bytes()).decode()
        answer = client.post(
            "/ingest",
            {
                "artifact": file,
                "collection": "c",
                "metadata": {"file_name": file},
                "input": {"type": "file", "value": content},
            },
        )
        assert answer.status_code == 200, answer.text
    for question, file in {
        "¿Cuánto tiempo guardan los objetos olvidados en la habitación?": "politica-de-cancelacion.md",
        "¿Qué pasa si me marcho del hotel antes de lo previsto?": "politica-de-cancelacion.md",
        "How high is the deposit for an electric bicycle?": "rental-policy.pdf",
        "What do I do when my bicycle is stolen?": "rental-policy.pdf",
    }.items():
        assert titles(client, question, mode)[0] == file, (question, mode)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cancelación", "orders"),
        ("CANCELACION", "orders"),
        ("cancelacio\u0301n", "orders"),  # letter and accent apart, as macOS writes names
        ("codigo", "codes"),
        ("códigos", "codes"),
        ("ZX-4417", "codes"),
        ("zx-4417", "codes"),
        ("flooding valleys", "river"),
    ],
)
def test_words_are_found_whatever_their_form_accents_and_case(
    library: Client, query: str, found: str
) -> None:
    assert titles(library, query)[0] == found


def test_a_function_word_finds_nothing_beside_other_words(library: Client) -> None:
    assert titles(library, "the of and mountains") == ["river"]
    assert titles(library, "the of and")[0] == "river"


def test_a_deleted_document_is_in_no_search_result(own_library: Client) -> None:
    for mode in MODES:
        assert "codes" in titles(own_library, "código de la pieza", mode)
    own_library.delete("codes")
    for mode in MODES:
        assert "codes" not in titles(own_library, "código de la pieza", mode)


def test_replaced_content_is_found_by_its_new_words_only(own_library: Client) -> None:
    own_library.ingest("river", "# Deserts\n\nSand as far as the eye can see.")
    for mode in MODES:
        results = search(own_library, "sand of the desert", mode)
        assert results[0]["title"] == "river"
        assert "Sand" in results[0]["snippet"]
        shown = [r["snippet"] for r in search(own_library, "river and mountains", mode)]
        assert not any("mountains" in text for text in shown)


@pytest.mark.parametrize("mode", MODES)
def test_another_companys_document_is_in_no_search_result(server: Server, library: Client, mode: str) -> None:
    other = server.client()
    assert titles(other, "código de la pieza", mode) == []
    ids = [r["node_id"] for r in search(library, "código de la pieza", mode)]
    assert titles(other, "código", mode, node_ids=ids) == []


def test_a_search_is_restricted_to_documents_and_to_all_below_folders(own_library: Client) -> None:
    own_library.ingest("elsewhere", "El código de otra pieza.", collection="d")
    ids = {r["title"]: r["node_id"] for r in search(own_library, "código pieza", "vector", top_k=25)}
    tree = own_library.http.get("/v1/knowledge/tree").json()["items"]
    folders = {item["title"]: item["id"] for item in tree}
    for mode in MODES:
        more: dict[str, Any] = {"mode": mode, "top_k": 25}
        assert titles(own_library, "código pieza", node_ids=[folders["d"]], **more) == ["elsewhere"]
        assert set(titles(own_library, "código pieza", node_ids=[folders["c"]], **more)) <= set(TEXTS)
        both = [ids["codes"].upper(), folders["d"], ids["elsewhere"], folders["d"]]
        found = titles(own_library, "código pieza", node_ids=both, **more)
        assert sorted(found) == ["codes", "elsewhere"]


def test_ids_of_nothing_are_passed_over_and_no_ids_find_nothing(library: Client) -> None:
    assert titles(library, "código", node_ids=["0" * 24]) == []
    assert titles(library, "código", node_ids=[]) == []


def test_a_document_has_one_result_with_a_snippet_of_its_best_chunk(client: Client) -> None:
    padding = "Filler of many words about nothing at all. " * 30
    client.ingest("long", f"# One\n\n{padding}\n\n# Two\n\n{padding} The Wolpertinger sleeps. {padding}")
    for mode in MODES:
        results = search(client, "wolpertinger", mode)
        assert [r["title"] for r in results] == ["long"]
    snippet = search(client, "wolpertinger")[0]
    assert "Wolpertinger" in snippet["snippet"]
    assert len(snippet["snippet"]) <= 330
    assert [snippet["snippet"][a:b] for a, b in snippet["highlights"]] == ["Wolpertinger"]


def test_top_k_bounds_the_results(library: Client) -> None:
    assert len(titles(library, "texto", "vector", top_k=2)) == 2
    assert len(titles(library, "texto", "vector", top_k=25)) == 4


ODD = {
    "operators": "a & b | !c <-> 'd' :* (\\) \"e\" -f +g ~ ^2 %s {0} $1 '; DROP TABLE node; --",
    "NUL": "co\0digo",
    "only NUL": "\0",
    "long": "código " * 2857,
    "one long word": "x" * 20_000,
    "function words": "de la the of",
    "right to left": "\u202eמה שלומך היום \u200fمرحبا بالعالم",
    "emoji": "🦊🦊 👩‍👩‍👧",
    "marks": "\u0301\u0302 \ufeff\ufffe",
    "Chinese": "如何取消我的订单",
    "many words": " ".join(f"w{i}" for i in range(3_000)),
    "identifiers": "a-1.b_2@c--d__e " * 500,
    "lone surrogate": "\ud800",
    "blank": " \t\u00a0",
    "empty": "",
    "too long": "x" * 20_001,
}


@pytest.mark.parametrize("mode", MODES)
def test_any_query_text_gives_a_200_or_a_400(library: Client, mode: str) -> None:
    for name, text in ODD.items():
        body = json.dumps({"query": text, "mode": mode})
        headers = {"Content-Type": "application/json"}
        answer = library.http.post("/v1/knowledge/search", content=body, headers=headers)
        wrong = name in ("lone surrogate", "blank", "empty", "too long")
        assert answer.status_code == (400 if wrong else 200), (name, answer.text)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mode", "fuzzy"),
        ("mode", None),
        ("top_k", 0),
        ("top_k", 26),
        ("top_k", "5"),
        ("query", None),
        ("query", 7),
        ("node_ids", ["x"]),
        ("node_ids", ["0" * 24] * 101),
        ("node_ids", "0" * 24),
    ],
)
def test_a_search_that_breaks_a_rule_is_a_400_that_names_the_field(
    client: Client, field: str, value: object
) -> None:
    body = {"query": "x", "mode": "full", field: value}
    answer = client.http.post("/v1/knowledge/search", json=body)
    assert answer.status_code == 400
    assert field in answer.json()["message"]


def test_a_search_needs_its_scope(server: Server) -> None:
    reader = server.client(scopes="knowledge:read")
    answer = reader.http.post("/v1/knowledge/search", json={"query": "x", "mode": "full"})
    assert (answer.status_code, answer.json()["code"]) == (403, "INSUFFICIENT_SCOPE")
    answer = reader.http.post("/v1/primitives/search", json={"type": "semantic_search", "text": "x"})
    assert (answer.status_code, list(answer.json())) == (403, ["detail"])


@pytest.mark.parametrize(
    "asked",
    [
        {"type": "semantic_search", "text": "pieza de repuesto"},
        {"type": "keywords_search", "keywords": ["ZX-4417"]},
        {"type": "keywords_search", "keywords": "codigos etiquetas"},
        {"type": "hybrid_search", "text": "pieza de repuesto", "keywords": ["ZX-4417"]},
    ],
)
def test_primitives_give_the_best_chunks_with_their_document(library: Client, asked: dict[str, Any]) -> None:
    chunk = primitives(library, **asked)[0]
    assert chunk["object"] == "context.chunk"
    assert chunk["document"]["artifact"] == "codes"
    assert chunk["document"]["doc_metadata"]["collection"] == "c"
    assert "ZX-4417" in chunk["text"]
    assert chunk["previous_texts"] is None


def test_primitives_are_bounded_by_limit_threshold_and_context(own_library: Client) -> None:
    semantic = {"type": "semantic_search", "text": "código de la pieza"}
    every = primitives(own_library, **semantic)
    assert len(every) == 4
    assert len(primitives(own_library, **semantic, limit=1)) == 1
    over = [c["id"] for c in every if c["score"] >= every[1]["score"]]
    assert [c["id"] for c in primitives(own_library, **semantic, score_threshold=every[1]["score"])] == over
    only = primitives(own_library, **semantic, context_filter={"collection": "c", "artifacts": ["river"]})
    assert [c["document"]["artifact"] for c in only] == ["river"]
    own_library.ingest("tagged", "Una pieza más.", metadata={"year": 2030})
    year = [{"key": "year", "operator": "==", "value": 2030}]
    only = primitives(own_library, **semantic, context_filter={"collection": "c", "metadata_filter": year})
    assert [c["document"]["artifact"] for c in only] == ["tagged"]
    assert primitives(own_library, **semantic, context_filter={"collection": "none"}) == []


def test_primitives_expand_a_chunk_by_its_neighbours(client: Client) -> None:
    sections = [f"# Part {n}\n\n" + f"Word{n} is here. " * 120 for n in range(5)]
    text = "\n\n".join(sections)
    client.ingest("parts", text)
    chunk = primitives(client, type="keywords_search", keywords=["word2"], limit=1, expand=1)[0]
    assert len(chunk["previous_texts"]) == len(chunk["next_texts"]) == 1
    assert "".join([*chunk["previous_texts"], chunk["text"], *chunk["next_texts"]]) in text


@pytest.mark.parametrize("keywords", [[], 5, [""], ""])
def test_a_fault_in_the_keywords_is_told_once_and_without_names_of_the_code(
    client: Client, keywords: Any
) -> None:
    body = {"type": "keywords_search", "keywords": keywords}
    faults = client.http.post("/v1/primitives/search", json=body).json()["detail"]
    assert len(faults) == 1
    assert "_" not in "".join(map(str, faults[0]["loc"][2:]))


def test_primitives_answer_a_wrong_body_in_the_artifacts_shape(client: Client) -> None:
    bodies: list[Any] = [{"type": "magic"}, {"type": "semantic_search", "text": "x", "limit": 101}, []]
    for body in bodies:
        answer = client.http.post("/v1/primitives/search", json=body)
        assert answer.status_code == 422
        assert list(answer.json()) == ["detail"]
