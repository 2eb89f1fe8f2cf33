"""kill -9 at each named point of the write paths: what a client then repeats is whole, and nothing is left over."""

import ast
import asyncio
import signal
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path

import httpx
import psycopg
import pytest

import lethe
from lethe.domain.checkpoints import arm, disarm
from lethe.domain.webhooks import EventType
from lethe.workers.jobs import INGEST_TRIES
from tests.http.hooked import Receiver as Hooked
from tests.http.hooked import receiving
from tests.http.knowledge.knowledge import Knowledge
from tests.lifecycle.killer import DEAD_SECONDS, Killer
from tests.lifecycle.life import BATCH, LIFE, SWEEPER, TEXT, WITHOUT_INDEX, Life
from tests.lifecycle.parts import Parts
from tests.lifecycle.receiver import Receiver
from tests.lifecycle.searched import finds
from tests.lifecycle.stored import ask, loose_ends, scratch_files, step_clock, without_autovacuum
from tests.server import Server
from tests.services import OpenAIServer, RabbitMQ
from tests.waiting import PATIENCE_SECONDS, until

KILLS_SECONDS = 4 * PATIENCE_SECONDS
"""A step is begun again after each kill of it."""
OVER_AN_HOUR = 3700
"""A file that nobody refers to is removed after an hour: the longest that anything waits for."""


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
def whole(own: Parts, points: Path) -> None:
    """Both parts run and no point is armed, whatever the test before has left."""
    for name in names_in_the_code():
        disarm(points, name)
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
                until(partial(done, life, step, own), KILLS_SECONDS)
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
                until(partial(done, life, step, own), KILLS_SECONDS)
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


def done(life: Life, step: str, server: Server) -> bool:
    """False when the connection ended with the process, or the server said to try again: what died held a lock."""
    http = life.kb.artifacts.http
    http.event_hooks = {"response": [try_again_if_told_so]}
    try:
        getattr(life, step)()
    except httpx.HTTPError:
        until(server.is_ready)
        life.kb = Knowledge(server.client_of(life.kb.artifacts.token, life.kb.company))
        return False
    http.event_hooks = {}
    return True


def try_again_if_told_so(answer: httpx.Response) -> None:
    if "Retry-After" in answer.headers:
        answer.raise_for_status()


@pytest.mark.parametrize("point", WITHOUT_INDEX)
def test_a_scrub_killed_while_the_vector_index_is_missing_keeps_nobody_waiting(
    own: Parts, points: Path, point: str
) -> None:
    client = own.client()
    for artifact in ("kept", "gone"):
        assert client.ingest(artifact, f"{TEXT}{artifact}").status_code == 200
    own.kill_worker()
    without_autovacuum(own)  # so that the order of sizes stays
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
