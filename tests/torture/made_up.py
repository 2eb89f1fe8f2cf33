"""Histories: a good one, and for each promise some that break it."""

from collections.abc import Callable
from typing import Any

from tests.torture.history import FOREVER, Operation, Outcome
from tests.torture.made import A, F, Made, N, X

B = f"artifact:{X}/c/b"


def unknown() -> dict[str, Any]:
    return {"outcome": Outcome.UNKNOWN, "ended": FOREVER, "done": FOREVER}


def task(made: Made, kind: str, *statuses: str, told: bool = False) -> Operation:
    """An asynchronous call and the states in which its task was seen."""
    number = f"t{len(made.history.operations)}"
    writes = kind == "ingest_async"
    more: dict[str, Any] = {
        "task": number,
        "status": statuses[-1] if statuses else None,
        "told": told,
        "done": FOREVER,
    }
    operation = made.write(kind, **more) if writes else made.act(kind, **more)
    for status in statuses:
        made.act("task", "", task=number, status=status)
    return operation


def good(made: Made) -> None:
    """Everything that may happen and breaks nothing."""
    made.miss(A)
    first = made.write("ingest")
    made.see(A, first)
    lost = made.write("ingest", **unknown())
    made.see(A, first)
    second = made.write("ingest")
    made.see(A, second)
    made.see(A, lost)  # it may come at any time
    made.act("delete")
    made.miss(A)
    made.see(A, lost)
    made.act("delete", outcome=Outcome.FAIL)
    third = made.write("ingest")
    made.act("delete", **unknown())
    made.miss(A)
    made.see(A, third)
    revoked = task(made, "ingest_async", "PENDING", "REVOKED", told=True)
    made.tell(revoked, "progress", "e1", 0)
    made.tell(revoked, "error", "e2")
    made.tell(revoked, "error", "e2")
    node = made.write("create", N)
    made.see(N, None)
    made.act("trash", F)
    made.miss(N)
    made.act("restore", F)
    made.see(N, node)
    made.act("trash", N)
    made.miss(N)
    made.act("erase", N)
    made.miss(N)
    made.act("create", N)
    older = made.write("ingest")
    made.act("trash")
    made.miss(A)
    newer = made.write("ingest")
    made.see(A, newer)
    made.act("delete")
    made.act("restore")
    made.see(A, older)
    made.end.words = {"x": {str(third.word), str(older.word)}}


def read_of_nothing(made: Made) -> None:
    made.see("unknown:x")


def read_of_another(made: Made) -> None:
    made.act("content", B, outcome=Outcome.FAIL)
    made.see(B, made.write("ingest"))


def read_of_another_company(made: Made) -> None:
    write = made.write("ingest", company="y")
    made.see(A, write)


def read_of_a_refused_write(made: Made) -> None:
    made.see(A, made.write("ingest", outcome=Outcome.FAIL))


def read_of_a_revoked_write(made: Made) -> None:
    write = task(made, "ingest_async", "REVOKED")
    made.act("delete", **unknown())
    made.see(A, write)


def read_after_delete(made: Made) -> None:
    write = made.write("ingest")
    made.act("delete")
    made.see(A, write)


def old_content_after_delete_and_new_write(made: Made) -> None:
    write = made.write("ingest")
    made.act("delete_async")
    made.write("ingest", done=FOREVER)
    made.see(A, write)


def title_after_trash(made: Made) -> None:
    made.write("create", N)
    made.act("trash", N)
    made.write("replace", N, **unknown())
    made.see(N)


def document_after_trash_of_its_folder(made: Made) -> None:
    made.write("create", N)
    made.act("trash", F)
    made.see(N)


def restored_after_erase(made: Made) -> None:
    made.write("create", N)
    made.act("trash", N)
    made.act("restore", N, **unknown())
    made.act("erase", N)
    made.see(N)


def replaced(made: Made) -> None:
    first = made.write("ingest")
    made.write("ingest")
    made.see(A, first)


def replaced_in_the_tree(made: Made) -> None:
    first = made.write("create", N)
    made.write("replace", N, done=FOREVER)
    made.act("trash", N)
    made.act("restore", N)
    made.see(N, first)
    made.history.rest()
    made.see(N, first)


def two_contents(made: Made) -> None:
    first, second = made.write("ingest"), made.write("ingest")
    made.end.contents = {"x": {str(first.word), str(second.word)}}


def replaced_files(made: Made) -> None:
    made.end.originals = {str(made.write("ingest").word)}
    made.end.contents = {"x": {str(made.write("ingest").word)}}


def server_error(made: Made) -> None:
    made.act("delete", detail="500 The server failed at this request.", **unknown())


def lost(made: Made) -> None:
    made.write("ingest")
    made.miss(A)


def lost_after_task(made: Made) -> None:
    made.write("ingest_async")
    made.miss(A)


def lost_after_restore(made: Made) -> None:
    made.write("create", N)
    made.act("trash", N)
    made.act("restore", N)
    made.miss(N)


def lost_after_restore_of_folder(made: Made) -> None:
    made.write("create", N)
    made.act("trash", F)
    made.act("restore", F)
    made.miss(N)


def not_found(made: Made) -> None:
    made.miss(f"word:{made.write('ingest').word}")


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


def erased_rows(made: Made) -> None:
    made.end.words = {"": {str(made.write("ingest").word)}}
    made.act("delete")


def erased_files(made: Made) -> None:
    made.end.words_in_files = {str(made.write("create", N).word)}
    made.act("trash", N)
    made.act("erase", N)


def failed_rows(made: Made) -> None:
    made.end.words = {"x": {str(made.write("ingest", outcome=Outcome.FAIL).word)}}


def erased_without_receipt(made: Made) -> None:
    made.act("delete", receipt=None)


def receipt_gone(made: Made) -> None:
    made.act("delete")
    made.end.receipts.pop()


def receipt_twice(made: Made) -> None:
    made.act("delete")
    made.end.receipts *= 2


def receipt_shared(made: Made) -> None:
    made.act("delete", receipt=made.act("erase", N).receipt)


def receipt_of_nothing(made: Made) -> None:
    made.act("delete", **unknown())
    made.end.receipts += ["another", "and one more"]


def chain_broken(made: Made) -> None:
    made.end.broken_chains = {"x": "The signature does not hold."}


def half(made: Made) -> None:
    made.end.wrong = {"rows without a document": [1]}


def restless(made: Made) -> None:
    made.end.busy = {"jobs": [1]}


BAD: dict[Callable[[Made], None], str] = {
    read_of_nothing: "read what nobody wrote",
    read_of_another: "read what was not written there",
    read_of_another_company: "read what another company wrote",
    read_of_a_refused_write: "read what a failed write brought",
    read_of_a_revoked_write: "read what a failed write brought",
    read_after_delete: "read after its delete",
    old_content_after_delete_and_new_write: "read after its delete",
    title_after_trash: "read after its delete",
    document_after_trash_of_its_folder: "read after its delete",
    restored_after_erase: "read after its delete",
    replaced: "read what was replaced",
    replaced_in_the_tree: "read what was replaced",
    two_contents: "two contents in one document",
    replaced_files: "a file holds what no row does",
    server_error: "an answer of 500",
    lost: "lost",
    lost_after_task: "lost",
    lost_after_restore: "lost",
    lost_after_restore_of_folder: "lost",
    not_found: "not found by search",
    endless: "a task has not ended",
    two_ends: "a final state changed",
    task_gone: "a task is gone",
    revoked_by_nobody: "revoked by nobody",
    ingestion_failed: "an ingestion failed",
    ingestion_of_the_tree_failed: "an ingestion failed",
    deletion_failed: "a deletion failed",
    not_told: "not told exactly one end",
    told_twice: "not told exactly one end",
    told_after_the_end: "not told exactly one end",
    told_wrongly: "told another end",
    told_backwards: "progress went back",
    erased_rows: "what was erased is left in rows",
    erased_files: "what was erased is left in files",
    failed_rows: "a failed write is left in rows",
    erased_without_receipt: "erased without one receipt",
    receipt_gone: "erased without one receipt",
    receipt_twice: "erased without one receipt",
    receipt_shared: "two erasures in one receipt",
    receipt_of_nothing: "receipts of nothing",
    chain_broken: "receipts do not hold",
    half: "not whole",
    restless: "does not come to rest",
}
