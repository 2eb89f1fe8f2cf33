"""Metadata as people write it: changed on a document's page, and searched by."""

import html
import json
import re

import httpx

from tests.client import Client
from tests.http.console.conftest import Enter
from tests.server import Server
from tests.waiting import until


def paper(client: Client, title: str, text: str, **metadata: object) -> str:
    """The id of a new document that is indexed."""
    body = {"title": title, "markdown": text, "metadata": metadata}
    node = client.http.post("/v1/knowledge/documents", json=body).json()
    address = f"/v1/knowledge/nodes/{node['id']}"
    until(lambda: client.http.get(address).json()["last_ingestion"]["status"] == "success")
    return str(node["id"])


def metadata(client: Client, id: str) -> object:
    """What the API says of it."""
    return client.http.get(f"/v1/knowledge/nodes/{id}").json()["metadata"]


def shown(dialog: httpx.Response) -> dict[str, list[str]]:
    """The lines of the dialog, as the form sends them back."""
    found = re.findall(r'name="(key|value)"[^>]*? value="([^"]*)"', dialog.text)
    lines: dict[str, list[str]] = {"key": [], "value": []}
    for name, value in found:
        lines[name].append(html.unescape(value))
    return lines


def hits(page: httpx.Response) -> list[str]:
    """The titles of what a search found."""
    return re.findall(r'#here">([^<]*)</a>', page.text)


def test_metadata_is_changed_on_the_page_and_searched_by_at_once(
    server: Server, client: Client, enter: Enter
) -> None:
    http = enter(client)
    id = paper(
        client, "Keys", "# Keys\n\nA lost key costs forty euros.", year=2020, tags=["a", "b"], code="7"
    )
    address = f"/documents/{id}/metadata"
    lines = shown(http.get(address))
    assert lines["key"][:3] == ["code", "tags", "year"]
    assert lines["value"][:3] == ['"7"', '["a", "b"]', "2020"]
    http.post(address, data={"key": [*lines["key"], "customer"], "value": [*lines["value"], "Ana"]})
    assert metadata(client, id) == {"year": 2020, "tags": ["a", "b"], "code": "7", "customer": "Ana"}

    def found(value: str) -> list[str]:
        asked = {"q": "lost key", "way": "full", "key0": "customer", "operator0": "==", "value0": value}
        return hits(http.get("/search", params=asked))

    assert (found("Ana"), found("Eva")) == (["Keys"], [])
    assert http.post(address, data={"key": ["customer", ""], "value": ["Eva", "x"]}).status_code == 200
    assert metadata(client, id) == {"customer": "Eva"}
    assert (found("Ana"), found("Eva")) == ([], ["Keys"])
    reader = enter(server.client(scopes="knowledge:read", company=client.company))
    assert "Edit the metadata" not in reader.get(f"/documents/{id}").text
    assert reader.post(address, data={"key": "x", "value": "y"}).status_code == 403


def test_metadata_that_cannot_be_stored_is_refused_with_the_reason(client: Client, enter: Enter) -> None:
    http, id = enter(client), paper(client, "Keys", "# Keys", year=2020)
    for key, value, reason in (
        (["title"], ["x"], "which the server sets"),
        (["a", "a"], ["1", "2"], "twice"),
        (["a"], ["x" * 70_000], "at most"),
        (["a"], ["[" * 20 + "]" * 20], "nested"),
        (["a\0"], ["1"], "NUL"),
    ):
        answer = http.post(f"/documents/{id}/metadata", data={"key": key, "value": value})
        assert (answer.status_code, reason in answer.text) == (400, True), answer.text
    assert metadata(client, id) == {"year": 2020}
    assert enter(client).get(f"/documents/{'0' * 24}/metadata").status_code == 404


def test_a_search_looks_only_in_a_folder_a_language_and_where_all_conditions_hold(
    client: Client, enter: Enter
) -> None:
    http = enter(client)
    spanish = "Quien pierde una llave de la casa paga por ella y por la cerradura, como se lee en la entrada."
    english = (
        "Whoever loses the llave of a house has to pay for it and for the lock, as is written at the door."
    )
    paper(client, "Llaves", spanish, year=2020)
    id = paper(client, "Keys", english, year=2024)
    folder = client.http.post("/v1/knowledge/folders", json={"title": "House"}).json()["id"]
    client.http.patch(f"/v1/knowledge/nodes/{id}", json={"parent_id": folder})

    def found(**asked: str) -> list[str]:
        return sorted(hits(http.get("/search", params={"q": "llave", "way": "full", **asked})))

    assert found() == ["Keys", "Llaves"]
    assert found(language="es") == ["Llaves"]
    assert found(language="en") == found(**{"in": folder}) == ["Keys"]
    assert found(key0="year", operator0=">", value0="2021") == ["Keys"]
    assert found(language="es", key0="year", operator0=">", value0="2021") == []
    page = http.get("/search", params={"q": "llave", "way": "full", "language": "es"}).text
    command = html.unescape(re.findall(r'data-copy="([^"]*)"', page)[-1])
    assert json.loads(command.split("'")[3]) == {"query": "llave", "mode": "full", "language": "es"}
    by_api = client.http.post(
        "/v1/knowledge/search", json={"query": "llave", "mode": "full", "language": "es"}
    ).json()["results"]
    assert [result["title"] for result in by_api] == ["Llaves"]
    wrong = http.get("/search", params={"q": "llave", "key0": "year", "operator0": "==", "value0": ""})
    assert (wrong.status_code, "A condition needs a value." in wrong.text) == (200, True)
