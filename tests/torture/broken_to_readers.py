"""Histories that break what readers are promised."""

from collections.abc import Callable

from tests.torture.history import FOREVER, NO_ANSWER, Outcome
from tests.torture.made import A, F, Made, N, X, task, unknown

B = f"artifact:{X}/c/b"


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


def server_error(made: Made) -> None:
    made.act("delete", detail="500 An internal error occurred.", **unknown())


def unanswered(made: Made) -> None:
    made.act("search full", "", detail=NO_ANSWER, **unknown())


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


BROKEN: dict[Callable[[Made], None], str] = {
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
    server_error: "an answer of 500",
    unanswered: "no answer in time",
    lost: "lost",
    lost_after_task: "lost",
    lost_after_restore: "lost",
    lost_after_restore_of_folder: "lost",
    not_found: "not found by search",
}
