"""Embeddings and models, as the client of OpenAI and callers without one see them."""

import base64
import struct
from typing import TYPE_CHECKING, Any

import pytest

from tests.client import Client
from tests.server import Server

if TYPE_CHECKING:  # each process of a run reads this file, and loading it takes seconds
    import openai

TEXTS = ["How do I return goods?", "¿Cómo devuelvo un pedido?", "The river floods the valley."]


@pytest.fixture
def sdk(server: Server, client: Client) -> "openai.OpenAI":
    """The client of OpenAI, which asks for base64 by itself."""
    import openai  # noqa: PLC0415

    return openai.OpenAI(api_key=client.token, base_url=f"{server.url}/v1", max_retries=0)


def embed(client: Client, **body: Any) -> Any:
    """The answer, which must be one of success."""
    answer = client.http.post("/v1/embeddings", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def cosine(a: list[float], b: list[float]) -> float:
    """Of two vectors of length 1."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_the_client_of_openai_gets_vectors_that_tell_meanings_apart(sdk: "openai.OpenAI") -> None:
    found = sdk.embeddings.create(model="private-gpt", input=TEXTS)
    assert [one.index for one in found.data] == [0, 1, 2]
    english, spanish, other = (one.embedding for one in found.data)
    assert cosine(english, english) == pytest.approx(1, abs=0.01)
    assert cosine(english, spanish) > cosine(english, other)
    assert found.usage.prompt_tokens == found.usage.total_tokens > 10
    (model,) = sdk.models.list().data
    assert (model.id, model.object, found.model) == ("private-gpt", "model", "private-gpt")
    assert sdk.models.retrieve("private-gpt") == model
    (alone,) = sdk.embeddings.create(model="default", input=TEXTS[0], encoding_format="float").data
    assert alone.embedding == pytest.approx(english, abs=0.001)


def test_both_encodings_say_the_same(client: Client) -> None:
    floats = embed(client, input=TEXTS[0])["data"][0]["embedding"]
    text = embed(client, input=TEXTS[:1], encoding_format="base64", model="default", user="u")["data"][0][
        "embedding"
    ]
    data = base64.b64decode(text)
    assert list(struct.unpack(f"<{len(floats)}f", data)) == pytest.approx(floats, abs=0.001)
    assert len(embed(client, input="x", dimensions=len(floats))["data"][0]["embedding"]) == len(floats)


def test_a_model_that_is_not_there_is_a_404_that_names_the_one_that_is(sdk: "openai.OpenAI") -> None:
    import openai  # noqa: PLC0415

    with pytest.raises(openai.NotFoundError, match="use 'private-gpt'"):
        sdk.embeddings.create(model="text-embedding-3-small", input="x")
    with pytest.raises(openai.NotFoundError):
        sdk.models.retrieve("gpt-4")
    name = str(sdk.models.retrieve("default").model_dump()["display_name"])
    assert sdk.embeddings.create(model=name, input="x").model == "private-gpt"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "input"),
        ({"input": []}, "at least 1 item"),
        ({"input": " \n"}, "must not be blank"),
        ({"input": ["a", ""]}, "must not be blank"),
        ({"input": [[1, 2], [3]]}, "token numbers"),
        ({"input": [1, 2]}, "token numbers"),
        ({"input": "x", "dimensions": 8}, "leave this out"),
        ({"input": "x", "encoding_format": "int8"}, "encoding_format"),
        ({"input": ["x"] * 1001}, "at most 1000 items"),
        ({"input": "x" * 8001}, "split it"),
    ],
)
def test_what_cannot_be_embedded_is_told_in_both_shapes(client: Client, body: Any, says: str) -> None:
    answer = client.http.post("/v1/embeddings", json=body)
    assert answer.status_code == 422
    told = answer.json()
    assert says in str(told["detail"])
    assert says in told["error"]["message"]
    assert told["error"]["type"] == "invalid_request_error"


def test_embedding_is_a_query_and_counts_against_the_rate(server: Server) -> None:
    reader = server.client(scopes="knowledge:read")
    assert reader.http.post("/v1/embeddings", json={"input": "x"}).status_code == 403
    assert reader.http.get("/v1/models").status_code == 200
    limited = server.client(rate="2/hour")
    answers = [limited.http.get("/v1/models") for _ in range(7)]
    over = [answer for answer in answers if answer.status_code == 429]
    assert len(over) >= 3  # the hour may turn in between
    assert all(answer.json()["error"]["type"] == "rate_limit_error" for answer in over)
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in over)


def test_a_text_means_the_same_to_the_search_and_to_the_caller(client: Client) -> None:
    client.ingest("a", TEXTS[2])
    found = client.http.post("/v1/primitives/search", json={"type": "semantic_search", "text": TEXTS[0]})
    (chunk,) = found.json()["data"]
    query, passage = (one["embedding"] for one in embed(client, input=[TEXTS[0], TEXTS[2]])["data"])
    assert chunk["score"] == pytest.approx(max(0, cosine(query, passage)), abs=0.01)
