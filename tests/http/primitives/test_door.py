"""The door of the primitives: the token goes before the body, and OpenAPI tells of it."""

from tests.client import bare
from tests.server import Server


def test_a_body_is_not_read_of_a_caller_without_a_token_or_its_scope(server: Server) -> None:
    address = f"{server.url}/v1/primitives/search"
    broken = {"content": b"{bad", "headers": {"Content-Type": "application/json"}}
    for authorization in (None, "Bearer kbai_pk_" + "0" * 64):
        headers = {"Authorization": authorization} if authorization else {}
        assert bare("POST", address, content=b"{bad", headers=headers).status_code == 401
    reader = server.client(scopes="knowledge:read")
    assert reader.http.post("/v1/primitives/search", **broken).status_code == 403  # type: ignore[arg-type]
    answer = server.client().http.post("/v1/primitives/search", **broken)  # type: ignore[arg-type]
    assert (answer.status_code, list(answer.json())) == (422, ["detail"])


def test_openapi_describes_the_three_searches(server: Server) -> None:
    document = bare("GET", f"{server.url}/v1/primitives/openapi.json").json()
    schemas = document["components"]["schemas"]
    post = document["paths"]["/search"]["post"]
    reference = post["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    searches = schemas[reference.rpartition("/")[2]]["oneOf"]
    assert {s["$ref"].rpartition("/")[2] for s in searches} == {
        "SemanticSearch",
        "KeywordsSearch",
        "HybridSearch",
    }
    references = {r for r in str(document).split("'") if r.startswith("#/components/schemas/")}
    assert all(r.rpartition("/")[2] in schemas for r in references)
    assert {"200", "401", "403", "422"} <= set(post["responses"])
    assert document["servers"] == [{"url": "/v1/primitives"}]
