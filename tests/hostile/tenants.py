"""What a stranger may try: every route with the ids of another company, and the answer that it gets.

A new route needs a line here: `test_every_route_has_its_line` fails without one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from lethe.core import cursors
from lethe.domain.ids import object_id
from tests.client import Client, body
from tests.http.knowledge.assistants import new_assistant
from tests.http.knowledge.knowledge import Knowledge
from tests.server import Server
from tests.waiting import until

Ids = Mapping[str, str]
"""What the placeholders of the lines stand for."""

MARK = "zarzamora"
"""In every name and text that the other company has, and nowhere else."""


_CHOSEN_BY_THE_SERVER = re.compile(
    r'whsec_[A-Za-z0-9+/=]+|msg_[0-9a-f]{32}|(?<="salt_id":")[0-9a-f]{16}|(?<="salt":")[0-9a-f]{64}|'
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{24}|\d{4}-\d\d-\d\dT[\d:.]+Z"
)

_ACCEPTED = {"Accept": "application/json, text/event-stream"}


@dataclass(frozen=True)
class Line:
    """A call with placeholders in its path, query and body, the scope it needs, and the status a stranger gets.

    With `holds`, this is in the answer, which has then no id of the request in it.
    """

    call: str
    scope: str | None
    status: int
    body: Any = None
    query: Any = None
    form: Any = None
    holds: Any = None

    def send(self, http: httpx.Client, ids: Ids) -> httpx.Response:
        """Call with these ids."""
        method, path = filled(self.call, ids).split(" ")
        files = {"file": ("note.md", b"# Note\n\nwords\n")} if self.form is not None else None
        return http.request(
            method, path, json=filled(self.body, ids), params=filled(self.query, ids),
            data=filled(self.form, ids), files=files, headers=_ACCEPTED,
        )  # fmt: skip


READ, QUERY, WRITE, DELETE = "knowledge:read", "knowledge:query", "knowledge:write", "knowledge:delete"
MANAGE = "webhooks:manage"
NAMED = {"collection": "{collection}", "artifact": "{artifact}"}
TEXT = {"type": "text", "value": "words"}
CHOSEN = {"context_filter": {"collection": "{collection}"}}
CHOSEN_ONE = {"context_filter": {"collection": "{collection}", "artifacts": ["{artifact}"]}}
SEARCH = {"query": MARK, "mode": "hybrid"}
RETRIEVAL = {"query": MARK, "retrieval_setting": {"top_k": 5, "score_threshold": 0}}
NO_PASSAGE = {
    "content": [{"type": "text", "text": "No results found for the query.", "citations": []}],
    "is_error": False,
}
ALL_BY_WORDS = {"type": "keywords_search", "keywords": MARK}


def rpc(method: str, **params: Any) -> Any:
    """A call by the Model Context Protocol."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


LINES = [
    # names of another company are free for one's own collections and documents
    Line("POST /v1/knowledge/folders", WRITE, 201, {"title": "{collection}"}),
    Line("POST /v1/artifacts/ingest", WRITE, 200, {**NAMED, "input": TEXT}),
    Line("POST /v1/artifacts/ingest", WRITE, 200, form=NAMED),
    Line("POST /v1/artifacts/ingest/async", WRITE, 200, {"ingest_body": {**NAMED, "input": TEXT}}),
    Line("POST /v1/artifacts/ingest/batch", WRITE, 202, {"documents": [{**NAMED, "input": TEXT}]}),
    Line("GET /v1/artifacts/ingest/batch/{batch}", WRITE, 404),
    Line("GET /v1/artifacts/ingest/batch/{ingestion}", WRITE, 404),
    Line("GET /v1/artifacts/ingest/async/{ingestion}", WRITE, 404),
    Line("GET /v1/artifacts/ingest/async/{deletion}", WRITE, 404),
    Line("GET /v1/artifacts/delete/async/{deletion}", DELETE, 404),
    Line("GET /v1/artifacts/delete/async/{ingestion}", DELETE, 404),
    Line("POST /v1/artifacts/delete", DELETE, 404, NAMED),
    Line("POST /v1/artifacts/delete", DELETE, 404, {**NAMED, "artifact": "{document}"}),
    Line("POST /v1/artifacts/delete/async", DELETE, 200, {"delete_body": NAMED}),
    Line("POST /v1/artifacts/delete/batch", DELETE, 200,
         {"collection": "{collection}", "artifacts": ["{artifact}", "{document}"]},
         holds={"erased": 0, "data": [{"erased": False, "receipt_id": None}] * 2}),
    Line("GET /v1/artifacts/list", READ, 200, query={"collection": "{collection}"}, holds={"data": []}),
    Line("GET /v1/artifacts/list", READ, 200, query={"collection": "{collection}", "limit": "5", "cursor": "{cursor}"},
         holds={"data": []}),
    Line("POST /v1/artifacts/content", READ, 200, CHOSEN, holds={"data": []}),
    Line("POST /v1/artifacts/content", READ, 404, CHOSEN_ONE),
    Line("POST /v1/artifacts/content", READ, 200,
         {"context_filter": {"collection": "{collection}",
                             "metadata_filter": [{"key": "file_name", "operator": "!=", "value": "x"}]}},
         holds={"data": []}),
    Line("POST /v1/artifacts/chunked-content", READ, 200, CHOSEN, holds={"data": []}),
    Line("POST /v1/artifacts/chunked-content", READ, 404, CHOSEN_ONE),
    Line("GET /v1/artifacts/readers", READ, 200),
    Line("POST /v1/artifacts/convert", WRITE, 200, {"input": TEXT}),
    # searches
    Line("POST /v1/primitives/search", QUERY, 200, ALL_BY_WORDS, holds={"data": []}),
    Line("POST /v1/primitives/search", QUERY, 200, {"type": "semantic_search", "text": MARK, **CHOSEN_ONE},
         holds={"data": []}),
    Line("POST /v1/primitives/search", QUERY, 200, {"type": "hybrid_search", "text": MARK, **CHOSEN},
         holds={"data": []}),
    *(Line("POST /v1/tools/semantic-search", QUERY, 200, {"query": MARK, **chosen}, holds=NO_PASSAGE)
      for chosen in (CHOSEN, CHOSEN_ONE)),
    *(Line("POST /retrieval", QUERY, 404, {**RETRIEVAL, "knowledge_id": knowledge}, holds={"error_code": 2001})
      for knowledge in ("{collection}", "{folder}", "{root}", "{document}")),
    Line("POST /v1/embeddings", QUERY, 200, {"input": "words"}),
    Line("GET /v1/models", None, 200),
    Line("GET /v1/models/{model}", None, 200),
    Line("POST /v1/knowledge/search", QUERY, 200, SEARCH, holds={"results": []}),
    Line("POST /v1/knowledge/search", QUERY, 200,
         {**SEARCH, "node_ids": ["{folder}", "{document}", "{root}", "{trashed}"]}, holds={"results": []}),
    Line("POST /v1/knowledge/search", QUERY, 404, {**SEARCH, "assistant_id": "{assistant}"}),
    # the tree
    Line("GET /v1/knowledge/tree", READ, 200, holds={"items": []}),
    Line("GET /v1/knowledge/tree", READ, 404, query={"parent_id": "{folder}"}),
    Line("POST /v1/knowledge/folders", WRITE, 404, {"title": "x", "parent_id": "{folder}"}),
    Line("POST /v1/knowledge/documents", WRITE, 404, {"title": "x", "parent_id": "{folder}", "markdown": "x"}),
    Line("POST /v1/knowledge/documents/upload", WRITE, 404, form={"parent_id": "{folder}"}),
    Line("PUT /v1/knowledge/documents/{document}", WRITE, 404, {"markdown": "x"}),
    Line("PUT /v1/knowledge/documents/{folder}", WRITE, 404, {"markdown": "x"}),
    *(Line(f"GET /v1/knowledge/nodes/{{{node}}}", READ, 404, query={"include": "markdown"})
      for node in ("folder", "document", "trashed", "root")),
    *(Line(f"GET /v1/knowledge/nodes/{{{node}}}/original", READ, 404)
      for node in ("folder", "document", "trashed", "root")),
    *(Line(f"PATCH /v1/knowledge/nodes/{{{node}}}", WRITE, 404, {"title": "x", "position": 0})
      for node in ("folder", "document", "trashed")),
    Line("PATCH /v1/knowledge/nodes/{document}", WRITE, 404, {"parent_id": "{folder}"}),
    Line("PATCH /v1/knowledge/nodes/{document}", WRITE, 404, {"parent_id": None}),
    *(Line(f"DELETE /v1/knowledge/nodes/{{{node}}}", DELETE, 404) for node in ("folder", "document", "trashed")),
    # the trash
    Line("GET /v1/knowledge/trash", WRITE, 200, holds={"items": []}),
    Line("GET /v1/knowledge/trash", WRITE, 200, query={"cursor": "{cursor}"}, holds={"items": []}),
    *(Line(f"POST /v1/knowledge/nodes/{{{node}}}/restore", WRITE, 404, {"title": "x", "parent_id": None})
      for node in ("trashed", "document")),
    *(Line(f"DELETE /v1/knowledge/trash/{{{node}}}", DELETE, 404) for node in ("trashed", "document")),
    # deletions by filter, and receipts
    *(Line("POST /v1/knowledge/deletions", DELETE, status, {"filter": chosen, "mode": "erase", "dry_run": dry},
           holds={"documents": 0})
      for dry, status in ((True, 200), (False, 202))
      for chosen in ({"collection": "{collection}"}, {"node_ids": ["{folder}", "{document}", "{trashed}"]},
                     {"metadata": [{"key": "artifact_id", "operator": "==", "value": "{artifact}"}]})),
    Line("GET /v1/knowledge/deletions/{by_filter}", DELETE, 404),
    Line("GET /v1/knowledge/deletions/{deletion}", DELETE, 404),
    Line("GET /v1/receipts", DELETE, 200, holds={"items": []}),
    Line("GET /v1/receipts", DELETE, 200, query={"collection": "{collection}", "artifact": MARK + "-gone"},
         holds={"items": []}),
    Line("GET /v1/receipts/{receipt}", DELETE, 404),
    Line("GET /v1/receipts/key", DELETE, 200),
    Line("GET /v1/receipts/salt", DELETE, 200),
    Line("GET /v1/erasures", DELETE, 200, holds={"items": []}),
    Line("GET /v1/erasures", DELETE, 409, query={"after": "{erased}"}),
    # webhooks
    Line("POST /v1/webhooks", MANAGE, 201, {"url": "https://zarz.example.org/x"}),
    Line("GET /v1/webhooks", "webhooks:read", 200, holds={"items": []}),
    Line("GET /v1/webhooks/deliveries", "webhooks:read", 200, holds={"items": []}),
    Line("GET /v1/webhooks/deliveries", "webhooks:read", 200, query={"webhook_id": "{webhook}"}, holds={"items": []}),
    *(Line(f"POST /v1/webhooks/{{webhook}}/{what}", MANAGE, 404) for what in ("rotate", "test")),
    Line("DELETE /v1/webhooks/{webhook}", MANAGE, 404),
    Line("POST /v1/webhooks/deliveries/{delivery}/redeliver", MANAGE, 404),
    Line("GET /v1/tasks", READ, 200, holds={"items": []}),
    *(Line(f"GET /v1/tasks/{{{task}}}", READ, 404) for task in ("ingestion", "deletion", "by_filter")),
    # assistants
    Line("GET /v1/me", None, 200),
    Line("GET /v1/assistants", "assistants:read", 200, holds={"items": [], "total": 0}),
    Line("GET /v1/assistants", "assistants:read", 200, query={"q": MARK[:4]}, holds={"items": [], "total": 0}),
    Line("POST /v1/knowledge/assignments", "knowledge:assign", 404,
         {"assistant_id": "{assistant}", "node_ids": ["{document}"]}),
    Line("POST /v1/knowledge/assignments", "knowledge:assign", 404,
         {"assistant_id": "{assistant}", "node_ids": ["{nowhere}"]}),
    # assistants by the Model Context Protocol
    Line("POST /mcp", None, 200, rpc("tools/call", name="search_knowledge", arguments={"query": MARK})),
    Line("POST /mcp", None, 200, rpc("tools/call", name="read_document", arguments={"node_id": "{document}"})),
    Line("POST /mcp", None, 200, rpc("tools/call", name="list_tree", arguments={"parent_id": "{folder}"})),
    Line("POST /mcp", None, 200, rpc("tools/call", name="delete_node", arguments={"node_id": "{document}"})),
    Line("POST /mcp", None, 200, rpc("resources/read", uri="lethe://documents/{document}")),
    Line("POST /mcp", None, 200, rpc("resources/list")),
    Line("DELETE /v1/me/token", None, 204),  # the last one without a scope: its stranger has no token any more
]  # fmt: skip


def settle(server: Server, kb: Knowledge) -> dict[str, str]:
    """Give a company one of everything, each with the mark in its name and text; its ids by placeholder."""
    client, text = kb.artifacts, f"# {MARK}\n\nThe {MARK} grows behind the mill.\n"
    names = {"collection": f"{MARK} collection", "artifact": f"{MARK}-artifact"}
    folder = kb.folder(f"{MARK} folder")
    document, trashed = (kb.document(f"{MARK} {n}", folder, text) for n in ("document", "trashed"))
    ingestion = client.ingest_async(names["artifact"], text, collection=names["collection"])
    client.ended("ingest", ingestion)
    member = body(f"{MARK}-member", text, collection=names["collection"])
    batch = client.post("/ingest/batch", {"documents": [member]}).json()["task_id"]
    until(lambda: client.get(f"/ingest/batch/{batch}").json()["task_status"] == "SUCCESS")
    client.ingest(f"{MARK}-gone", text, collection=names["collection"])
    deletion = client.delete_async(f"{MARK}-gone", collection=names["collection"])
    client.ended("delete", deletion)
    receipt = client.get(f"/delete/async/{deletion}").headers["Lethe-Receipt"]
    webhook = kb.call("POST", "/webhooks", {"url": f"http://127.0.0.1:1/{MARK}"}).json()["id"]
    delivery = kb.call("POST", f"/webhooks/{webhook}/test").json()["id"]
    by_filter = kb.call("POST", "/knowledge/deletions", {"filter": {"collection": "none"}, "mode": "trash"})
    kb.indexed(document, trashed)
    assert kb.delete(trashed).status_code == 204
    root = next(item["id"] for item in kb.tree() if item["title"] == names["collection"])
    return {
        **names, "model": "private-gpt", "folder": folder, "document": document, "trashed": trashed, "root": root,
        "ingestion": ingestion, "batch": batch, "deletion": deletion, "receipt": receipt, "by_filter": by_filter.json()["task_id"], "assistant": new_assistant(server, kb.company, f"{MARK} helper"),
        "webhook": webhook, "delivery": delivery,
        "erased": kb.call("GET", "/erasures").json()["next_cursor"],
        "cursor": cursors.encode(datetime(2020, 1, 1, tzinfo=UTC), root), "nowhere": object_id(),
    }  # fmt: skip


def nothing() -> dict[str, str]:
    """Ids of the same form that nobody has."""
    nodes = ("folder", "document", "trashed", "root", "assistant", "nowhere")
    return {
        **{name: object_id() for name in nodes},
        **{
            name: str(uuid4())
            for name in ("ingestion", "batch", "deletion", "receipt", "by_filter", "webhook")
        },
        "delivery": f"msg_{uuid4().hex}",
        **{name: uuid4().hex for name in ("collection", "artifact")},
        "model": "private-gpt",
        "cursor": cursors.encode(datetime(2020, 1, 1, tzinfo=UTC), object_id()),
        "erased": f"1-{uuid4().hex[:16]}-{object_id()}",
    }


def filled(template: Any, ids: Ids) -> Any:
    """The template with its placeholders replaced."""
    if isinstance(template, str):
        for name, value in ids.items():
            template = template.replace(f"{{{name}}}", value)
        return template
    if isinstance(template, dict):
        return {key: filled(value, ids) for key, value in template.items()}
    return [filled(value, ids) for value in template] if isinstance(template, list) else template


def told(answer: httpx.Response, sent: Ids, caller: Client) -> str:
    """What an answer says besides what the caller has sent or is, and what the server has just made."""
    text = f"{answer.status_code} {answer.headers.get('content-type')} {answer.text}"
    for known in (*sent.values(), caller.company, caller.token[:12]):
        text = text.replace(known, "*")
    return _CHOSEN_BY_THE_SERVER.sub("*", text)


def everything(kb: Knowledge) -> list[Any]:
    """All that a company can see of its own."""
    client = kb.artifacts
    return [
        kb.tree(),
        kb.trash(),
        client.get("/list", collection=f"{MARK} collection").json(),
        client.post("/content", {"context_filter": {"collection": f"{MARK} collection"}}).json(),
        kb.call("GET", "/assistants").json(),
    ]
