"""Histories that break what is promised of tasks."""

from collections.abc import Callable

from tests.torture.made import Made, N, deletion_without_its_file, task


def endless(made: Made) -> None:
    task(made, "ingest_async", "STARTED")


def two_ends(made: Made) -> None:
    task(made, "ingest_async", "FAILURE", "SUCCESS")


def task_gone(made: Made) -> None:
    task(made, "ingest_async", "SUCCESS", "no task: 404")


def revoked_by_nobody(made: Made) -> None:
    task(made, "ingest_async", "REVOKED")


def ingestion_failed(made: Made) -> None:
    task(made, "ingest_async", "FAILURE")


def ingestion_of_the_tree_failed(made: Made) -> None:
    made.act("node", N, detail="failure")


def deletion_failed(made: Made) -> None:
    task(made, "delete_async", "FAILURE")


def deletion_failed_at_a_file_that_could_be_removed(made: Made) -> None:
    made.act("look", "")
    deletion_without_its_file(made, until=0.5)
    made.end.receipts.append("late")


def not_told(made: Made) -> None:
    made.tell(task(made, "ingest_async", "SUCCESS", told=True), "progress", "e1", 0)


def told_twice(made: Made) -> None:
    asked = task(made, "ingest_async", "SUCCESS", told=True)
    made.tell(asked, "done", "e1")
    made.tell(asked, "done", "e2")


def told_after_the_end(made: Made) -> None:
    asked = task(made, "ingest_async", "SUCCESS", told=True)
    made.tell(asked, "done", "e1")
    made.tell(asked, "progress", "e2", 0)


def told_wrongly(made: Made) -> None:
    made.tell(task(made, "ingest_async", "SUCCESS", told=True), "error", "e1")


def told_backwards(made: Made) -> None:
    asked = task(made, "ingest_async", "SUCCESS", told=True)
    made.tell(asked, "progress", "e1", 50)
    made.tell(asked, "progress", "e2", 20)
    made.tell(asked, "done", "e3")


BROKEN: dict[Callable[[Made], None], str] = {
    endless: "a task has not ended",
    two_ends: "a final state changed",
    task_gone: "a task is gone",
    revoked_by_nobody: "revoked by nobody",
    ingestion_failed: "an ingestion failed",
    ingestion_of_the_tree_failed: "an ingestion failed",
    deletion_failed: "a deletion failed",
    deletion_failed_at_a_file_that_could_be_removed: "a deletion failed",
    not_told: "not told exactly one end",
    told_twice: "not told exactly one end",
    told_after_the_end: "not told exactly one end",
    told_wrongly: "told another end",
    told_backwards: "progress went back",
}
