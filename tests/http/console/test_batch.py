"""A batch in the list of tasks, and its own page."""

import re

from tests.client import Client
from tests.http.console.conftest import Enter
from tests.http.console.pages import batch
from tests.server import Server


def rows(page: str) -> list[tuple[str, str]]:
    """Name and state of each document on the page of a batch."""
    found = re.findall(
        r'class="name[^>]*><svg.*?</svg><span>([^<]*)<.*?class="badge[^>]*><svg.*?</svg>([^<]*)<',
        page,
        re.DOTALL,
    )
    return [(name.strip(), state.strip()) for name, state in found]


def test_the_row_of_a_batch_opens_its_documents_with_their_states(
    server: Server, client: Client, enter: Enter
) -> None:
    task, http = batch(client), enter(client)
    assert f'href="/console/tasks/{task}"' in http.get("/tasks").text
    page = http.get(f"/tasks/{task}").text
    assert rows(page) == [("torn-letter.pdf", "Failed"), ("letter-of-thanks.md", "Ready")]
    assert "is damaged" in page
    assert rows(http.get(f"/tasks/{task}", params={"status": "failure"}).text) == [
        ("torn-letter.pdf", "Failed")
    ]
    (id,) = re.findall(r"/documents/(\w{24})", page)
    client.http.delete(f"/v1/knowledge/nodes/{id}")
    assert "letter-of-thanks" not in http.get(f"/tasks/{task}").text
    assert enter(server.client()).get(f"/tasks/{task}").status_code == 404


def test_what_is_no_batch_has_no_such_page(client: Client, enter: Enter) -> None:
    id = client.http.post("/v1/knowledge/documents", json={"title": "x", "markdown": "x"}).json()["id"]
    (task,) = (it["id"] for it in client.http.get("/v1/tasks").json()["items"] if it["node_id"] == id)
    for wrong in (task, "x"):
        assert enter(client).get(f"/tasks/{wrong}").status_code == 404
