"""Hostile requests, a line each: what is sent, the status it gets, and words of the answer.

`{folder}`, `{document}` and `{nowhere}` stand for ids: two that are there, and one that is not.
"""

import base64
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Ask:
    """A request with a JSON body, or with `raw` bytes as they are."""

    name: str
    call: str
    status: int
    says: str = ""
    body: Any = None
    raw: bytes | None = None
    query: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


INGEST, LIST = "POST /v1/artifacts/ingest", "GET /v1/artifacts/list"
CONTENT, DELETE = "POST /v1/artifacts/content", "POST /v1/artifacts/delete"
FOLDER, MADE = "POST /v1/knowledge/folders", "POST /v1/knowledge/documents"
SEARCH, CHUNKS = "POST /v1/knowledge/search", "POST /v1/primitives/search"
DIFY, CONVERT, EMBED = "POST /retrieval", "POST /v1/artifacts/convert", "POST /v1/embeddings"
NODE = "PATCH /v1/knowledge/nodes/{document}"


def text(
    name: object = "odd", *, collection: object = "odd", metadata: object = None, value: object = "words"
) -> Any:
    """The body of an ingestion."""
    return {
        "artifact": name,
        "collection": collection,
        "metadata": metadata,
        "input": {"type": "text", "value": value},
    }


def retrieval(**fields: Any) -> Any:
    """The body of Dify's call."""
    return {"knowledge_id": "c", "query": "kept", "retrieval_setting": {"top_k": 3}, **fields}


def uri(address: str) -> Any:
    """The body of an ingestion of what is at an address."""
    return {"artifact": "odd", "collection": "odd", "input": {"type": "uri", "value": address}}


def condition(key: object, operator: object, value: object) -> Any:
    """The body of a content call with one condition on the metadata."""
    return {
        "context_filter": {
            "collection": "c",
            "metadata_filter": [{"key": key, "operator": operator, "value": value}],
        }
    }


def callback(exchange: object = "e", properties: object = None, **keys: object) -> Any:
    """The body of an ingestion in the background with a callback."""
    return {
        "ingest_body": text(),
        "callback": {"amqp": {"exchange": exchange, **keys}, "properties": properties},
    }


def cursor(value: object) -> dict[str, str]:
    """A query with a cursor of the right coding."""
    return {
        "collection": "c",
        "limit": "1",
        "cursor": base64.urlsafe_b64encode(json.dumps(value).encode()).decode(),
    }


def nested(levels: int) -> Any:
    """A value in so many lists."""
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


NAMES = [
    *(Ask(f"a name is data: {name!r}", INGEST, 200, "ingest.document", text(name, collection=name))
      for name in ("../../etc/passwd", "..\\..\\boot.ini", "%2e%2e%2f", "'; DROP TABLE node; --", "%", "_%\\", "$(id)",
                   "{{7*7}}", "\u202egpj.exe", "e\u0301", "é", "ﬁ", "\u200b", " leading", "CON", "-rf", "\U0010ffff")),
    Ask("NUL in a name", INGEST, 422, "control characters", text("a\0b")),
    Ask("an escape sequence in a name", INGEST, 422, "control characters", text("\x1b[2J")),
    Ask("a line end in a collection", INGEST, 422, "control characters", text(collection="a\r\nSet-Cookie: x")),
    Ask("a name of 256 characters", INGEST, 422, "255", text("n" * 256)),
    Ask("a name of a megabyte", INGEST, 413, "the limit of", text("n" * 1_100_000)),
    Ask("a name that is a number", INGEST, 422, "string", text(7)),
    Ask("a name that is an object", DELETE, 422, "string", {"collection": {"$ne": ""}, "artifact": "x"}),
    Ask("LIKE's signs find nothing else", DELETE, 404, "not found", {"collection": "c", "artifact": "%"}),
    Ask("SQL in a collection", LIST, 200, '"data":[]', query={"collection": "c' OR '1'='1"}),
    Ask("a lone surrogate in an address", f"{LIST}?collection=%ED%A0%80", 200, '"data":[]'),
    Ask("NUL in an address", f"{LIST}?collection=%00", 422, "control characters"),
    Ask("LIKE's signs in the name of an assistant", "GET /v1/assistants", 200, '"total":0', query={"q": "%_\\"}),
    Ask("a title of 201 characters", FOLDER, 400, "title", {"title": "t" * 201}),
    Ask("a title of spaces", FOLDER, 400, "not be blank", {"title": " \u2003\u3000 "}),
    Ask("NUL in a title", FOLDER, 400, "control characters", {"title": "a\0b"}),
    Ask("a title that is a list", FOLDER, 400, "title", {"title": ["x"]}),
]  # fmt: skip

BODIES = [
    Ask("no body", INGEST, 422, "no body", raw=b""),
    Ask("half a body", INGEST, 422, "not valid JSON", raw=b'{"artifact": "a'),
    Ask("a list as body", FOLDER, 400, "should be an object", [1]),
    Ask("null as body", DELETE, 422, "should be an object", raw=b"null"),
    Ask("two values", DELETE, 422, "not valid", raw=b'{"collection":"c","artifact":"a"} {}'),
    Ask("invalid UTF-8", DELETE, 422, "UTF-8", raw=b'{"collection":"\xff","artifact":"a"}'),
    Ask("invalid UTF-8 in the tree", FOLDER, 400, "not valid UTF-8", raw=b'{"title":"\xff"}'),
    Ask("UTF-16", DELETE, 422, "not valid", raw='{"collection":"c"}'.encode("utf-16")),
    Ask("a byte order mark", DELETE, 404, "not found", raw=b'\xef\xbb\xbf{"collection":"c","artifact":"a"}'),
    Ask("overlong UTF-8", DELETE, 422, "UTF-8", raw=b'{"collection":"\xc0\xaf","artifact":"a"}'),
    Ask("a lone surrogate as escape", INGEST, 422, "JSON", raw=b'{"artifact":"\\ud800","input":{"type":"text","value":"x"}}'),
    Ask("a lone surrogate in a title", FOLDER, 400, "valid JSON", raw=b'{"title":"\\ud800"}'),
    Ask("a lone surrogate in a search", CHUNKS, 422, "JSON", raw=b'{"type":"semantic_search","text":"\\udfff"}'),
    Ask("NaN", CHUNKS, 422, "not valid", raw=b'{"type":"semantic_search","text":"x","score_threshold":NaN}'),
    Ask("Infinity", CHUNKS, 422, "not valid", raw=b'{"type":"semantic_search","text":"x","score_threshold":-Infinity}'),
    Ask("1e999", CHUNKS, 422, "out of range", raw=b'{"type":"semantic_search","text":"x","score_threshold":1e999}'),
    Ask("a number of 5,000 digits", CONTENT, 422, "out of range", raw=b'{"context_filter":{},"max_tokens":' + b"9" * 5000 + b"}"),
    Ask("a number of 5,000 digits in the tree", NODE, 400, "out of range", raw=b'{"position":' + b"9" * 5000 + b"}"),
    Ask("the same key twice: the last counts", LIST.replace("GET", "POST").replace("list", "delete"), 404, "not found",
        raw=b'{"collection":"c","artifact":"kept","artifact":"no"}'),
    Ask("100,000 lists in one another", DELETE, 422, "nested too deep", raw=b"[" * 100_000 + b"]" * 100_000),
    Ask("100,000 objects in one another, in the tree", FOLDER, 400, "nested too deep", raw=b'{"title":' * 100_000),
    Ask("100,000 objects in an unknown field", FOLDER, 400, "a: unknown field", raw=b'{"a":' * 100_000),
    Ask("100,000 objects in one another, in a search", CHUNKS, 422, "nested too deep", raw=b'{"a":' * 100_000),
    Ask("100,000 objects where the text is", INGEST, 422, "", raw=b'{"artifact":"a","input":' + b'{"value":' * 100_000 + b"1" + b"}" * 100_001),
    Ask("200,000 unknown fields", DELETE, 413, "the limit of", raw=b'{"collection":"c","artifact":"x"' + b',"k":1' * 200_000 + b"}"),
    Ask("a truncated escape", FOLDER, 400, "valid JSON", raw=b'{"title":"\\u12"}'),
    Ask("JSON said to be a picture", INGEST, 200, "ingest.document", text("a picture"), headers={"Content-Type": "image/png"}),
    Ask("JSON said to be packed", FOLDER, 400, "valid JSON", raw=b"\x1f\x8b\x08\x00", headers={"Content-Encoding": "gzip"}),
    Ask("a form without a boundary", INGEST, 400, "boundary", raw=b"x", headers={"Content-Type": "multipart/form-data"}),
    Ask("a form that breaks off", "POST /v1/knowledge/documents/upload", 400, "", raw=b"--B\r\nContent-Disposition: form-data; name=\"file\"",
        headers={"Content-Type": "multipart/form-data; boundary=B"}),
    Ask("a form in an unknown charset", "POST /v1/knowledge/documents/upload", 400, "charset",
        raw=b'--B\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xff\r\n--B--\r\n',
        headers={"Content-Type": "multipart/form-data; charset=undefined; boundary=B"}),
    Ask("a form with two files", INGEST, 400, "files", headers={"Content-Type": "multipart/form-data; boundary=B"},
        raw=b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n' * 2 + b"--B--\r\n"),
    Ask("a form with 1,000 fields", INGEST, 400, "fields", headers={"Content-Type": "multipart/form-data; boundary=B"},
        raw=b'--B\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n' * 1_000 + b"--B--\r\n"),
    Ask("a form with a part of 1,000 heads", INGEST, 400, "", headers={"Content-Type": "multipart/form-data; boundary=B"},
        raw=b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n' + b"X: y\r\n" * 1_000 + b"\r\nx\r\n--B--\r\n"),
    Ask("a form with a head of a megabyte", INGEST, 400, "", headers={"Content-Type": "multipart/form-data; boundary=B"},
        raw=b'--B\r\nContent-Disposition: form-data; name="file"; filename="' + b"a" * 1_000_000 + b'"\r\n\r\nx\r\n--B--\r\n'),
]  # fmt: skip

VALUES = [
    *(Ask(f"base64: {what}", INGEST, 422, "strict base64", {"artifact": "odd", "input": {"type": "file", "value": value}})
      for what, value in {"garbage": "!!!!", "half": "aGVsbG8", "with a line end": "aGVs\nbG8=", "of URLs": "_-__",
                          "a number": 7, "a list": ["aGk="], "with more behind": "aGk=aGk="}.items()),
    Ask("an input of an unknown type", INGEST, 422, "text", {"artifact": "odd", "input": {"type": "exec", "value": "id"}}),
    Ask("NUL in a text", INGEST, 422, "NUL", text(value="a\0b")),
    Ask("NUL in markdown", MADE, 400, "NUL", {"title": "x", "markdown": "a\0b"}),
    Ask("a text of no characters that show", INGEST, 400, "", text(value=" \t\r\n\u2003")),
    Ask("metadata of 17 levels", INGEST, 422, "16", text(metadata={"a": nested(17)})),
    Ask("metadata of 65 KiB", INGEST, 422, "65,536", text(metadata={"a": "x" * 65_536})),
    Ask("metadata that is a list", INGEST, 422, "dict", text(metadata=[1])),
    Ask("NUL in a key of metadata", INGEST, 422, "NUL", text(metadata={"a\0": 1})),
    Ask("a number of 65 bits in metadata", INGEST, 422, "64 bits", text(metadata={"a": 2**64})),
    Ask("metadata that wants to be the prototype", INGEST, 200, "__proto__", text("proto", metadata={"__proto__": {"a": 1}, "constructor": 1})),
    Ask("metadata that claims to be another artifact", INGEST, 200, '"artifact_id":"claim"', text("claim", metadata={"artifact_id": "kept", "collection": "c", "hash": "0"})),
    Ask("a condition with an unknown operator", CONTENT, 422, "", condition("k", "OR 1=1", 1)),
    Ask("a condition by a pattern is a plain string", CONTENT, 200, '"data":[]', condition("file_name", "contains", "(a+)+$" * 20)),
    Ask("LIKE's signs in a condition", CONTENT, 200, '"data":[]', condition("file_name", "contains", "%")),
    Ask("a format's signs in a condition", CONTENT, 200, '"data":[]', condition("%(company_id)s{k}", "==", "%s {v}")),
    Ask("NUL in a condition's key", CONTENT, 422, "NUL", condition("a\0", "==", 1)),
    Ask("NUL in a condition's value", CONTENT, 422, "NUL", condition("a", "==", "\0")),
    Ask("a condition of 17 levels", CONTENT, 422, "16", condition("a", "==", nested(17))),
    Ask("a condition with a number of 65 bits", CONTENT, 422, "64 bits", condition("a", ">", 2**64)),
    Ask("51 conditions", CONTENT, 422, "50", {"context_filter": {"metadata_filter": [{"key": "a", "operator": "==", "value": 1}] * 51}}),
    Ask("10,001 artifacts", CONTENT, 422, "10000", {"context_filter": {"artifacts": ["a"] * 10_001}}),
    Ask("10,000 artifacts that are not there", CONTENT, 404, "", {"context_filter": {"collection": "c", "artifacts": [f"n{i}" for i in range(10_000)]}}),
    Ask("10,001 nodes", CONTENT, 422, "10000", {"context_filter": {}, "filter": {"node_ids": ["a"] * 10_001}}),
    Ask("nodes that are no ids", CONTENT, 200, "", {"context_filter": {"collection": "c"}, "filter": {"node_ids": ["' OR 1", "", "-1", "9" * 400, "\u0661"]}}),
    Ask("max_tokens of 0", CONTENT, 422, "greater", {"context_filter": {}, "max_tokens": 0}),
    Ask("max_tokens that is true", CONTENT, 422, "integer", {"context_filter": {}, "max_tokens": True}),
    Ask("a type of node that there is not", CONTENT, 422, "SectionNode", {"context_filter": {}, "filter": {"include": ["__class__"]}}),
]  # fmt: skip

LOOKING = [
    Ask("a cursor of another list's making", LIST, 422, "cursor", query={"collection": "c", "cursor": "e30="}),
    Ask("a cursor that is no base64", LIST, 422, "cursor", query={"collection": "c", "cursor": "\u00e9\u0301"}),
    Ask("a cursor of deep lists", LIST, 422, "cursor", query={"collection": "c", "cursor": base64.urlsafe_b64encode(b"[" * 300).decode()}),
    Ask("a cursor of 501 characters", LIST, 422, "500", query={"collection": "c", "cursor": "A" * 501}),
    Ask("a cursor with SQL for an id", LIST, 422, "cursor", query=cursor(["2026-01-01T00:00:00+00:00", "' OR 1=1 --"])),
    Ask("a cursor with an object for an id", LIST, 422, "cursor", query=cursor(["2026-01-01T00:00:00+00:00", {}])),
    Ask("a cursor of a time that there is not", LIST, 422, "cursor", query=cursor(["2026-13-01T00:00:00+00:00", "0" * 24])),
    Ask("a cursor of the first moment", LIST, 200, "", query=cursor(["0001-01-01T00:00:00+23:59", "0" * 24])),
    Ask("a cursor of the last moment", LIST, 200, '"data":[]', query=cursor(["9999-12-31T23:59:59-23:59", "f" * 24])),
    Ask("a cursor of the trash that is no base64", "GET /v1/knowledge/trash", 400, "cursor", query={"cursor": "%"}),
    *(Ask(f"a page of {limit}", LIST, 422, "limit", query={"collection": "c", "limit": limit})
      for limit in ("0", "-1", "10001", "1e3", "0x10", "1.5", "", "9" * 5000, "\u0661")),
    *(Ask(f"page {page}", "GET /v1/assistants", 400, "page", query={"page": page}) for page in ("0", "-1", "9" * 30, "x")),
    Ask("a tree of 0 levels", "GET /v1/knowledge/tree", 400, "depth", query={"depth": "0"}),
    Ask("a tree below no id", "GET /v1/knowledge/tree", 400, "parent_id", query={"parent_id": "../" + "0" * 21}),
    *(Ask(f"a node whose id is {what}", f"GET /v1/knowledge/nodes/{id}", 404, "NOT_FOUND")
      for what, id in {"too short": "0" * 23, "too long": "0" * 25, "of other digits": "\u0660" * 24, "of no hex": "g" * 24,
                       "followed by a line end": "0" * 24 + "%0A", "NUL": "%00", "a path": "..%2F..%2Fetc", "SQL": "'%20OR%201=1--",
                       "of 8,000 characters": "a" * 8_000}.items()),
    *(Ask(f"a task whose id is {what}", f"GET /v1/artifacts/ingest/async/{id}", 404, "Task with specified ID not found")
      for what, id in {"no UUID": "x", "NUL": "%00", "a line end": "%0A", "SQL": "'%20OR%20'1'='1", "of other digits": "\u0661" * 32}.items()),
    Ask("a search for nothing", SEARCH, 400, "blank", {"query": " \u3000", "mode": "full"}),
    Ask("a search of 20,001 characters", SEARCH, 400, "20000", {"query": "x" * 20_001, "mode": "full"}),
    Ask("a search for 20,000 signs", SEARCH, 200, "", {"query": "&|!():*<->'\\" * 1_600, "mode": "full"}),
    Ask("a search in tsquery's own words", SEARCH, 200, "", {"query": "cat & !dog | (a <-> b:*) '", "mode": "hybrid"}),
    Ask("a search for marks without letters", SEARCH, 200, "", {"query": "\u0301" * 10_000, "mode": "hybrid"}),
    Ask("a search for NUL", SEARCH, 200, "", {"query": "a\0b", "mode": "vector"}),
    Ask("a search in an unknown mode", SEARCH, 400, "mode", {"query": "x", "mode": "regex"}),
    Ask("a search for 26 results", SEARCH, 400, "top_k", {"query": "x", "mode": "full", "top_k": 26}),
    Ask("a search for -1 results", SEARCH, 400, "top_k", {"query": "x", "mode": "full", "top_k": -1}),
    Ask("a search in 101 nodes", SEARCH, 400, "node_ids", {"query": "x", "mode": "full", "node_ids": ["0" * 24] * 101}),
    Ask("a search in what is no id", SEARCH, 400, "node_ids", {"query": "x", "mode": "full", "node_ids": ["' OR 1=1"]}),
    Ask("a search in the same node 100 times", SEARCH, 200, "", {"query": "x", "mode": "full", "node_ids": ["{folder}"] * 100}),
    Ask("chunks by 65 keywords", CHUNKS, 422, "64", {"type": "keywords_search", "keywords": ["x"] * 65}),
    Ask("-1 chunks", CHUNKS, 422, "limit", {"type": "keywords_search", "keywords": "x", "limit": -1}),
    Ask("11 neighbours", CHUNKS, 422, "expand", {"type": "keywords_search", "keywords": "x", "expand": 11}),
    Ask("a search of an unknown type", CHUNKS, 422, "semantic_search", {"type": "eval", "text": "x"}),
]  # fmt: skip

CHANGING = [
    Ask("a document into itself", NODE, 400, "", {"parent_id": "{document}"}),
    Ask("a folder into itself", NODE.replace("document", "folder"), 409, "Conflict", {"parent_id": "{folder}"}),
    Ask("a folder below itself", NODE.replace("document", "folder"), 409, "Conflict", {"parent_id": "{inner}"}),
    Ask("a folder into a document", NODE.replace("document", "folder"), 400, "", {"parent_id": "{document}"}),
    Ask("a document to where nothing is", NODE, 404, "NOT_FOUND", {"parent_id": "{nowhere}"}),
    Ask("a negative position", NODE, 400, "position", {"position": -1}),
    Ask("a position of 32 bits", NODE, 400, "position", {"position": 2**31}),
    Ask("a position that is true", NODE, 400, "position", {"position": True}),
    Ask("a position between two", NODE, 400, "position", {"position": 0.5}),
    Ask("a parent that is a number", FOLDER, 400, "parent_id", {"title": "x", "parent_id": 0}),
    Ask("a document below a document", MADE, 400, "", {"title": "x", "markdown": "x", "parent_id": "{document}"}),
    Ask("content for a folder", "PUT /v1/knowledge/documents/{folder}", 404, "NOT_FOUND", {"markdown": "x"}),
    Ask("a restore of what is not deleted", "POST /v1/knowledge/nodes/{document}/restore", 404, "NOT_FOUND", {}),
    Ask("erasing what is not in the trash", "DELETE /v1/knowledge/trash/{document}", 404, "NOT_FOUND"),
    Ask("201 nodes for an assistant", "POST /v1/knowledge/assignments", 400, "node_ids", {"assistant_id": "{nowhere}", "node_ids": ["{document}"] * 201}),
    Ask("no node for an assistant", "POST /v1/knowledge/assignments", 400, "node_ids", {"assistant_id": "{nowhere}", "node_ids": []}),
    Ask("another method by a header", "GET /v1/knowledge/nodes/{folder}", 200, '"folder"', headers={"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE"}),
    Ask("another method by the query", "GET /v1/knowledge/nodes/{folder}", 400, "_method: unknown parameter", query={"_method": "DELETE"}),
    Ask("another address by a header", "GET /v1/knowledge/nodes/{folder}", 200, '"folder"', headers={"X-Original-URL": "/v1/me", "X-Rewrite-URL": "/v1/me"}),
    Ask("a GET with a body", "GET /v1/knowledge/nodes/{folder}", 200, '"folder"', {"title": "x"}),
    Ask("a method that is not the address's", "PUT /v1/knowledge/nodes/{folder}", 405, "Method Not Allowed"),
    Ask("OPTIONS", "OPTIONS /v1/artifacts/list", 204, ""),
    Ask("a slash at the end", "GET /v1/assistants/", 200, "items"),
    Ask("two slashes", "GET /v1//knowledge/tree", 404, "NOT_FOUND"),
    Ask("up and down again", "GET /v1/artifacts/%2e%2e/knowledge/tree", 404, "Not Found"),
]  # fmt: skip

CALLBACKS = [
    Ask("an exchange of 256 bytes", "POST /v1/artifacts/ingest/async", 422, "255 bytes", callback("\u00df" * 128)),
    *(Ask(f"a {key} of 256 bytes", "POST /v1/artifacts/ingest/async", 422, "255 bytes", callback(**{key: "\U0001f600" * 64}))
      for key in ("routing_key_done", "routing_key_progress", "routing_key_error")),
    Ask("a routing key with NUL", "POST /v1/artifacts/ingest/async", 422, "control characters", callback(routing_key_done="a\0")),
    Ask("a routing key that is a number", "POST /v1/artifacts/ingest/async", 422, "string", callback(routing_key_done=1)),
    Ask("properties of 17 levels", "POST /v1/artifacts/ingest/async", 422, "16", callback(properties={"a": nested(17)})),
    Ask("properties of 65 KiB", "POST /v1/artifacts/ingest/async", 422, "65,536", callback(properties={"a": "x" * 65_536})),
    Ask("a callback to a web address", "POST /v1/artifacts/ingest/async", 422, "amqp", {"ingest_body": text(), "callback": {"http": "http://127.0.0.1/"}}),
]  # fmt: skip

ADDRESSES = [
    *(Ask(f"an address inside: {host}", INGEST, status, says, uri(f"http://{host}/"))
      for host, status, says in [
          ("127.0.0.1", 400, "public internet"), ("127.1", 400, ""), ("0", 400, ""), ("0.0.0.0", 400, ""), ("2130706433", 400, ""),
          ("0x7f.1", 400, ""), ("0177.0.0.1", 422, ""), ("127.0.0.1.", 422, ""), ("[::1]", 400, ""), ("[::]", 400, ""),
          ("[::ffff:127.0.0.1]", 400, ""), ("[::ffff:7f00:1]", 400, ""), ("[::127.0.0.1]", 400, ""), ("[64:ff9b::7f00:1]", 400, ""),
          ("[2002:7f00:1::]", 400, ""), ("[fe80::1]", 400, ""), ("[fc00::1]", 400, ""), ("10.0.0.1", 400, ""),
          ("172.16.0.1", 400, ""), ("192.168.0.1", 400, ""), ("169.254.169.254", 400, ""), ("100.64.0.1", 400, ""),
          ("198.18.0.1", 400, ""), ("224.0.0.1", 400, ""), ("255.255.255.255", 400, ""), ("localhost", 400, ""),
          ("LOCALHOST", 400, ""), ("localhost.", 422, ""), (socket.gethostname(), 400, ""), ("\u2460\u2461\u2466.0.0.1", 422, ""),
          ("\uff11\uff12\uff17.0.0.1", 422, ""), ("127\u30020.0.1", 400, ""),
          ("public.example@127.0.0.1", 422, "user name"), ("127.0.0.1:80@public.example", 422, "user name"),
          ("127.0.0.1\\@public.example", 422, "backslash"), ("[::1%25lo]", 422, ""), ("127.0.0.1:99999", 422, "port"),
          ("127.0.0.1%00.example", 422, ""), ("", 422, "host"),
      ]),
    *(Ask(f"an address of another kind: {address}", INGEST, 422, says, uri(address))
      for address, says in {
          "file:///etc/passwd": "", "FILE:///etc/passwd": "", "gopher://127.0.0.1:6379/_x": "", "ftp://x/y": "", "dict://x": "",
          "jar:http://x!/": "", "ldap://x/": "", "//127.0.0.1/": "", "/etc/passwd": "", "http:127.0.0.1": "", "unix:///run/x": "",
          "http://x/\r\nX: y": "", " http://127.0.0.1/": "", "javascript:1": "",
      }.items()),
    Ask("a bucket that nobody allowed", INGEST, 400, "LETHE_FETCH_S3_BUCKETS", uri("s3://somebodys-bucket/key")),
    Ask("a bucket at an address of one's own", INGEST, 422, "bucket", uri("s3://127.0.0.1:9000/bucket/key")),
    Ask("a bucket with another way in", INGEST, 400, "LETHE_FETCH_S3_BUCKETS", uri("s3://bucket/key?endpoint=127.0.0.1")),
    Ask("a way up in a bucket", INGEST, 422, "dot segments", uri("s3://bucket/a/../../x")),
    Ask("data that is no base64", INGEST, 422, "base64", uri("data:text/plain;base64,!!!")),
    Ask("data with a percent sign alone", INGEST, 422, "hex digits", uri("data:text/plain;base64,%%%")),
    Ask("data of a kind that is not read", INGEST, 400, "", uri("data:application/octet-stream;base64,f0VMRgIBAQAAAAA=")),
    Ask("data without a comma", INGEST, 422, "", uri("data:text/plain")),
    Ask("data in an unknown charset", INGEST, 200, "ingest.document", uri("data:text/plain;charset=nothing,words")),
]  # fmt: skip

NEIGHBOURS = [
    Ask("half a body for Dify", DIFY, 400, "not valid", raw=b'{"knowledge_id": "c'),
    Ask("a knowledge that is a list", DIFY, 400, "knowledge_id", retrieval(knowledge_id=["c"])),
    Ask("SQL in a knowledge", DIFY, 404, "2001", retrieval(knowledge_id="c' OR '1'='1")),
    Ask("NUL in a knowledge", DIFY, 400, "control characters", retrieval(knowledge_id="c\0")),
    Ask("a million passages", DIFY, 400, "top_k", retrieval(retrieval_setting={"top_k": 1_000_000})),
    Ask("NaN as a score", DIFY, 400, "not valid", raw=b'{"retrieval_setting":{"top_k":1,"score_threshold":NaN}}'),
    *(Ask(f"a condition that is odd: {odd}", DIFY, status, says, retrieval(metadata_condition={"conditions": [odd]}))
      for status, says, odd in [
          (200, "records", {"name": "a' OR '1'='1", "comparison_operator": "is", "value": "'; DROP TABLE node; --"}),
          (200, "records", {"name": "%", "comparison_operator": "start with", "value": "%"}),
          (400, "NUL", {"name": "a\0", "comparison_operator": "empty"}),
          (400, "NUL", {"name": "a", "comparison_operator": "is", "value": "\0"}),
          (400, "comparison_operator", {"name": "a", "comparison_operator": "=~", "value": "(a+)+$"}),
          (400, "needs a number", {"name": "a", "comparison_operator": ">", "value": "1e999"}),
          (400, "single value", {"name": "a", "comparison_operator": "contains", "value": ["x"]}),
          (400, "value", {"name": "a", "comparison_operator": "is", "value": {"$ne": ""}}),
          (400, "value", {"name": "a", "comparison_operator": "is", "value": 10**300}),
          (400, "at most 100", {"name": "a", "comparison_operator": "in", "value": "1," * 101}),
          (400, "name", {"name": ["a"] * 5, "comparison_operator": "empty"}),
      ]),
    Ask("51 conditions", DIFY, 400, "at most 50",
        retrieval(metadata_condition={"conditions": [{"name": "a", "comparison_operator": "empty"}] * 51})),
    Ask("50 conditions on 4 names each", DIFY, 200, "records", retrieval(metadata_condition={
        "logical_operator": "or",
        "conditions": [{"name": ["a", "b", "c", "d"], "comparison_operator": "not contains", "value": "x"}] * 50})),
    Ask("texts of a megabyte to embed", EMBED, 413, "the limit of", {"input": ["x" * 7_000] * 200}),
    Ask("100,000 texts to embed", EMBED, 422, "at most 1000", {"input": ["x"] * 100_000}),
    Ask("NUL to embed", EMBED, 200, "embedding", {"input": "a\0b", "dimensions": 512, "encoding_format": "base64"}),
    Ask("marks to embed", EMBED, 200, "embedding", {"input": "\u200b\u0301?!", "encoding_format": "base64"}),
    Ask("a conversion of nothing", CONVERT, 400, "is empty", {"input": {"type": "text", "value": ""}}),
    Ask("a conversion from inside", CONVERT, 400, "public internet", {"input": {"type": "uri", "value": "http://127.0.0.1/"}}),
    Ask("a conversion of a local file", CONVERT, 422, "", {"input": {"type": "uri", "value": "file:///etc/passwd"}}),
    Ask("a conversion by a reader with a path", CONVERT, 422, "no such reader",
        {"input": {"type": "text", "value": "x"}, "reader": "../pdf"}),
    Ask("a conversion of half a base64", CONVERT, 422, "base64", {"input": {"type": "file", "value": "AAA"}}),
    Ask("a conversion of what is no zip", CONVERT, 400, "x.docx",
        {"input": {"type": "file", "value": "UEsDBAAAAAA="}, "metadata": {"file_name": "x.docx"}}),
]  # fmt: skip

ASKS = [*NAMES, *BODIES, *VALUES, *LOOKING, *CHANGING, *CALLBACKS, *ADDRESSES, *NEIGHBOURS]
