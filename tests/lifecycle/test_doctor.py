"""What belongs to nobody is found, shown and repaired: one of each kind is planted behind the server's back."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, LiteralString
from uuid import uuid4

import httpx
import orjson
import pytest

from lethe.domain.records.orphans import FACTS, Orphan
from lethe.workers.reconciler import run_round
from tests.client import Client
from tests.lifecycle.orphans import assert_no_orphans, orphans, with_context
from tests.lifecycle.stored import ask, files
from tests.server import Server
from tests.waiting import PATIENCE_SECONDS, until

NOBODY, NOBODY_ELSE = "e" * 24, "f" * 24
UNREPAIRABLE = {kind.value for kind in Orphan if not FACTS[kind].repairable}
DOCUMENTS = ("whole", "missing", "uneven", "unindexed", "textless", "fileless", "unpurged")


@pytest.fixture(scope="module")
def own(new_server: Callable[..., Server]) -> Iterator[Server]:
    """A server that nobody else uses."""
    server = new_server("doctor").start()
    yield server
    assert server.stop() == 0


@pytest.fixture(autouse=True)
def running(own: Server) -> None:
    """The server runs, whatever the test before has left."""
    if not own.runs():
        own.restart()


class Planter:
    """Puts one orphan of each kind into a server."""

    def __init__(self, server: Server, client: Client) -> None:
        self.server = server
        self.client = client
        for name in DOCUMENTS:
            assert client.ingest(name, f"The {name} river.").status_code == 200
        ((self.company,),) = ask(server, "SELECT id FROM company WHERE name = %s", client.company)
        self.nodes = dict(
            ask(server, "SELECT artifact, id FROM node WHERE company_id = %s AND artifact > ''", self.company)
        )
        self.original = b""
        self.lost_task = ""

    def plant(self) -> None:
        """One of each kind; the worker must be standing still."""
        for kind in Orphan:
            getattr(self, kind.value)()

    def run(self, statement: LiteralString, **params: object) -> list[tuple[Any, ...]]:
        return ask(self.server, statement, company=self.company, **params)

    def file(self, key: str) -> Path:
        return self.server.directory / "blobs" / key

    def new_file(self) -> str:
        key = f"{self.company}/{uuid4().hex[:24]}"
        self.file(key).write_text("nobody's")
        return key

    def chunk_without_document(self) -> None:
        node = {"node": self.nodes["whole"], "nobody": NOBODY}
        self.run(
            "INSERT INTO chunk_text SELECT company_id, %(nobody)s, position, start, stop, tokens, headings, text"
            " FROM chunk_text WHERE company_id = %(company)s AND node_id = %(node)s",
            **node,
        )
        self.run(
            "INSERT INTO chunk_lex SELECT company_id, %(nobody)s, position, length, tsv"
            " FROM chunk_lex WHERE company_id = %(company)s AND node_id = %(node)s",
            **node,
        )
        self.run(
            "INSERT INTO chunk_vec SELECT company_id, %(nobody)s, position, settled, embedding"
            " FROM chunk_vec WHERE company_id = %(company)s AND node_id = %(node)s",
            **node,
        )

    def chunk_missing(self) -> None:
        self._remove_chunks("missing")

    def chunk_uneven(self) -> None:
        self.run(
            "DELETE FROM chunk_vec WHERE company_id = %(company)s AND node_id = %(node)s",
            node=self.nodes["uneven"],
        )

    def document_not_indexed(self) -> None:
        self._remove_chunks("unindexed")
        self.run(
            "UPDATE document SET indexed = false WHERE company_id = %(company)s AND node_id = %(node)s",
            node=self.nodes["unindexed"],
        )

    def text_without_document(self) -> None:
        self.run("INSERT INTO document_part VALUES (%(company)s, %(id)s, 0, 0, 'text', '[]')", id=NOBODY_ELSE)

    def document_without_text(self) -> None:
        self.run(
            "DELETE FROM document_part WHERE company_id = %(company)s AND node_id = %(node)s",
            node=self.nodes["textless"],
        )

    def file_without_row(self) -> None:
        self.new_file()

    def row_without_file(self) -> None:
        file = self.file(self.key_of("fileless"))
        self.original = file.read_bytes()
        file.unlink()

    def file_not_removed(self) -> None:
        self.run(
            "INSERT INTO blob_removal VALUES (%(company)s, %(key)s, NULL, now() - interval '1 hour')",
            key=self.new_file(),
        )

    def work_without_task(self) -> None:
        task = {"id": uuid4()}
        self.run(
            "INSERT INTO task (company_id, id, kind, status, finished_at)"
            " VALUES (%(company)s, %(id)s, 'ingest', 'success', now())",
            **task,
        )
        self.run(
            "INSERT INTO ingestion (company_id, task_id, metadata, uri) VALUES (%(company)s, %(id)s, '{}', 'x')",
            **task,
        )

    def task_without_job(self) -> None:
        self.lost_task = self.client.ingest_async("lost", "The lost river.")
        ask(self.server, "DELETE FROM procrastinate_jobs WHERE args ->> 'task_id' = %s", self.lost_task)
        self.run(
            "UPDATE task SET created_at = now() - interval '1 hour' WHERE id = %(id)s", id=self.lost_task
        )

    def job_without_worker(self) -> None:
        arguments = orjson.dumps({"company_id": self.company, "task_id": str(uuid4())}).decode()
        self.run(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)"
            " VALUES ('remove', 'remove', %(arguments)s, 'doing')",
            arguments=arguments,
        )

    def event_not_sent(self) -> None:
        self.run(
            "INSERT INTO outbox (company_id, task_id, exchange, routing_key, body, created_at)"
            " VALUES (%(company)s, %(id)s, 'e', 'k', '{}', now() - interval '1 hour')",
            id=uuid4(),
        )

    def node_pending(self) -> None:
        self.run(
            "INSERT INTO node (company_id, id, parent_id, path, kind, state, position, title, artifact)"
            " SELECT company_id, %(id)s, id, path || %(id)s || '/', 'document', 'pending', 99, 'x', 'x'"
            " FROM node WHERE company_id = %(company)s AND collection = 'c'",
            id=NOBODY,
        )

    def node_not_purged(self) -> None:
        self.run(
            "UPDATE node SET state = 'deleted', deleted_at = now(), purge_at = now() - interval '1 hour'"
            " WHERE company_id = %(company)s AND artifact = 'unpurged'"
        )

    def erasure_not_proved(self) -> None:
        self.run(
            "INSERT INTO erasure (company_id, id, subject_kind, subject_id, subject_name, requested_by, requested_at)"
            " VALUES (%(company)s, gen_random_uuid(), 'document', %(id)s, 'x', 'me', now() - interval '1 hour')",
            id=NOBODY,
        )

    def receipt_missing(self) -> None:
        self.run(
            "INSERT INTO erased_document (company_id, receipt_id, node_id, name)"
            " VALUES (%(company)s, gen_random_uuid(), %(id)s, 'x')",
            id=NOBODY_ELSE,
        )

    def key_of(self, artifact: str) -> str:
        """The key of a document's original."""
        ((key,),) = self.run(
            "SELECT blob_key FROM document WHERE company_id = %(company)s AND node_id = %(node)s",
            node=self.nodes[artifact],
        )
        return str(key)

    def _remove_chunks(self, artifact: str) -> None:
        node = {"node": self.nodes[artifact]}
        self.run("DELETE FROM chunk_text WHERE company_id = %(company)s AND node_id = %(node)s", **node)
        self.run("DELETE FROM chunk_lex WHERE company_id = %(company)s AND node_id = %(node)s", **node)
        self.run("DELETE FROM chunk_vec WHERE company_id = %(company)s AND node_id = %(node)s", **node)


def found_by_search(client: Client, query: str) -> list[str]:
    """The titles of what a search by words finds."""
    answer = client.http.post("/v1/knowledge/search", json={"query": query, "mode": "full", "top_k": 25})
    assert answer.status_code == 200, answer.text
    return sorted(result["title"] for result in answer.json()["results"])


def shown_in_metrics(server: Server) -> dict[str, int]:
    """`lethe_orphans` by kind."""
    lines = httpx.get(f"{server.url}/metrics", timeout=PATIENCE_SECONDS).text.splitlines()
    shown = [line for line in lines if line.startswith("lethe_orphans{")]
    return {line.split('"')[1]: int(float(line.rpartition(" ")[2])) for line in shown}


def test_one_orphan_of_each_kind_is_found_shown_and_repaired(own: Server) -> None:
    client = own.client()
    planter = Planter(own, client)
    sound = own.command("doctor")
    assert "Nothing is left over." in sound.stdout
    assert "Parsers are barred from the network" in sound.stdout
    assert "Webhooks: 0 to be delivered, none failing." in sound.stdout
    until(
        lambda: ask(own, "SELECT FROM procrastinate_jobs") == []
    )  # one in hand would soon be without a worker
    with own.worker_standing_still():
        planter.plant()
        assert "nobody" not in client.listed()
        assert found_by_search(client, "river") == sorted({*DOCUMENTS} - {"missing", "unindexed", "unpurged"})

        seen = own.command("doctor", "--json", check=False)
        assert seen.returncode == 1
        assert {k["kind"]: k["found"] for k in orjson.loads(seen.stdout)["kinds"]} == dict.fromkeys(
            [kind.value for kind in Orphan], 1
        )
        until(lambda: shown_in_metrics(own) == dict.fromkeys([kind.value for kind in Orphan], 1))

        repaired = own.command("doctor", "--repair", check=False)
        assert repaired.returncode == 1
        assert "put the file back from a backup" in repaired.stdout
        assert orphans(own) == dict.fromkeys(UNREPAIRABLE, 1)

    assert client.ended("ingest", planter.lost_task)["task_status"] == "SUCCESS"
    there = sorted({*DOCUMENTS, "lost"} - {"unpurged"})
    until(lambda: found_by_search(client, "river") == there)
    assert sorted(client.listed()) == there
    until(lambda: ask(own, "SELECT FROM procrastinate_jobs") == [])
    kept = {planter.key_of(name) for name in there if name not in ("fileless", "lost")} | {
        key
        for (key,) in ask(
            own, "SELECT blob_key FROM document WHERE node_id <> ALL (%s)", [*planter.nodes.values()]
        )
    }
    until(lambda: files(own) == kept)

    planter.file(planter.key_of("fileless")).write_bytes(planter.original)
    assert client.ingest("textless", "The textless river, again.").status_code == 200
    ask(own, "DELETE FROM outbox")
    ask(own, "DELETE FROM erased_document WHERE node_id = %s", NOBODY_ELSE)
    healthy = own.command("doctor", "--json")
    assert orjson.loads(healthy.stdout)["healthy"]
    assert orjson.loads(healthy.stdout)["parsers"]["missing"] == []
    assert orjson.loads(healthy.stdout)["webhooks"]["dead"] == 0
    assert_no_orphans(own)
    until(lambda: set(shown_in_metrics(own).values()) == {0})


def test_the_reconciler_repairs_what_two_rounds_have_seen(own: Server) -> None:
    client = own.client()
    planter = Planter(own, client)
    until(lambda: ask(own, "SELECT FROM procrastinate_jobs") == [])
    ask(own, "UPDATE reconciliation SET due_at = now() + interval '1 hour'")
    with own.worker_standing_still():  # it runs rounds of its own
        with_context(own, run_round)
        planter.chunk_uneven()
        planter.chunk_missing()
        planter.file_without_row()
        with_context(own, run_round)
        assert orphans(own) == {"chunk_uneven": 1, "chunk_missing": 1, "file_without_row": 1}
        with_context(own, run_round)
        assert_no_orphans(own)
    until(lambda: found_by_search(client, "river") == sorted(DOCUMENTS))


def test_doctor_works_when_no_server_runs(own: Server) -> None:
    client = own.client()
    planter = Planter(own, client)
    own.stop()
    planter.new_file()
    try:
        seen = own.command("doctor", check=False)
        assert seen.returncode == 1
        assert "--repair" in seen.stdout
        assert "1 repaired, nothing is left." in own.command("doctor", "--repair").stdout
    finally:
        own.start()
    assert_no_orphans(own)
