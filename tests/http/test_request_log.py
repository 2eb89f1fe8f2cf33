"""One line in the log for each request, found by an id that caller and operator share."""

import re
from uuid import uuid4

import pytest

from tests.client import Client
from tests.server import Server
from tests.waiting import until


def test_a_request_is_one_line_with_its_route_and_no_content(server: Server, client: Client) -> None:
    id = f"abc-{uuid4().hex}"
    answer = client.http.get(
        "/v1/artifacts/list", params={"collection": "secret name"}, headers={"X-Request-Id": id}
    )
    assert answer.headers["X-Request-Id"] == id
    until(lambda: re.search(rf"{id}.*\n", server.log))
    (line,) = [line for line in server.log.splitlines() if id in line]
    assert "route=/v1/artifacts/list" in line
    assert "status=200" in line
    assert client.token[:12] in line
    assert client.token not in server.log
    assert "secret" not in line


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/console/receipts/some-word", "/console/receipts/{receipt_id}"),
        ("/console/enter/some-word", "/console/enter/{secret}"),
        ("/console/some-word", "None"),
    ],
)
def test_a_page_of_the_console_is_logged_with_its_route(
    server: Server, client: Client, path: str, route: str
) -> None:
    id = uuid4().hex
    client.http.get(path, headers={"X-Request-Id": id})
    until(lambda: re.search(rf"{id}.*\n", server.log))
    (line,) = [line for line in server.log.splitlines() if id in line]
    assert f"route={route} " in line
    assert "some-word" not in line


def test_an_id_that_could_forge_a_line_is_not_taken(server: Server, client: Client) -> None:
    answer = client.http.get("/v1/me", headers={"X-Request-Id": "a b=c"})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-Id"])
    until(lambda: answer.headers["X-Request-Id"] in server.log)


def test_the_end_of_an_ingestion_is_logged_without_its_sentence(server: Server, client: Client) -> None:
    body = {"artifact": "a", "metadata": {"file_name": "john-doe.docx"}}
    body["input"] = {"type": "file", "value": "AAAA"}
    task = client.post("/ingest/async", {"ingest_body": body}).json()["task_id"]
    client.ended("ingest", task)
    until(lambda: task in server.log)
    (line,) = [line for line in server.log.splitlines() if task in line]
    assert "outcome=rejected" in line
    assert "john-doe" not in server.log
