"""A caller of the Knowledge API, as tests use it."""

from typing import Any

import httpx

from tests.client import Client
from tests.waiting import until

NOWHERE = "0" * 24


class Knowledge:
    """The Knowledge API for one company; `artifacts` is the other door for the same company."""

    def __init__(self, client: Client) -> None:
        self.artifacts = client
        self.company = client.company
        self._http = client.http

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """A call below /v1."""
        if body is not None:
            more["json"] = body
        return self._http.request(method, f"/v1{path}", **more)

    def folder(self, title: str, parent: str | None = None) -> str:
        """A new folder's id."""
        return self._made("/knowledge/folders", {"title": title, "parent_id": parent})

    def document(self, title: str, parent: str | None = None, markdown: str = "# Text\n\nwords\n") -> str:
        """A new document's id."""
        return self._made("/knowledge/documents", {"title": title, "parent_id": parent, "markdown": markdown})

    def _made(self, path: str, body: Any) -> str:
        answer = self.call("POST", path, body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def indexed(self, *nodes: str) -> None:
        """Wait until the ingestions of these documents have succeeded."""
        for node in nodes:
            until(lambda n=node: self.node(n)["last_ingestion"]["status"] == "success")  # type: ignore[misc]

    def node(self, node: str, **params: Any) -> dict[str, Any]:
        """A node with its details."""
        answer = self.call("GET", f"/knowledge/nodes/{node}", params=params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def there(self, node: str) -> bool:
        """True when the node can be asked for."""
        return self.call("GET", f"/knowledge/nodes/{node}").status_code == 200

    def text(self, node: str) -> str | None:
        """A document's text."""
        text: str | None = self.node(node, include="markdown")["markdown"]
        return text

    def delete(self, node: str) -> httpx.Response:
        """Put into the trash."""
        return self.call("DELETE", f"/knowledge/nodes/{node}")

    def restore(self, node: str, **body: Any) -> httpx.Response:
        """Bring back from the trash."""
        return self.call("POST", f"/knowledge/nodes/{node}/restore", body or None)

    def change(self, node: str, **body: Any) -> httpx.Response:
        """Rename, move, reorder."""
        return self.call("PATCH", f"/knowledge/nodes/{node}", body)

    def tree(self, **params: Any) -> list[dict[str, Any]]:
        """The tree's items."""
        answer = self.call("GET", "/knowledge/tree", params=params)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def shape(self, **params: Any) -> Any:
        """The tree as titles: {title: {title: {...}}} in order."""

        def of(items: list[dict[str, Any]]) -> Any:
            return {item["title"]: of(item["children"]) for item in items}

        return of(self.tree(**params))

    def trash(self) -> list[str]:
        """Titles of what is in the trash."""
        return [item["title"] for item in self.call("GET", "/knowledge/trash").json()["items"]]
