"""The OpenAPI documents are true: whatever fits one, or just does not, gets an answer that the document tells of."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from tests.client import Client
from tests.hostile.routes import base, doors
from tests.hostile.tenants import Ids, settle
from tests.http.knowledge.knowledge import NOWHERE, Knowledge
from tests.server import Server
from tests.waiting import PATIENCE_SECONDS

OPERATIONS = sorted(
    (
        (door, path, method)
        for door, document in doors().items()
        for path, operations in document["paths"].items()
        for method in operations
    ),
    key=lambda operation: "delete" in " ".join(operation),  # last, as it takes from the others what is there
)
EXAMPLES = 8

load_all_checks()
TRUE: list[Any] = [
    CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    )
]


@pytest.fixture(scope="module")
def own(server: Server) -> Iterator[tuple[Client, Ids]]:
    """A company that has one of everything, and its ids."""
    client = server.client()
    yield client, settle(server, Knowledge(client))
    client.http.close()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o[2].upper()} {o[0]}{o[1]}")
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda m: f"{m.value}")
def test_every_answer_is_one_that_the_document_tells_of(
    server: Server, own: tuple[Client, Ids], operation: tuple[str, str, str], mode: GenerationMode
) -> None:
    client, ids = own
    door, path, method = operation
    described = schema(door)[path][method]
    token = client.token
    if path == "/me/token":  # it may be revoked
        token = server.client(company=client.company).token

    @settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
    )
    @given(case=described.as_strategy(generation_mode=mode), data=st.data())
    def answers(case: Case[Any], data: st.DataObject) -> None:
        if mode is GenerationMode.POSITIVE:
            case.path_parameters = known(case.path_parameters, ids, data)
            case.query = known(case.query, ids, data)
            case.body = known(case.body, ids, data)
        case.call_and_validate(
            base_url=f"{server.url}{base(door)}",
            headers={"Authorization": f"Bearer {token}"},
            checks=TRUE,
            timeout=PATIENCE_SECONDS,
        )

    answers()


def test_a_parameter_that_a_call_does_not_know_is_named_by_the_knowledge_api_and_ignored_by_the_others(
    own: tuple[Client, Ids],
) -> None:
    client, _ = own
    for door, path, method in OPERATIONS:
        told = doors()[door]["paths"][path][method].get("parameters", ())
        query = {p["name"]: "\0" for p in told if p["in"] == "query"} | {"nosuch": "1", "collection_": "c"}
        address = base(door) + re.sub(r"\{[^}]*\}", NOWHERE, path)
        answer = client.http.request(method, address, params=query)
        if door == "/v1":
            message = "nosuch: unknown parameter; collection_: unknown parameter"
            expected = {"message": message, "error": "Bad Request", "statusCode": 400}
            assert (answer.status_code, answer.json()) == (400, expected), address
        else:
            assert "nosuch" not in answer.text, address
    query = {f"{'n' * 500}{n}": "" for n in range(50)}
    assert len(client.http.get("/v1/me", params=query).content) < 2_000
    unknown = client.http.get("/v1/me", params=query, headers={"Authorization": "Bearer x"})
    assert unknown.status_code == 401


@cache
def schema(door: str) -> Any:
    """A door's document as schemathesis reads it."""
    return schemathesis.openapi.from_dict(doors()[door])


FIELDS = {
    "node_id": ("folder", "document", "trashed", "root"),
    "parent_id": ("folder", "document"),
    "node_ids": ("folder", "document", "root"),
    "assistant_id": ("assistant",),
    "task_id": ("ingestion", "deletion"),
    "webhook_id": ("webhook",),
    "delivery_id": ("delivery",),
    "collection": ("collection",),
    "artifact": ("artifact",),
    "artifacts": ("artifact",),
    "knowledge_id": ("collection", "folder"),
}
"""Which ids a field may have that are really there."""


def known(value: Any, ids: Ids, data: st.DataObject, field: str = "") -> Any:
    """The generated value, with ids that are really there in some of its fields."""
    if isinstance(value, dict):
        return {key: known(inner, ids, data, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [known(inner, ids, data, field) for inner in value]
    if field in FIELDS and isinstance(value, str) and data.draw(st.booleans()):
        return ids[data.draw(st.sampled_from(FIELDS[field]))]
    return value
