"""Tokens, scopes and rates; the one shape of all errors."""

import json
import re
from collections.abc import Iterator

import httpx
import pytest

from tests.client import bare
from tests.http.knowledge.knowledge import NOWHERE, Knowledge
from tests.lifecycle.stored import ask
from tests.server import Server

CALLS = {
    "knowledge:read": [("GET", "/knowledge/tree"), ("GET", f"/knowledge/nodes/{NOWHERE}")],
    "knowledge:query": [("POST", "/knowledge/search")],
    "knowledge:write": [
        ("POST", "/knowledge/folders"),
        ("POST", "/knowledge/documents"),
        ("POST", "/knowledge/documents/upload"),
        ("PUT", f"/knowledge/documents/{NOWHERE}"),
        ("PATCH", f"/knowledge/nodes/{NOWHERE}"),
        ("GET", "/knowledge/trash"),
        ("POST", f"/knowledge/nodes/{NOWHERE}/restore"),
    ],
    "knowledge:delete": [
        ("DELETE", f"/knowledge/nodes/{NOWHERE}"),
        ("DELETE", f"/knowledge/trash/{NOWHERE}"),
    ],
    "knowledge:assign": [("POST", "/knowledge/assignments")],
    "assistants:read": [("GET", "/assistants")],
    "webhooks:read": [("GET", "/webhooks"), ("GET", "/webhooks/deliveries")],
    "webhooks:manage": [
        ("POST", "/webhooks"),
        ("POST", f"/webhooks/{NOWHERE}/rotate"),
        ("POST", f"/webhooks/{NOWHERE}/test"),
        ("DELETE", f"/webhooks/{NOWHERE}"),
        ("POST", f"/webhooks/deliveries/{NOWHERE}/redeliver"),
    ],
}
BODY = {"query": "x", "mode": "full"}
"""Right for the search, wrong for most others: who may call at all is decided first."""


@pytest.fixture(autouse=True)
def _closed_clients(server: Server) -> Iterator[None]:
    yield
    server.close_clients()


def test_without_a_valid_token_every_call_is_the_same_401(server: Server) -> None:
    expected = {"message": "Invalid or missing API token", "error": "Unauthorized", "statusCode": 401}
    with httpx.Client(base_url=f"{server.url}/v1") as http:
        for header in (None, "", "Bearer x", "Basic eDp4", "Bearer kbai_pk_" + "0" * 64):
            headers = {} if header is None else {"Authorization": header}
            for method, path in [("GET", "/me"), *(call for calls in CALLS.values() for call in calls)]:
                answer = http.request(method, path, headers=headers, json=BODY if method != "GET" else None)
                assert (answer.status_code, answer.json()) == (401, expected), path
        broken = http.post("/knowledge/folders", content=b"{", headers={"Content-Type": "application/json"})
        assert broken.json() == expected


def test_a_token_without_the_scope_gets_a_403(server: Server) -> None:
    for scope, calls in CALLS.items():
        kb = Knowledge(server.client(scopes=",".join(s for s in CALLS if s != scope)))
        for method, path in calls:
            answer = kb.call(method, path, BODY if method != "GET" else None)
            assert answer.status_code == 403, path
            assert answer.json()["error"] == "Forbidden"
            assert answer.json()["code"] == "INSUFFICIENT_SCOPE"
            assert scope in answer.json()["message"]


def test_with_the_scope_alone_a_call_is_let_through(server: Server) -> None:
    for scope, calls in CALLS.items():
        kb = Knowledge(server.client(scopes=scope))
        for method, path in calls:
            assert kb.call(method, path, BODY if method != "GET" else None).status_code not in (401, 403, 500)


def test_me_tells_of_the_token(server: Server) -> None:
    client = server.client(scopes="knowledge:read", rate="7/minute")
    answer = Knowledge(client).call("GET", "/me")
    assert answer.status_code == 200
    assert answer.json() == {
        "name": "test", "prefix": client.token[:12], "scopes": ["knowledge:read"], "expires_at": None,
        "company": client.company, "only": None,
    }  # fmt: skip


def test_a_revoked_token_is_no_token(server: Server) -> None:
    client = server.client()
    kb = Knowledge(client)
    assert kb.call("GET", "/me").status_code == 200
    server.command("token", "revoke", client.token[:20])
    assert kb.call("GET", "/me").json()["message"] == "Invalid or missing API token"


def test_every_answer_of_a_limited_token_tells_how_it_stands(server: Server) -> None:
    kb = Knowledge(server.client(rate="5/minute,1000/hour", scopes="knowledge:read"))
    paths = ["/knowledge/tree", f"/knowledge/nodes/{NOWHERE}", "/knowledge/trash", "/knowledge/tree?depth=x"]
    answers = [kb.call("GET", path) for path in paths * 3]
    assert [a.status_code for a in answers[:4]] == [200, 404, 403, 400]
    assert all(a.headers["X-RateLimit-Limit"] == "5" for a in answers)
    assert all(1 <= int(a.headers["X-RateLimit-Reset"]) <= 60 for a in answers)
    assert [int(a.headers["X-RateLimit-Remaining"]) for a in answers[:2]] in ([4, 3], [4, 4], [0, 4])
    refused = [a for a in answers if a.status_code == 429]
    assert 2 <= len(refused) <= 7  # the minute may turn in between
    for answer in refused:
        assert answer.json() == {"message": "ThrottlerException: Too Many Requests", "statusCode": 429}
        assert answer.headers["X-RateLimit-Remaining"] == "0"
        assert answer.headers["Retry-After"] == answer.headers["X-RateLimit-Reset"]


def test_a_token_without_a_limit_is_told_of_none(kb: Knowledge) -> None:
    assert "X-RateLimit-Limit" not in kb.call("GET", "/me").headers


def test_an_unknown_address_or_method_has_the_same_shape(kb: Knowledge) -> None:
    answer = kb.call("GET", "/knowledge/nothing")
    assert answer.status_code == 404
    assert set(answer.json()) == {"message", "error", "statusCode", "code"}
    answer = kb.call("DELETE", "/knowledge/tree")
    assert answer.json()["statusCode"] == 405


def test_a_body_over_the_limit_is_a_413(kb: Knowledge) -> None:
    answer = kb.call("POST", "/knowledge/folders", content=b'{"title": "' + b"x" * 2_000_000)
    assert answer.status_code == 413
    assert answer.json()["error"] == "Payload Too Large"


def test_openapi_describes_every_route(server: Server) -> None:
    document = bare("GET", f"{server.url}/v1/openapi.json").json()
    described = {(m.upper(), p) for p, methods in document["paths"].items() for m in methods}
    described = {(m, re.sub(r"\{.*?\}", NOWHERE, p)) for m, p in described}
    assert {call for calls in CALLS.values() for call in calls} | {("GET", "/me")} <= described
    references = {r for r in str(document).split("'") if r.startswith("#/components/schemas/")}
    assert all(r.rpartition("/")[2] in document["components"]["schemas"] for r in references)
    body = document["paths"]["/knowledge/folders"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": "#/components/schemas/FolderBody"}
    assert (
        bare("GET", f"{server.url}/v1/artifacts/openapi.json").json()["info"]["title"]
        != document["info"]["title"]
    )


def test_a_token_is_revoked_whole_and_another_that_begins_alike_stays(server: Server) -> None:
    mine, others = server.client(), server.client()
    ask(server, "UPDATE token SET prefix = %s WHERE prefix = %s", mine.token[:12], others.token[:12])
    refused = server.command("token", "revoke", mine.token[:12], check=False)
    assert refused.returncode == 1
    assert mine.company in refused.stderr
    assert others.company in refused.stderr
    assert Knowledge(mine).call("GET", "/me").status_code == 200
    revoked = server.command("token", "revoke", mine.token)
    assert mine.company in revoked.stdout
    assert Knowledge(mine).call("GET", "/me").status_code == 401
    assert Knowledge(others).call("GET", "/me").status_code == 200
    listed = json.loads(server.command("token", "list", "--company", others.company, "--json").stdout)
    server.command("token", "revoke", listed[0]["id"])
    assert Knowledge(others).call("GET", "/me").status_code == 401


def test_a_token_that_revokes_itself_is_refused_from_the_next_request_on(server: Server) -> None:
    client = server.client(scopes="knowledge:read")
    beside = server.client(company=client.company)
    answer = client.http.delete("/v1/me/token")
    assert (answer.status_code, answer.content) == (204, b"")
    for method, path in (("GET", "/v1/me"), ("DELETE", "/v1/me/token"), ("GET", "/v1/artifacts/list")):
        assert client.http.request(method, path).status_code == 401
    assert beside.http.get("/v1/me").status_code == 200
    listed = server.command("token", "list", "--all", "--company", client.company, check=False).stdout
    assert listed.count("revoked") == 1, listed
