"""The console's pages, and a company with something to show on each of them."""

import json
from base64 import b64encode

from tests.client import Client
from tests.http.console.window import NOWHERE
from tests.server import Server
from tests.waiting import until

PAGES = (
    "/library",
    "/library/{folder}",
    "/documents/{document}",
    "/documents/{document}/chunks",
    "/documents/{broken}",
    "/search",
    "/search?q=lost+key&way=beside",
    "/trash",
    "/receipts",
    "/receipts/{receipt}",
    "/receipts/00000000-0000-4000-8000-000000000000",
    "/tasks",
    "/tasks/{batch}",
    "/tokens",
    "/overview",
    "/deletions",
    "/deletions/{deletion}",
    "/assistants",
    "/assistants/{assistant}",
    "/about",
    NOWHERE,
)
"""With the names of what `filled` returns."""

POLICY = """# Keys and cancelling

How we treat what our guests lose and change.

## Lost keys

Whoever loses a key pays **forty euros**; the lock is changed the same day.

| what | price |
| --- | --- |
| room key | 40 € |
| key of the boat shed | 65 € |

## Cancelling

- Until the evening before: free of charge.
- Later: half of the first night, *unless* the ferry does not run.

> The season begins at Easter and ends with the first storm.
"""


def filled(server: Server, client: Client) -> dict[str, str]:
    """Make documents in every state, an assistant and a deletion; the ids of what pages are about."""
    knowledge = "/v1/knowledge"

    def document(title: str, markdown: str, parent_id: str | None = None) -> str:
        body = {
            "title": title,
            "markdown": markdown,
            "parent_id": parent_id,
            "metadata": {"season": "summer"},
        }
        return str(client.http.post(f"{knowledge}/documents", json=body).json()["id"])

    folder = client.http.post(f"{knowledge}/folders", json={"title": "Handbook"}).json()["id"]
    made = {
        "folder": str(folder),
        "document": document("Keys and cancelling", POLICY, folder),
        "erased": document("Guests of last year", "# Guests\n\nTheir names.\n", folder),
        "trashed": document("Prices of last year", "# Prices\n\nA room for 80 €.\n"),
    }
    form = {"file": ("boats.pdf", b"%PDF-1.7 this is no pdf")}
    made["broken"] = str(client.http.post(f"{knowledge}/documents/upload", files=form).json()["id"])
    for id in made.values():
        until(lambda id=id: ended(client, id))  # type: ignore[misc]
    client.http.delete(f"{knowledge}/nodes/{made['erased']}")
    made["receipt"] = client.http.delete(f"{knowledge}/trash/{made['erased']}").headers["lethe-receipt"]
    wanted = {"filter": {"node_ids": [made["trashed"]]}, "mode": "trash"}
    deletion = client.http.post(f"{knowledge}/deletions", json=wanted).json()["task_id"]
    until(lambda: client.http.get(f"{knowledge}/deletions/{deletion}").json()["status"] == "success")
    return {
        **made,
        "deletion": str(deletion),
        "batch": batch(client),
        "assistant": assistant(server, client, made["folder"]),
    }


def batch(client: Client) -> str:
    """The task of a batch of two letters that has ended; the first of them cannot be read."""
    letters = [
        {"artifact": name, "collection": "letters", "input": {"type": type, "value": value}}
        for name, type, value in (
            ("torn-letter.pdf", "file", b64encode(b"%PDF-1.4\n").decode()),
            ("letter-of-thanks.md", "text", "# Thanks\n\nThe boat was found.\n"),
        )
    ]
    sent = client.http.post("/v1/artifacts/ingest/batch", json={"documents": letters})
    task = str(sent.json()["task_id"])
    address = f"/v1/artifacts/ingest/batch/{task}"
    until(lambda: client.http.get(address).json()["task_status"] not in ("PENDING", "STARTED"))
    return task


def assistant(server: Server, client: Client, *node_ids: str) -> str:
    """The id of a new assistant whose workers were given these nodes."""
    command = ("assistant", "create", "--company", client.company, "--name", "Reception", "--json")
    id = str(json.loads(server.command(*command).stdout)["id"])
    body = {"assistant_id": id, "node_ids": node_ids}
    assert client.http.post("/v1/knowledge/assignments", json=body).status_code == 200
    return id


def ended(client: Client, id: str) -> bool:
    """Whether nothing is being done about a node."""
    last = client.http.get(f"/v1/knowledge/nodes/{id}").json()["last_ingestion"]
    return last is None or last["status"] not in ("pending", "started")
