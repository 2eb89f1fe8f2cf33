"""Requests as people write them: HEAD, OPTIONS, slashes at the end."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from lethe.api.addresses import Lenient
from lethe.api.streams import Closing
from tests.client import Client, bare
from tests.server import Server
from tests.waiting import until

PATHS = [
    "/health",
    "/ready",
    "/v1/me",
    "/v1/knowledge/tree",
    "/v1/artifacts/list?collection=c",
    "/v1/receipts",
]


@pytest.mark.parametrize("path", [*PATHS, "/v1/openapi.json", "/v1/artifacts/docs"])
def test_head_answers_like_get_without_the_body(client: Client, path: str) -> None:
    until(lambda: client.http.get(path).status_code == 200)  # a worker that stands still makes nothing ready
    got, headed = client.http.get(path), client.http.head(path)
    assert (headed.status_code, headed.content) == (got.status_code, b"") == (200, b"")
    for header in ("content-type", "content-length"):
        assert headed.headers[header] == got.headers[header]
    assert client.http.get(path).status_code == 200  # the connection is still of use


def test_head_is_refused_as_get_is(server: Server, client: Client) -> None:
    assert bare("HEAD", f"{server.url}/v1/me").status_code == 401
    assert client.http.head("/v1/nothing").status_code == 404
    assert client.http.head("/v1/knowledge/search").status_code == 405


@pytest.mark.parametrize("path", PATHS)
def test_a_slash_at_the_end_does_not_count(client: Client, path: str) -> None:
    name, mark, query = path.partition("?")
    until(lambda: client.http.get(f"{name}/{mark}{query}").status_code == 200)
    assert client.http.get(f"{name}/{mark}{query}").history == []


def test_a_slash_at_the_end_does_not_count_for_what_changes_something(client: Client) -> None:
    made = client.http.post("/v1/knowledge/folders/", json={"title": "F"})
    assert made.status_code == 201
    assert client.http.delete(f"/v1/knowledge/nodes/{made.json()['id']}/").status_code == 204
    assert client.http.get("/v1/knowledge/tree//").status_code == 404
    assert client.http.get("/v1/artifacts/").status_code == 404


def test_pages_lead_to_their_address(server: Server) -> None:
    answer = bare("GET", f"{server.url}/v1/docs/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/v1/docs")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/knowledge/nodes/" + "0" * 24, "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("/v1/knowledge/search", "OPTIONS, POST"),
        ("/v1/artifacts/list", "GET, HEAD, OPTIONS"),
        ("/v1/primitives/search", "OPTIONS, POST"),
    ],
)
def test_options_and_a_405_name_all_methods_of_an_address(client: Client, path: str, allowed: str) -> None:
    answer = client.http.options(path)
    assert (answer.status_code, answer.headers["allow"]) == (204, allowed)
    answer = client.http.put(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_options_of_nothing_is_a_404(client: Client) -> None:
    assert client.http.options("/v1/nothing").status_code == 404


async def test_head_reads_nothing_of_a_long_answer() -> None:
    closed = []

    async def pieces() -> AsyncIterator[bytes]:
        closed.append("read")
        yield b"abc"

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        long = Closing(pieces(), lambda: closed.append("closed"), headers={"Content-Length": "3"})
        await long(scope, receive, send)

    app = httpx.ASGITransport(Lenient(answer, [], ""))
    async with httpx.AsyncClient(transport=app, base_url="http://lethe") as http:
        headed = await http.head("/")
        assert (headed.headers["Content-Length"], headed.content, closed) == ("3", b"", ["closed"])
        assert (await http.get("/")).content == b"abc"
