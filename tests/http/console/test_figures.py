"""Overview, deletion by filter, assistants and the server's health as pages: what they show to whom."""

import re

import httpx

from tests.client import Client
from tests.http.console.conftest import Enter
from tests.http.console.pages import assistant
from tests.lifecycle.stored import ask
from tests.server import Server
from tests.waiting import until


def paper(client: Client, title: str, **metadata: object) -> str:
    """The id of a new document that is indexed."""
    body = {"title": title, "markdown": f"# {title}\n\nA line.\n", "metadata": metadata}
    node = client.http.post("/v1/knowledge/documents", json=body).json()
    address = f"/v1/knowledge/nodes/{node['id']}"
    until(lambda: client.http.get(address).json()["last_ingestion"]["status"] == "success")
    return str(node["id"])


def figures(page: httpx.Response) -> list[str]:
    """The numbers in the tiles."""
    return re.findall(r'tile[ \w]*"><b>([^<]*)</b>', page.text)


def chosen(key: str, value: str, **more: str) -> dict[str, str]:
    """A filter with one condition, as the form sends it."""
    return {"folder": "", "collection": "", "key": key, "operator": "==", "value": value, **more}


def test_the_overview_counts_what_is_there_and_shows_how_fast_the_rest_was_erased(
    server: Server, client: Client, enter: Enter
) -> None:
    http = enter(client)
    assert "Nothing to count yet" in http.get("/overview").text
    paper(client, "Kept")
    gone = paper(client, "Gone")
    assert figures(http.get("/overview"))[:2] == ["2", "2"]
    http.post("/delete", data={"id": gone, "erase": "yes"})
    page = http.get("/overview")
    assert (figures(page)[0], figures(page)[3:5]) == ("1", ["0", "0"])
    assert page.text.count("<rect") == page.text.count("<circle") == 1  # a day on which something was erased
    assert "</b> invisible <b" in page.text
    client.http.post("/v1/knowledge/search", json={"query": "line", "mode": "full"})
    assert "in the last hour" in http.get("/overview").text
    assert "1 document erased; usually after" in page.text
    reader = enter(server.client(scopes="knowledge:read", company=client.company)).get("/overview")
    assert figures(reader)[0] == "1"
    assert "<rect" not in reader.text
    assert "Nothing to count yet" in enter(server.client()).get("/overview").text
    folder = client.http.post("/v1/knowledge/folders", json={"title": "Own"}).json()["id"]
    own = server.client(company=client.company, only={folder: True})
    own.http.post("/v1/knowledge/documents", json={"title": "x", "markdown": "x", "parent_id": folder})
    bound = enter(own).get("/overview")
    assert figures(bound)[0] == "1"
    assert "in the last hour" not in bound.text  # the searches are the whole company's


def test_what_is_counted_whole_at_once_is_not_asked_for_again(client: Client, enter: Enter) -> None:
    http = enter(client)
    folder = client.http.post("/v1/knowledge/folders", json={"title": "Papers"}).json()["id"]
    paper(client, "Kept")
    page = http.get("/overview")
    assert ", load" not in page.text  # nothing is left to count
    assert figures(page) == figures(http.get("/overview", params={"exact": "yes"}))
    counted = http.get(f"/folders/{folder}/count").text
    assert re.sub(r"<[^>]*>|\s+", " ", counted).split() == ["0", "documents"]


def test_a_deletion_by_filter_is_looked_at_first_and_ends_with_its_receipt(
    client: Client, enter: Enter
) -> None:
    http = enter(client)
    number, text = paper(client, "As a number", customer=4711), paper(client, "As a text", customer="4711")
    preview = http.post("/deletions/preview", data=chosen("customer", "4711")).text
    assert "1 document matches" in preview
    assert "As a number" in preview
    assert "As a text" in http.post("/deletions/preview", data=chosen("customer", '"4711"')).text
    assert "in quotation marks" in http.post("/deletions/preview", data=chosen("customer", "12")).text
    there = [client.http.get(f"/v1/knowledge/nodes/{id}").status_code for id in (number, text)]
    assert there == [200, 200]

    begun = http.post("/deletions", data=chosen("customer", "4711", erase="yes"))
    assert begun.status_code == 303
    there = [client.http.get(f"/v1/knowledge/nodes/{id}").status_code for id in (number, text)]
    assert there == [404, 200]
    progress = begun.headers["location"].removeprefix("/console")
    until(lambda: "the receipt is signed" in http.get(progress).text)
    (receipt,) = re.findall(r'href="/console(/receipts/[0-9a-f-]{36})"', http.get(progress).text)
    assert "1 document was erased for good." in http.get(receipt).text

    assert client.http.delete(f"/v1/knowledge/nodes/{text}").is_success
    preview = http.post("/deletions/preview", data=chosen("customer", '"4711"')).text
    assert "No document matches" in preview
    assert "1 more is in the trash" in preview


def test_a_filter_that_says_nothing_or_nonsense_deletes_nothing(client: Client, enter: Enter) -> None:
    http = enter(client)
    id = paper(client, "Kept", customer="4711")
    for fields in (
        chosen("", ""),
        chosen("", "4711"),
        chosen("customer", ""),
        chosen("customer", "4711", operator="like"),
        chosen("customer", "x" * 201),
        chosen("customer", "a\0b"),
        chosen("", "", folder="somewhere"),
    ):
        for path in ("/deletions/preview", "/deletions"):
            assert http.post(path, data=fields).status_code == 400, fields
    assert client.http.get(f"/v1/knowledge/nodes/{id}").status_code == 200


def test_a_stranger_deletes_and_sees_nothing_of_it(server: Server, client: Client, enter: Enter) -> None:
    paper(client, "Kept", customer="4711")
    folder = client.http.post("/v1/knowledge/folders", json={"title": "Secret"}).json()["id"]
    helper = assistant(server, client, folder)
    begun = enter(client).post("/deletions", data=chosen("customer", '"none"'))
    stranger = enter(server.client())
    for fields in (chosen("customer", '"4711"'), chosen("", "", folder=folder)):
        assert "No document matches" in stranger.post("/deletions/preview", data=fields).text
    assert "Secret" not in stranger.get("/deletions").text
    assert helper not in stranger.get("/assistants").text
    for path in (begun.headers["location"].removeprefix("/console"), f"/assistants/{helper}"):
        assert stranger.get(path).status_code == 404
    blind = enter(server.client(scopes="knowledge:delete", company=client.company))
    assert blind.get("/deletions").status_code == 403
    assert blind.post("/deletions/preview", data=chosen("customer", '"4711"')).status_code == 403


def test_an_assistant_shows_what_it_was_given_until_that_is_deleted(
    server: Server, client: Client, enter: Enter
) -> None:
    http = enter(client)
    folder = client.http.post("/v1/knowledge/folders", json={"title": "Handbook"}).json()["id"]
    path = f"/assistants/{assistant(server, client, folder)}"
    assert path in http.get("/assistants").text
    assert "Handbook" in http.get(path).text
    looker = enter(server.client(scopes="assistants:read", company=client.company))
    assert "Handbook" not in looker.get(path).text
    assert "It was given 1 " in looker.get(path).text
    client.http.delete(f"/v1/knowledge/nodes/{folder}")
    assert "Handbook" not in http.get(path).text
    assert "It was given nothing yet" in http.get(path).text


def test_every_token_may_see_how_the_server_is_and_what_it_may_do_itself(
    server: Server, client: Client, enter: Enter
) -> None:
    http = enter(server.client(scopes="assistants:read", company=client.company))
    if "look here" in http.get("/about").text:  # the last check met what other tests had under way
        ask(server, "UPDATE reconciliation SET due_at = now()")
    until(lambda: "look here" not in http.get("/about").text)
    page = http.get("/about").text
    assert "PostgreSQL 1" in page
    assert "at work" in page
    rights = re.findall(r'mono beneath">([\w:]+)<.*?</svg>(yes|no)<', page)
    assert [scope for scope, may in rights if may == "yes"] == ["assistants:read"]
    assert ("knowledge:read", "no") in rights
    menu = re.findall(r'<li><a href="/console(/\w+)"', page)
    assert menu == ["/assistants", "/about"]
