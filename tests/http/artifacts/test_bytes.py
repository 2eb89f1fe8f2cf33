"""What is large is bounded in bytes and in memory, in what comes in and in what goes out."""

import itertools
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.client import Client
from tests.http.artifacts.watched import Watched, little
from tests.lifecycle.stored import scratch_files
from tests.patience import PATIENT
from tests.server import Server
from tests.waiting import until

MIB = 1024 * 1024
ANSWER = MIB
BODIES = 8 * MIB


@pytest.fixture(scope="module")
def small(new_server: Callable[..., Server]) -> Iterator[Server]:
    """A server with small bounds."""
    started = new_server(
        "bytes",
        LETHE_LIMIT_ANSWER_BYTES=str(ANSWER),
        LETHE_LIMIT_BODIES_BYTES=str(BODIES),
        LETHE_LIMIT_CONTENT_NODES="300",
        **PATIENT,
    ).start()
    yield started
    started.stop()


@pytest.fixture
def client(small: Server) -> Iterator[Client]:
    """A client of a new company."""
    yield small.client()
    small.close_clients()


METADATA = {f"k{n}": "x" * 60 for n in range(800)}
"""About 55 KB."""


def test_pieces_that_repeat_much_metadata_are_refused_with_what_to_ask_for(
    small: Server, client: Client
) -> None:
    client.ingest("p", "\n\n".join(["word"] * 400), metadata=METADATA)
    with Watched(small) as watched:
        answer = client.post("/chunked-content", {"context_filter": {"collection": "c"}, "max_tokens": 1})
    assert answer.status_code == 413
    assert f"more than {ANSWER:,} bytes" in answer.json()["detail"]
    assert "max_tokens" in answer.json()["detail"]
    assert watched.grown < 60 * MIB
    larger = client.post("/chunked-content", {"context_filter": {"collection": "c"}, "max_tokens": 200})
    assert larger.status_code == 200
    pieces = [entry["content"][0]["sources"][0] for entry in larger.json()["data"]]
    assert len(pieces) > 1
    for piece in pieces:
        assert METADATA.items() <= piece["metadata"].items()
        assert piece["metadata"] == {
            **piece["document"]["doc_metadata"],
            "start": piece["metadata"]["start"],
            "end": piece["metadata"]["start"] + len(piece["text"]),
            "headings": [],
        }


def test_start_and_end_of_a_piece_win_over_metadata_of_these_names(client: Client) -> None:
    client.ingest("p", "one two", metadata={"start": "x", "end": None})
    (entry,) = client.post("/chunked-content", {"context_filter": {"collection": "c"}}).json()["data"]
    (piece,) = entry["content"][0]["sources"]
    assert (piece["metadata"]["start"], piece["metadata"]["end"]) == (0, 7)
    assert piece["document"]["doc_metadata"]["start"] == "x"


def test_content_over_the_bound_is_refused_and_a_part_of_it_is_had(client: Client) -> None:
    text = "\n\n".join(f"# Part {n}\n\n" + f"Sentence {n}. " * 2_500 for n in range(40))
    assert client.ingest("long", text).status_code == 200
    whole = client.content("long")
    assert whole.status_code == 413
    assert "filter.node_ids" in whole.json()["detail"]
    headings = client.content(
        "long", format="object", filter={"include": ["SectionNode"], "include_children": False}
    )
    section = headings.json()["data"][0]["content"]["children"][7]
    part = client.content("long", filter={"node_ids": [section["id"]]})
    assert part.status_code == 200
    assert part.json()["data"][0]["content"].startswith("# Part 7")
    assert "Part 8" not in part.text


def test_large_content_is_the_same_as_small_and_leaves_nothing(small: Server, client: Client) -> None:
    texts = {f"d{n}": f"# D{n}\n\n" + f'"Ünï\\cödé" {n} 😀\t\n\n' * 2_000 for n in range(8)}
    for name, text in texts.items():
        assert client.ingest(name, text).status_code == 200
    answer = client.post("/content", {"context_filter": {"collection": "c"}})
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(answer.content) > MIB // 4
    assert {d["artifact_id"]: d["content"] for d in answer.json()["data"]} == {
        name: client.text(name) for name in texts
    }
    until(lambda: scratch_files(small) == [])


def test_a_document_of_many_nodes_is_read_as_markdown_in_pieces_and_in_parts(client: Client) -> None:
    text = "# Head\n\n" + "".join(f"- item {n}\n" for n in range(1_000))
    client.ingest("list", text)
    assert client.text("list") == text
    pieces = client.post("/chunked-content", {"context_filter": {"collection": "c"}}).json()["data"]
    assert "".join(entry["content"][1]["text"] for entry in pieces) == text
    whole = client.content("list", format="object")
    assert whole.status_code == 413
    assert "filter.node_ids" in whole.json()["detail"]
    heads = client.content("list", format="object", filter={"exclude": ["ListItemNode"]})
    (section,) = heads.json()["data"][0]["content"]["children"]
    prefix = section["id"].rpartition("-")[0]
    ids = [f"{prefix}-{n:x}" for n in range(2, 202)]
    part = client.content("list", format="object", filter={"node_ids": ids}).json()["data"][0]["content"]
    assert [node["content"] for node in part["children"]][-1] == "- item 199"
    everything = {"include": ["ListItemNode"]}
    assert client.content("list", format="object", filter=everything).status_code == 413
    assert client.content("list", filter=everything).json()["data"][0]["content"].endswith("- item 999")


def test_a_list_is_sent_as_it_is_read(small: Server, client: Client) -> None:
    client.ingest("one", "x", metadata={**METADATA, "n": 0})
    count = 400
    with psycopg.connect(small.superuser(), autocommit=True) as conn:
        company, root = conn.execute(
            "SELECT company_id, root_id FROM node WHERE artifact = 'one' AND company_id ="
            " (SELECT id FROM company WHERE name = %s)",
            (client.company,),
        ).fetchone() or ("", "")
        conn.execute(
            "INSERT INTO node (company_id, id, parent_id, path, kind, state, generation, position, title, artifact)"
            " SELECT %(c)s, x.id, %(r)s, %(r)s || '/' || x.id || '/', 'document', 'live', 1, n, 't', 'a' || n"
            " FROM generate_series(1, %(n)s) n, LATERAL (SELECT '9' || lpad(to_hex(n), 23, '0') AS id) x",
            {"c": company, "r": root, "n": count},
        )
        conn.execute(
            "INSERT INTO document (company_id, node_id, generation, metadata, input_hash, hash, file_type,"
            " media_type, language, blob_key, bytes, characters, blocks, chunks)"
            " SELECT d.company_id, '9' || lpad(to_hex(n), 23, '0'), 1, d.metadata, 'x', 'x', 'md', 'm', 'en',"
            " 'none' || n, 1, 1, 1, 1 FROM document d JOIN node o ON o.id = d.node_id AND o.artifact = 'one'"
            " AND o.company_id = d.company_id, generate_series(1, %(n)s) n WHERE d.company_id = %(c)s",
            {"c": company, "n": count},
        )
    size = 0
    with (
        Watched(small) as watched,
        client.http.stream("GET", "/v1/artifacts/list", params={"collection": "c"}) as answer,
    ):
        begun = b""
        for piece in answer.iter_bytes():
            begun = begun or piece
            size += len(piece)
    assert begun.startswith(b'{"object":"list","model":"private-gpt","data":[{"object":"ingest.document"')
    assert size > count * 50_000
    assert watched.grown < 20 * MIB
    first = client.get("/list", collection="c", limit=200).json()
    rest = client.get("/list", collection="c", limit=10_000, cursor=first["next_cursor"]).json()
    assert "next_cursor" not in rest
    names = [d["artifact"] for d in (*first["data"], *rest["data"])]
    assert names == ["one", *(f"a{n}" for n in range(1, count + 1))]


WRONG = [
    ("/content", {"context_filter": {}, "filter": {"include": [1] * 20}}, 11),
    ("/content", {"context_filter": {}, "filter": {"include": ["TextNode"] * 21}}, 1),
    ("/content", {"context_filter": {}, "filter": {"exclude": [1] * 300_000}}, 11),
    ("/content", {"context_filter": {}, "filter": {"node_ids": [1] * 300_000}}, 1),
    ("/content", {"context_filter": {"artifacts": [1] * 300_000}}, 1),
    ("/chunked-content", {"context_filter": {"metadata_filter": [{}] * 50}}, 11),
    ("/content", {"context_filter": {"metadata_filter": [1] * 300_000}}, 1),
    ("/delete", {f"k{n}": n for n in range(60_000)}, 2),
]


@pytest.mark.parametrize(("path", "body", "faults"), WRONG)
def test_faults_are_told_up_to_a_bound_and_cost_no_time(
    small: Server, client: Client, path: str, body: Any, faults: int
) -> None:
    with Watched(small) as watched:
        answer = client.post(path, body)
    assert answer.status_code == 422
    assert len(answer.json()["detail"]) <= faults
    assert len(answer.content) < 10_000
    assert watched.computing < little(body)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/knowledge/search", {"query": "x", "mode": "full", "node_ids": [1] * 300_000}),
        ("/v1/knowledge/assignments", {"assistant_id": 1, "node_ids": [1] * 300_000}),
        ("/v1/knowledge/deletions", {"mode": "trash", "filter": {f"k{n}": 1 for n in range(60_000)}}),
        ("/v1/knowledge/deletions", {"mode": "trash", "filter": {"node_ids": ["x"] * 200_000}}),
        (
            "/v1/knowledge/search",
            {"query": "x", "mode": "full", "metadata": [{f"k{n}": 1 for n in range(60_000)}]},
        ),
        ("/v1/primitives/search", {"type": "keywords_search", "keywords": [1] * 300_000}),
    ],
)
def test_the_other_doors_tell_as_little(small: Server, client: Client, path: str, body: Any) -> None:
    with Watched(small) as watched:
        answer = client.http.post(path, json=body)
    assert answer.status_code in (400, 422)
    assert len(answer.content) < 10_000
    assert watched.computing < little(body)


def test_faults_over_the_bound_are_counted(client: Client) -> None:
    detail = client.post("/content", {"context_filter": {"metadata_filter": [{}] * 50}}).json()["detail"]
    assert len(detail) == 11
    assert detail[-1]["msg"] == "There are 90 more faults."


def junk(size: int) -> bytes:
    """A document with a field that no call knows."""
    return b'{"title":"t","markdown":"x","junk":[' + b"[]," * (size // 3) + b"1]}"


JSON = {"Content-Type": "application/json"}


def test_an_unknown_field_is_named_and_never_built(small: Server, client: Client) -> None:
    node = client.http.post("/v1/knowledge/documents", json={"title": "t", "markdown": "x"}).json()["id"]
    with Watched(small) as watched:
        for method, path in (("POST", "/v1/knowledge/documents"), ("PUT", f"/v1/knowledge/documents/{node}")):
            answer = client.http.request(method, path, content=junk(6 * MIB), headers=JSON)
            assert answer.status_code == 400, answer.text
            assert "junk" in answer.json()["message"] or "title" in answer.json()["message"]
    assert watched.grown < 60 * MIB
    assert watched.computing < little([[]] * (4 * MIB))
    answer = client.http.post("/v1/knowledge/folders", json={"title": "t", "colour": 1})
    assert (answer.status_code, answer.json()["message"]) == (400, "colour: unknown field")


def test_a_large_document_with_escapes_is_stored_as_it_is(client: Client) -> None:
    text = "# T\n\n" + '"Ünï" \\ 😀\n\n' * 50_000
    answer = client.http.post("/v1/knowledge/documents", json={"title": "t", "markdown": text})
    assert answer.status_code == 201, answer.text
    for wrong in (5, None, ["x"]):
        body = json.dumps({"title": "t", "parent_id": None, "markdown": wrong}) + " " * (2 * MIB)
        answer = client.http.post("/v1/knowledge/documents", content=body, headers=JSON)
        assert (answer.status_code, answer.json()["message"]) == (
            400,
            "markdown: Input should be a valid string",
        )


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/artifacts/ingest", {"artifact": "a", "input": {"type": "text", "value": "x"}}, 200),
        ("/v1/knowledge/documents", {"title": "t", "markdown": "x"}, 201),
    ],
)
@pytest.mark.parametrize("more", [0, 2 * MIB])
def test_a_byte_order_mark_is_no_part_of_a_body(
    client: Client, path: str, body: Any, status: int, more: int
) -> None:
    content = b"\xef\xbb\xbf" + json.dumps(body).encode() + b" " * more
    answer = client.http.post(path, content=content, headers=JSON)
    assert answer.status_code == status, answer.text


def test_large_bodies_have_room_for_so_many_at_once_and_the_others_are_told_when(
    small: Server, client: Client
) -> None:
    """A body that never ends holds the room of its company; small ones, and another company's, have theirs."""
    other = small.client()
    head = (
        f"POST /v1/knowledge/documents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {BODIES // 2 - 1000}\r\n\r\n"
    )
    most_of_it = b"{" + b" " * (BODIES // 2 - 100_000)  # it may take so many minutes more

    def send(by: Client, size: int) -> httpx.Response:
        return by.http.post("/v1/knowledge/documents", content=junk(size), headers=JSON)

    with socket.create_connection(("127.0.0.1", httpx.URL(small.url).port or 0)) as holding:
        holding.sendall(head.encode() + most_of_it)
        until(lambda: send(client, 2 * MIB).status_code == 503)
        refused = send(client, 2 * MIB)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert send(client, 10_000).status_code == 400
        assert send(other, 2 * MIB).status_code == 400
    until(lambda: send(client, 2 * MIB).status_code == 400)


@pytest.mark.parametrize("path", ["/v1/artifacts/ingest", "/v1/knowledge/documents/upload"])
def test_uploads_lie_under_the_data_directory_while_they_come(
    small: Server, client: Client, path: str
) -> None:
    seen: list[int] = []
    boundary = b"frontier"
    begin = b'--frontier\r\nContent-Disposition: form-data; name="file"; filename="a.md"\r\n\r\n'

    def half_is_there() -> bool:
        seen.extend(size(path) for path in scratch_files(small))
        return max(seen, default=0) > 2 * MIB

    def body() -> Iterator[bytes]:
        yield begin
        yield from itertools.repeat(b" " * 100_000, 30)
        until(half_is_there)
        yield b"\r\n--frontier--\r\n"

    headers = {"Content-Type": f"multipart/form-data; boundary={boundary.decode()}"}
    answer = client.http.post(path, content=body(), headers=headers)
    assert answer.status_code in (201, 400), (
        answer.text
    )  # a document without text is refused, the other way by its task
    assert max(seen) > 2 * MIB


def size(path: str) -> int:
    """Bytes of a file; 0 if it is gone."""
    with suppress(FileNotFoundError):
        return Path(path).stat().st_size
    return 0
