"""Tasks and documents that are waited for, and lists that come page by page."""

from typing import Any

import pytest
from lethe_client import IngestionFailedError, Lethe, TaskFailedError, WaitTimeoutError
from lethe_client.models import Task

from tests.client import Client, long_text
from tests.clients.conftest import Either
from tests.lifecycle.stored import ask
from tests.server import Server


def test_a_task_is_waited_for_and_tells_how_far_it_is(either: Either) -> None:
    started = either(lambda c: c.artifacts.ingest_in_background("a", text=long_text(20), collection="c"))
    seen: list[Task] = []
    task = either(lambda c: c.tasks.wait(started.task_id, on_progress=seen.append))
    assert (task.status, task.percentage, task.artifact) == ("success", 100, "a")
    assert seen[-1] == task
    states = [(t.status, t.step, t.percentage) for t in seen]
    assert len(set(states)) == len(states)
    erasing = either(lambda c: c.artifacts.delete_in_background("a", "c"))
    assert either(lambda c: c.tasks.wait(erasing.task_id)).receipt_id is not None


def test_a_task_that_failed_is_an_error_that_says_why(either: Either) -> None:
    started = either(lambda c: c.artifacts.ingest_in_background(file=b"%PDF-1.4 x", file_name="b.pdf"))
    with pytest.raises(TaskFailedError, match=r"b\.pdf") as caught:
        either(lambda c: c.tasks.wait(started.task_id))
    assert caught.value.task.status == "failure"


def test_a_document_that_could_not_be_read_is_an_error_that_says_why(sync: Either) -> None:
    node = sync(lambda c: c.documents.upload(b"%PDF-1.4 x", file_name="b.pdf"))
    with pytest.raises(IngestionFailedError, match=r"b\.pdf") as caught:
        sync(lambda c: c.documents.wait(node.id))
    assert caught.value.node.id == node.id


def test_who_waits_no_longer_can_wait_again(either: Either, server: Server) -> None:
    with server.worker_standing_still():
        started = either(lambda c: c.artifacts.ingest_in_background("a", text="x"))
        with pytest.raises(WaitTimeoutError, match=r"0\.3 s") as caught:
            either(lambda c: c.tasks.wait(started.task_id, timeout=0.3))
        assert isinstance(caught.value, TimeoutError)
        node = either(lambda c: c.documents.create("D", "# x"))
        with pytest.raises(WaitTimeoutError):
            either(lambda c: c.documents.wait(node.id, timeout=0))
    assert either(lambda c: c.tasks.wait(started.task_id)).status == "success"
    assert either(lambda c: c.documents.wait(node.id)).last_ingestion.status == "success"


def test_lists_go_on_over_their_pages(either: Either, client: Client) -> None:
    for name in "abcde":
        client.ingest(name, f"text {name}")
    assert [d.artifact for d in either(lambda c: c.artifacts.list("c", limit=2))] == list("abcde")
    assert [t.artifact for t in either(lambda c: c.tasks.list(limit=2))] == list("edcba")
    page = either(lambda c: c.artifacts.list("c", limit=2).first_page())
    assert ([d.artifact for d in page.data], bool(page.next_cursor)) == (["a", "b"], True)


def test_numbered_pages_are_lists_too(lethe: Lethe, server: Server, client: Client) -> None:
    ask(
        server,
        """
        INSERT INTO assistant (company_id, id, name)
        SELECT c.id, repeat(n, 24), upper(n) FROM company c, unnest(ARRAY['a', 'b', 'c']) n WHERE c.name = %s
        """,
        client.company,
    )
    assert [a.name for a in lethe.assistants.list(limit=2)] == ["A", "B", "C"]
    assert [len(page.data) for page in lethe.assistants.list(limit=2).pages()] == [2, 1]


def test_another_companys_task_is_not_there(sync: Either, server: Server) -> None:
    theirs: Any = server.client().ingest_async("a", "x")
    with pytest.raises(Exception, match="Task with specified ID not found"):
        sync(lambda c: c.tasks.get(theirs))
