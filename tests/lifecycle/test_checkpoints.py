"""kill -9 at each named point of the write paths: what a client then repeats is whole, and nothing is left over."""

import ast
import asyncio
import signal
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import httpx
import psycopg
import pytest

import lethe
from lethe.domain.checkpoints import arm
from lethe.domain.webhooks import EventType
from lethe.workers.jobs import INGEST_TRIES
from tests.client import body
from tests.http.hooked import Receiver as Hooked
from tests.http.hooked import receiving
from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.killer import DEAD_SECONDS, Killer
from tests.lifecycle.parts import Parts
from tests.lifecycle.receiver import Receiver
from tests.lifecycle.searched import finds
from tests.lifecycle.stored import ask, loose_ends, scratch_files, step_clock
from tests.server import Server
from tests.services import OpenAIServer, RabbitMQ
from tests.waiting import until

TEXT = "# Kept\n\nThe stone keeps what was written.\n"
OVER_AN_HOUR = 3700
"""A file that nobody refers to is removed after an hour: the longest that anything waits for."""


class Life:
    """A document's life through both doors, which passes each point. Each step can be repeated until it succeeds."""

    def __init__(self, kb: Knowledge, callback: object) -> None:
        self.kb = kb
        self.callback = callback
        self.node = ""

    def ingest(self) -> None:
        assert self.kb.artifacts.ingest("a", TEXT).status_code == 200
        assert self.kb.artifacts.text("a") == TEXT

    def ingest_with_events(self) -> None:
        task = self.kb.artifacts.ingest_async("b", TEXT, callback=self.callback)
        assert self.kb.artifacts.ended("ingest", task)["task_status"] == "SUCCESS"

    def tell(self) -> None:
        """Another ingestion with events: a single one is given up when its worker has died too often."""
        self.ingest_with_events()

    def ingest_batch(self) -> None:
        """A batch whose answer was lost is sent again, and overtakes the first."""
        documents = [body(name, TEXT) for name in ("m", "n")]
        sent = self.kb.artifacts.post("/ingest/batch", {"documents": documents})
        assert sent.status_code == 202
        status = f"/ingest/batch/{sent.json()['task_id']}"
        until(lambda: self.kb.artifacts.get(status).json()["task_status"] == "SUCCESS")
        assert [self.kb.artifacts.text(name) for name in ("m", "n")] == [TEXT, TEXT]

    def erase_batch(self) -> None:
        names = {"collection": "c", "artifacts": ["m", "n"]}
        assert self.kb.artifacts.post("/delete/batch", names).status_code == 200
        assert self.kb.artifacts.listed() == []

    def erase(self) -> None:
        assert self.kb.artifacts.delete("a").status_code in (200, 404)
        assert self.kb.artifacts.listed() in ([], ["b"])

    def erase_by_task(self) -> None:
        task = self.kb.artifacts.delete_async("b", callback=self.callback)
        ended = self.kb.artifacts.ended("delete", task)
        assert ended["task_status"] == "SUCCESS" or "not found" in ended["task_result"]
        assert self.kb.artifacts.listed() in ([], ["a"])

    def make(self) -> None:
        """The node of a request whose answer was lost is found in the tree."""
        made = [item["id"] for item in self.kb.tree() if item["title"] == "Made"]
        self.node = made[0] if made else self.kb.document("Made", markdown=TEXT)
        assert self.kb.text(self.node) == TEXT
        self.kb.indexed(self.node)
        assert self.kb.text(self.node) == TEXT

    def replace(self) -> None:
        assert (
            self.kb.call("PUT", f"/knowledge/documents/{self.node}", {"markdown": TEXT * 2}).status_code
            == 200
        )
        self.kb.indexed(self.node)
        assert self.kb.text(self.node) == TEXT * 2

    def trash(self) -> None:
        assert self.kb.delete(self.node).status_code in (204, 404)
        assert self.kb.trash() == ["Made"]
        assert not self.kb.there(self.node)

    def restore(self) -> None:
        assert self.kb.restore(self.node).status_code in (200, 404)
        assert self.kb.text(self.node) == TEXT * 2
        until(self.found)

    def found(self) -> bool:
        """True when the search has it."""
        body = {"query": "stone", "mode": "full"}
        return bool(self.kb.call("POST", "/knowledge/search", body).json()["results"])

    def erase_from_trash(self) -> None:
        self.kb.delete(self.node)
        assert self.kb.call("DELETE", f"/knowledge/trash/{self.node}").status_code in (204, 404)
        assert self.kb.trash() == []
        assert not self.kb.there(self.node)


LIFE: dict[str, list[str]] = {
    "ingest": [
        "original_after_claim_before_file",
        "original_after_file_before_commit",
        "submit_before_commit",
        "submit_after_commit",
    ],
    "ingest_with_events": [
        "ingest_after_chunks_before_commit",
        "ingest_after_commit_before_job_end",
    ],
    "tell": [
        "relay_after_lease_before_publish",
        "relay_after_publish_before_removal",
        "webhook_after_lease_before_post",
        "webhook_after_post_before_noted",
    ],
    "erase": ["erase_after_hide_before_remove"],
    "erase_by_task": [
        "erasure_request_before_commit",
        "erasure_request_after_commit",
        "remove_after_rows_before_files",
        "remove_after_files_before_keys_forgotten",
        "erasure_after_removal_before_task_end",
    ],
    "make": ["document_before_commit", "document_after_commit"],
    "replace": ["replace_before_commit"],
    "trash": ["trash_before_commit", "trash_after_commit", "unindex_between_batches"],
    "restore": ["restore_before_commit", "restore_after_commit", "reindex_before_commit"],
    "erase_from_trash": ["trash_erase_after_condemn_before_remove"],
}
"""The steps in their order, and the points that each passes."""

BATCH: dict[str, list[str]] = {
    "ingest_batch": ["batch_before_commit", "share_before_commit", "share_after_commit_before_job_end"],
    "erase_batch": ["erase_after_hide_before_remove"],
}
"""The same for documents that are sent, and erased, together."""

SWEEPER = {
    "ingest_with_events": ["sweeper_after_requeue_of_one"],
    "erase": ["sweeper_before_files", "sweeper_before_purge"],
}
"""The points of the sweeper, which takes up what the kills in these steps and before leave."""

WITHOUT_INDEX = [
    "index_after_being_set_aside",
    "index_before_being_made_again",
    "index_after_being_made_before_its_note_goes",
]
"""The points of a scrub at which an index is missing, or counts as missing."""


def names_in_the_code() -> list[str]:
    """The names of all points, as they are written."""
    found = []
    for file in Path(lethe.__file__).parent.rglob("*.py"):
        text = file.read_text()
        for node in ast.walk(ast.parse(text if "checkpoint(" in text else "")):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "checkpoint"
            ):
                (name,) = node.args
                assert isinstance(name, ast.Constant), file
                found.append(str(name.value))
    return found


@pytest.fixture(scope="module")
def points() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lethe-points-") as directory:
        yield Path(directory)


@pytest.fixture(scope="module")
def own(
    new_directory: Callable[[str], Path], rabbitmq: RabbitMQ, embedder: OpenAIServer, points: Path
) -> Iterator[Parts]:
    """A server in parts, each of which looks for armed points and is started again alone."""
    settings = {
        "LETHE_AMQP_URL": rabbitmq.url,
        "LETHE_EMBEDDER": embedder.spec,
        "LETHE_TEST_CHECKPOINTS": str(points),
        "LETHE_WEBHOOK_ALLOW_PRIVATE": "true",
    }
    server = Parts(new_directory("points"), **settings).start()
    yield server
    assert server.stop() == 0


@pytest.fixture(autouse=True)
def whole(own: Parts) -> None:
    """Both parts run, whatever the test before has left."""
    own.restart()


def test_each_point_in_the_code_is_exercised() -> None:
    exercised = {*chain(*LIFE.values(), *BATCH.values(), *SWEEPER.values(), WITHOUT_INDEX)}
    assert sorted(names_in_the_code()) == sorted(exercised)


def test_no_step_kills_the_worker_of_an_ingestion_so_often_that_it_is_given_up() -> None:
    for step, names in (LIFE | BATCH).items():
        assert len(names) + len(SWEEPER.get(step, [])) < INGEST_TRIES, step


def test_a_document_lives_through_a_kill_at_each_point(own: Server, rabbitmq: RabbitMQ, points: Path) -> None:
    receiver = asyncio.run(Receiver.bound(rabbitmq.url))
    client = own.client()
    life = Life(Knowledge(client), receiver.callback())
    killer = Killer(own, points)
    with ThreadPoolExecutor(1) as pool, receiving() as hooked:
        body = {"url": hooked.url(), "events": list(EventType)}
        assert life.kb.call("POST", "/webhooks", body).status_code == 201
        mending = pool.submit(killer.mend)
        try:
            for step, names in LIFE.items():
                killer.arm(*names, *SWEEPER.get(step, []))
                while not done(life, step):
                    until(own.is_ready)
                    life.kb = Knowledge(own.client_of(client.token, client.company))
                if step == "erase":  # what its kill leaves is the sweeper's
                    step_clock(own, OVER_AN_HOUR)
                killer.until_all_is_mended(mending)
        finally:
            killer.stop()
        step_clock(own, OVER_AN_HOUR)
        until(lambda: delivered_to_all(own))
        assert told_in_order(own, hooked)
    until(lambda: loose_ends(own) == {})
    until(lambda: scratch_files(own) == [])


def test_a_batch_lives_through_a_kill_at_each_point(own: Server, points: Path) -> None:
    client = own.client()
    life = Life(Knowledge(client), None)
    killer = Killer(own, points)
    with ThreadPoolExecutor(1) as pool:
        mending = pool.submit(killer.mend)
        try:
            for step, names in BATCH.items():
                killer.arm(*names)
                while not done(life, step):
                    until(own.is_ready)
                    life.kb = Knowledge(own.client_of(client.token, client.company))
                killer.until_all_is_mended(mending)
        finally:
            killer.stop()
    step_clock(own, OVER_AN_HOUR)
    until(lambda: loose_ends(own) == {})


def delivered_to_all(server: Server) -> bool:
    """True when no webhook is yet to be told of anything; what waits for another try is due."""
    waiting = ask(server, "SELECT FROM webhook_delivery WHERE status <> 'delivered'")
    if waiting:
        step_clock(server, DEAD_SECONDS)
    return not waiting


def told_in_order(server: Server, receiver: Hooked) -> bool:
    """True when each event has come, and the first time in the order of its document; some came twice."""
    written = ask(server, "SELECT subject, event_id FROM webhook_delivery ORDER BY id")
    came = list(dict.fromkeys(posted.id for posted in receiver.posted))
    order = {id: place for place, id in enumerate(came)}
    of_document: dict[str, list[int]] = {}
    for subject, event_id in written:
        of_document.setdefault(subject, []).append(order[f"msg_{event_id.hex}"])
    assert len(receiver.posted) > len(came) == len(written)
    return all(places == sorted(places) for places in of_document.values())


def done(life: Life, step: str) -> bool:
    """False when the connection ended with the process."""
    try:
        getattr(life, step)()
    except httpx.HTTPError:
        return False
    return True


@pytest.mark.parametrize("point", WITHOUT_INDEX)
def test_a_scrub_killed_while_the_vector_index_is_missing_keeps_nobody_waiting(
    own: Parts, points: Path, point: str
) -> None:
    client = own.client()
    for artifact in ("kept", "gone"):
        assert client.ingest(artifact, f"{TEXT}{artifact}").status_code == 200
    own.kill_worker()
    (earlier,) = ask(
        own,
        "SELECT pg_total_relation_size('chunk_lex') < pg_total_relation_size('chunk_vec')",  # the smallest come first
    )
    reached = arm(points, point, signal.SIGKILL, passes=2 if earlier[0] else 1)
    assert own.command("scrub", check=False).returncode == -signal.SIGKILL
    assert reached.exists()
    assert vector_index(own) == (point == WITHOUT_INDEX[-1], True)

    with psycopg.connect(own.superuser()) as writing:  # for whose end every making of an index waits
        writing.execute(
            "UPDATE chunk_vec SET settled = settled WHERE node_id IN (SELECT id FROM node WHERE artifact = 'kept')"
        )
        own.restart()
        assert client.delete("gone").status_code == 200  # whoever waits for a lock gets a 503
        assert finds(client, "stone", "vector") == ["kept"]
        writing.rollback()
    until(lambda: vector_index(own) == (True, False))
    assert finds(client, "stone", "vector") == ["kept"]


def vector_index(server: Server) -> tuple[bool, bool]:
    """Whether the vector index is there, and whether it is noted as missing."""
    ((there, noted),) = ask(
        server,
        "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('chunk_vec_nearest') AND indisvalid),"
        " EXISTS (SELECT FROM installation WHERE key = 'index set aside: chunk_vec_nearest')",
    )
    return there, noted
