"""Tokens, scopes, rates, and the tokens' commands."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.client import Client, bare
from tests.server import Server
from tests.waiting import until


@pytest.fixture(autouse=True)
def _closed_clients(server: Server) -> Iterator[None]:
    yield
    server.close_clients()


CALLS = {
    "knowledge:write": [("POST", "/ingest"), ("POST", "/ingest/async"), ("GET", "/ingest/async/x")],
    "knowledge:read": [("GET", "/list?collection=c"), ("POST", "/content"), ("POST", "/chunked-content")],
    "knowledge:delete": [("POST", "/delete"), ("POST", "/delete/async"), ("GET", "/delete/async/x")],
}


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer x", "Basic eDp4", "Bearer kbai_pk_" + "0" * 64, "Bearer \xe9"]
)
def test_without_a_valid_token_every_call_is_a_401(server: Server, header: str | None) -> None:
    for method, path in [call for calls in CALLS.values() for call in calls]:
        headers = {} if header is None else {"Authorization": header.encode("latin-1")}
        answer = bare(method, f"{server.url}/v1/artifacts{path}", headers=headers)
        assert answer.status_code == 401, path
        assert answer.headers["WWW-Authenticate"] == 'Bearer, Basic realm="Lethe", charset="UTF-8"'
        assert set(answer.json()) == {"detail"}


def test_the_token_is_looked_at_before_the_body(server: Server) -> None:
    for method, path in [call for calls in CALLS.values() for call in calls if call[0] == "POST"]:
        assert bare(method, f"{server.url}/v1/artifacts{path}", content=b"{bad").status_code == 401


def test_a_head_without_end_is_refused(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n")
        endless = b"".join(b"X-%d: " % i + b"a" * 1000 + b"\r\n" for i in range(20_000))
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            connection.sendall(endless)


@pytest.mark.parametrize("door", ["/v1/artifacts", "/v1/primitives", "/v1/tools", "/v1", "/retrieval"])
def test_the_page_of_an_api_loads_nothing_from_the_host_that_a_request_names(
    server: Server, door: str
) -> None:
    page = bare("GET", f"{server.url}{door}/docs", headers={"Host": "evil.example"})
    assert page.status_code == 200
    assert "evil.example" not in page.text
    assert bare("GET", f"{server.url}{door}/swagger/swagger-ui-bundle.js").status_code == 200


def test_a_token_without_the_scope_gets_a_403(server: Server) -> None:
    for scope, calls in CALLS.items():
        others = ",".join(s for s in [*CALLS, "knowledge:query"] if s != scope)
        client = server.client(scopes=others)
        for method, path in calls:
            body = {
                "collection": "c",
                "artifact": "a",
                "context_filter": {},
                "delete_body": {"collection": "c", "artifact": "a"},
            }
            answer = client.http.request(
                method, f"/v1/artifacts{path}", json=body if method == "POST" else None
            )
            assert answer.status_code == 403, (path, answer.text)
            assert scope in answer.json()["detail"]


def test_over_its_rate_a_token_gets_a_429_with_retry_after(server: Server) -> None:
    client = server.client(rate="5/hour")
    answers = [client.get("/list", collection="c") for _ in range(12)]
    limited = [a for a in answers if a.status_code == 429]
    assert 2 <= len(limited) <= 7  # the hour may turn in between
    assert all(1 <= int(a.headers["Retry-After"]) <= 3600 for a in limited)
    assert set(limited[0].json()) == {"detail"}


def test_a_revoked_token_is_refused_at_once(server: Server) -> None:
    client = server.client()
    assert client.get("/list", collection="c").status_code == 200
    server.command("token", "revoke", client.token[:12])
    assert client.get("/list", collection="c").status_code == 401
    again = server.command("token", "revoke", client.token[:12], check=False)
    assert again.returncode == 1
    assert "No valid token" in again.stderr


def test_a_token_is_made_with_its_company_and_shown_once(server: Server) -> None:
    made = json.loads(
        server.command(
            "token", "create", "--company", "Ácme", "--name", "ci", "--scopes", "knowledge:read,knowledge:query",
            "--expires", "90d", "--json",
        ).stdout
    )  # fmt: skip
    assert made["token"].startswith("kbai_pk_")
    assert made["prefix"] == made["token"][:12]
    assert made["company"] == "Ácme"
    assert made["scopes"] == ["knowledge:read", "knowledge:query"]
    assert made["rate"] == {"minute": 60, "hour": 1000}
    assert made["expires_at"] is not None
    listed = server.command("token", "list", "--company", "Ácme").stdout
    assert made["prefix"] in listed
    assert made["token"] not in listed
    assert made["token"] not in server.log


@pytest.mark.parametrize(
    "args",
    [
        ["--scopes", "everything"],
        ["--scopes", "all", "--rate", "fast"],
        ["--scopes", "all", "--expires", "soon"],
        ["--scopes", "all", "--company", ""],
    ],
)
def test_a_token_that_makes_no_sense_is_refused_with_a_sentence(server: Server, args: list[str]) -> None:
    company = [] if "--company" in args else ["--company", "x"]
    done = server.command("token", "create", *company, "--name", "n", *args, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("lethe: ")
    assert "Traceback" not in done.stderr


def test_companies_do_not_see_each_other(server: Server, client: Client) -> None:
    other = server.client()
    client.ingest("mine", "text")
    other.ingest("theirs", "text")
    assert client.listed() == ["mine"]
    assert other.listed() == ["theirs"]
    assert other.text("mine") is None
    assert (
        other.post("/content", {"context_filter": {"collection": "c"}}).json()["data"][0]["artifact_id"]
        == "theirs"
    )


def test_openapi_describes_every_route_with_examples(server: Server) -> None:
    document = bare("GET", f"{server.url}/v1/artifacts/openapi.json").json()
    paths = {(m.upper(), p) for p, methods in document["paths"].items() for m in methods}
    assert paths == {
        ("POST", "/ingest"), ("POST", "/ingest/async"), ("GET", "/ingest/async/{task_id}"), ("GET", "/list"),
        ("POST", "/delete"), ("POST", "/delete/async"), ("GET", "/delete/async/{task_id}"),
        ("POST", "/content"), ("POST", "/chunked-content"), ("GET", "/readers"), ("POST", "/convert"),
        ("POST", "/ingest/batch"), ("GET", "/ingest/batch/{task_id}"), ("POST", "/delete/batch"),
    }  # fmt: skip
    body = document["paths"]["/ingest"]["post"]["requestBody"]["content"]
    assert set(body) == {"application/json", "multipart/form-data"}
    reference = body["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert document["components"]["schemas"][reference]["properties"]["artifact"]["examples"]
    doors = bare("GET", f"{server.url}/").json()["docs"]
    assert set(doors) == {"artifacts", "primitives", "tools", "knowledge", "dify"}
    for path in ("/docs", *doors.values()):
        page = bare("GET", f"{server.url}{path}", follow_redirects=True)
        assert page.status_code == 200
        assert "swagger" in page.text.lower()
        assert "cdn" not in page.text


def test_health_and_ready_need_no_token(server: Server) -> None:
    for base in ("", "/v1"):
        assert bare("GET", f"{server.url}{base}/health").json() == {"status": "ok"}
        until(lambda url=f"{server.url}{base}/ready": bare("GET", url).json() == {"status": "ready"})  # type: ignore[misc]


def test_a_body_that_is_no_object_is_told_so_in_words_of_json(client: Client) -> None:
    bodies: list[Any] = [[], {"context_filter": []}]
    for body in bodies:
        (fault,) = client.http.post("/v1/artifacts/content", json=body).json()["detail"]
        assert fault["msg"] == "Input should be an object"


def test_a_body_over_the_limit_is_refused_without_being_read_whole(client: Client) -> None:
    answer = client.http.post("/v1/artifacts/delete", content=b'{"collection": "' + b"x" * 2_000_000)
    assert answer.status_code == 413
    assert set(answer.json()) == {"detail"}
