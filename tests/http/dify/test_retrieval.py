"""POST /retrieval, as Dify calls it."""

from typing import Any

import httpx
import pytest

from tests.client import Client, bare
from tests.http.knowledge.knowledge import NOWHERE, Knowledge
from tests.server import Server
from tests.waiting import until

TEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    "returns": (
        "Goods can be returned within 30 days.",
        {"year": 2026, "tags": ["shop", "law"], "lang": "en"},
    ),
    "vuelta": ("Los pedidos se devuelven en 30 días.", {"year": "2024", "lang": "es", "valid": "2024-05-01"}),
    "hours": ("The shop is open from nine to five.", {"year": 2019.5, "lang": "en-GB", "open": True}),
    "bare": ("Goods in transit belong to the carrier.", {}),
}


@pytest.fixture(scope="module")
def shop(server: Server) -> Client:
    """A company with four documents in collection `shop`, to read only."""
    client = server.client()
    for name, (text, metadata) in TEXTS.items():
        assert client.ingest(name, text, collection="shop", metadata=metadata).status_code == 200
    return client


@pytest.fixture
def reader(server: Server, shop: Client) -> Client:
    """A client of that company that lives for one test."""
    return server.client_of(shop.token, shop.company)


def retrieve(client: Client, query: str = "goods", **more: Any) -> httpx.Response:
    """Dify's request."""
    setting = {"top_k": 10, "score_threshold": 0.0}
    body = {"knowledge_id": "shop", "query": query, "retrieval_setting": setting, **more}
    return client.http.post("/retrieval", json=body)


def records(client: Client, query: str = "goods", **more: Any) -> list[dict[str, Any]]:
    """The records of a request that succeeds."""
    answer = retrieve(client, query, **more)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["records"]
    return found


def meeting(client: Client, *conditions: tuple[Any, ...], either: bool = False) -> set[str]:
    """The documents that meet conditions."""
    told = [dict(zip(("name", "comparison_operator", "value"), c, strict=False)) for c in conditions]
    more = {"conditions": told, **({"logical_operator": "or"} if either else {})}
    return {r["metadata"]["artifact_id"] for r in records(client, metadata_condition=more)}


def test_passages_of_a_collection_come_best_first_with_score_title_and_metadata(reader: Client) -> None:
    found = records(reader, "How do I return goods?")
    assert found[0]["content"] == TEXTS["returns"][0]
    assert found[0]["title"] == "returns"
    assert found[0]["metadata"]["year"] == 2026
    assert found[0]["metadata"]["headings"] == []
    assert [r["score"] for r in found] == sorted((r["score"] for r in found), reverse=True)
    assert all(0 <= r["score"] <= 1 and isinstance(r["metadata"], dict) for r in found)


def test_top_k_and_the_threshold_bound_what_comes(reader: Client) -> None:
    first, second, *_ = records(reader, "How do I return goods?")
    assert len(records(reader, retrieval_setting={"top_k": 2, "score_threshold": 0})) == 2
    least = (first["score"] + second["score"]) / 2
    found = records(
        reader, "How do I return goods?", retrieval_setting={"top_k": 9, "score_threshold": least}
    )
    assert found == [first]
    assert records(reader, "zebra", retrieval_setting={"top_k": 9, "score_threshold": 0.9}) == []
    assert len(records(reader, retrieval_setting={"top_k": 9})) == len(TEXTS)


def test_the_knowledge_is_a_collection_or_a_folder_with_what_is_below(client: Client) -> None:
    kb = Knowledge(client)
    outer = kb.folder("outer")
    inner = kb.folder("inner", outer)
    document = kb.document("D", inner, "Goods are in the inner folder.")
    kb.indexed(document)
    kb.artifacts.ingest("a", "Goods are elsewhere.", collection="other")
    for knowledge in (outer, inner, "outer"):
        assert [r["metadata"]["node_id"] for r in records(kb.artifacts, knowledge_id=knowledge)] == [document]
    kb.artifacts.ingest("b", "Goods of a collection whose name is an id.", collection=outer)
    assert "whose name" in records(kb.artifacts, knowledge_id=outer)[0]["content"]
    for unknown in (NOWHERE, document, "", "nothing"):
        answer = retrieve(kb.artifacts, knowledge_id=unknown)
        if unknown:
            assert (answer.status_code, answer.json()["error_code"]) == (404, 2001)
        else:
            assert answer.status_code == 400
    kb.delete(inner)
    assert records(kb.artifacts, knowledge_id="other") != []
    assert retrieve(kb.artifacts, knowledge_id=inner).json()["error_code"] == 2001


CONDITIONS: list[tuple[tuple[Any, ...], set[str]]] = [
    (("lang", "contains", "en"), {"returns", "hours"}),
    (("tags", "contains", "law"), {"returns"}),
    (("lang", "not contains", "en"), {"vuelta", "bare"}),
    (("lang", "start with", "en"), {"returns", "hours"}),
    (("lang", "end with", "GB"), {"hours"}),
    (("lang", "end with", "%"), set()),
    (("lang", "is", "en"), {"returns"}),
    (("year", "is", "2026"), {"returns"}),
    (("year", "is", 2024), {"vuelta"}),
    (("open", "is", "true"), {"hours"}),
    (("lang", "is not", "en"), {"vuelta", "hours", "bare"}),
    (("lang", "in", ["en", "es"]), {"returns", "vuelta"}),
    (("lang", "in", "en, es"), {"returns", "vuelta"}),
    (("lang", "not in", ["en", "es"]), {"hours", "bare"}),
    (("lang", "empty"), {"bare"}),
    (("lang", "not empty"), {"returns", "vuelta", "hours"}),
    (("lang", "null"), {"bare"}),
    (("lang", "not null", None), {"returns", "vuelta", "hours"}),
    (("year", "=", "2026"), {"returns"}),
    (("year", "=", 2019.5), {"hours"}),
    (("year", "≠", "2026"), {"vuelta", "hours", "bare"}),
    (("year", ">", "2019.5"), {"returns"}),
    (("year", "≥", 2019.5), {"returns", "hours"}),
    (("year", "<", 2026), {"hours"}),
    (("year", "≤", "2026"), {"returns", "hours"}),
    (("valid", "before", "2024-06-01"), {"vuelta"}),
    (("valid", "after", "2024-06-01"), set()),
    ((["nothing", "lang"], "is", "es"), {"vuelta"}),
]


def test_each_comparison_means_what_dify_says(reader: Client) -> None:
    found = {str(condition): meeting(reader, condition) for condition, _ in CONDITIONS}
    assert found == {str(condition): documents for condition, documents in CONDITIONS}


def test_conditions_hold_together_or_one_of_them(reader: Client) -> None:
    two = ("lang", "is", "es"), ("year", ">", 2025)
    assert meeting(reader, *two) == set()
    assert meeting(reader, *two, either=True) == {"returns", "vuelta"}
    assert meeting(reader) == set(TEXTS)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"query": " "}, "query"),
        ({"retrieval_setting": {}}, "retrieval_setting.top_k"),
        ({"retrieval_setting": {"top_k": 0}}, "top_k"),
        ({"retrieval_setting": {"top_k": 1, "score_threshold": 2}}, "score_threshold"),
        ({"metadata_condition": {"conditions": [{"name": "a", "comparison_operator": "like"}]}}, "'not in'"),
        (
            {"metadata_condition": {"conditions": [{"name": "a", "comparison_operator": "contains"}]}},
            "single value",
        ),
        (
            {"metadata_condition": {"conditions": [{"name": "a", "comparison_operator": "<", "value": "x"}]}},
            "metadata_condition.conditions.0.value: The operator '<' needs a number",
        ),
    ],
)
def test_a_request_with_a_fault_is_told_its_field(reader: Client, more: Any, says: str) -> None:
    answer = retrieve(reader, **more)
    assert answer.status_code == 400
    assert answer.json()["error_code"] == 400
    assert says in answer.json()["error_msg"]


def test_tokens_that_are_refused_have_dify_s_codes(server: Server, shop: Client) -> None:
    def asked(**headers: str) -> tuple[int, int]:
        answer = bare("POST", f"{server.url}/retrieval", headers=headers)  # as Dify's form does: no body
        return answer.status_code, answer.json()["error_code"]

    assert asked() == (403, 1001)
    assert asked(Authorization="Bearer nonsense") == (403, 1001)
    assert asked(Authorization=f"Bearer kbai_pk_{'0' * 64}") == (403, 1002)
    without = server.client(company=shop.company, scopes="knowledge:read,knowledge:write")
    assert asked(Authorization=f"Bearer {without.token}") == (403, 1002)
    assert asked(Authorization=f"Bearer {shop.token}") == (400, 400)


def test_a_retrieval_is_counted_logged_and_held_to_the_rate(server: Server) -> None:
    limited = server.client(rate="1/hour")
    answers = [retrieve(limited) for _ in range(5)]
    over = [a for a in answers if a.status_code == 429]
    assert len(over) >= 3  # the hour may turn in between
    assert all(a.json()["error_code"] == 429 and int(a.headers["Retry-After"]) >= 1 for a in over)
    counted = bare("GET", f"{server.url}/metrics").text
    assert 'lethe_requests_total{door="dify",method="POST",route="/retrieval",status="4xx"}' in counted
    until(lambda: "route=/retrieval status=429" in server.log)
