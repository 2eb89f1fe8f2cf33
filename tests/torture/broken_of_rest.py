"""Histories that break what is promised of what is left in the end."""

from collections.abc import Callable

from tests.torture.history import Outcome
from tests.torture.made import Made, N, deletion_without_its_file, unknown


def two_contents(made: Made) -> None:
    first, second = made.write("ingest"), made.write("ingest")
    made.end.contents = {"x": {str(first.word), str(second.word)}}


def replaced_files(made: Made) -> None:
    made.end.originals = {str(made.write("ingest").word)}
    made.end.contents = {"x": {str(made.write("ingest").word)}}


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


def receipt_never_written(made: Made) -> None:
    deletion_without_its_file(made)


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


BROKEN: dict[Callable[[Made], None], str] = {
    two_contents: "two contents in one document",
    replaced_files: "a file holds what no row does",
    erased_rows: "what was erased is left in rows",
    erased_files: "what was erased is left in files",
    failed_rows: "a failed write is left in rows",
    erased_without_receipt: "erased without one receipt",
    receipt_gone: "erased without one receipt",
    receipt_never_written: "erased without one receipt",
    receipt_twice: "erased without one receipt",
    receipt_shared: "two erasures in one receipt",
    receipt_of_nothing: "receipts of nothing",
    chain_broken: "receipts do not hold",
    half: "not whole",
    restless: "does not come to rest",
}
