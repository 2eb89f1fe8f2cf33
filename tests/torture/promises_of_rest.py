"""What is left in the end: in tables and files, and of receipts."""

from collections import Counter
from collections.abc import Iterator

from tests.torture.end import End
from tests.torture.history import ERASES_BY_NAME, ERASES_FROM_TRASH, TRASHES, Operation, Outcome
from tests.torture.past import Past, Rule, Violation, left_a_file


def everything_is_whole_and_at_rest(past: Past, end: End) -> Iterator[Violation]:
    """Nobody waits for more, what is there is whole, and a document has one content, also in its file."""
    for what, rows in end.busy.items():
        yield Violation("does not come to rest", what, "\n".join(map(str, rows[:10])))
    for what, rows in end.wrong.items():
        yield Violation("not whole", what, "\n".join(map(str, rows[:10])))
    for node, words in end.contents.items():
        if len(words) > 1:
            yield Violation("two contents in one document", node, ", ".join(sorted(words)))
    contents = {word for words in end.contents.values() for word in words}
    for word in sorted(end.originals - contents):
        yield Violation("a file holds what no row does", past.history.writes[word].subject, word)


def nothing_is_left_of_what_was_erased(past: Past, end: End) -> Iterator[Violation]:
    """No row and no file holds a word of what was erased."""
    held = {word for words in end.words.values() for word in words}
    for word, write in past.history.writes.items():
        if word not in held and word not in end.words_in_files:
            continue
        where = "rows" if word in held else "files"
        if write.outcome is Outcome.FAIL:
            yield Violation(f"a failed write is left in {where}", write.subject, str(write))
        for erase in past.effective(write.subject, ERASES_BY_NAME | ERASES_FROM_TRASH):
            if (
                erase.outcome is Outcome.OK
                and write.ended < erase.began
                and not _may_be_in_trash(past, write, erase)
            ):
                yield Violation(f"what was erased is left in {where}", write.subject, f"{write}\n{erase}")


def _may_be_in_trash(past: Past, write: Operation, erase: Operation) -> bool:
    """A deletion by name does not reach what was put into the trash before."""
    return erase.kind in ERASES_BY_NAME and any(
        write.began < t.ended and t.began < erase.ended for t in past.effective(write.subject, TRASHES)
    )


def every_erasure_has_its_receipt(past: Past, end: End) -> Iterator[Violation]:
    """An acknowledged erasure names a receipt of its own, that is there; there are no others; the chains hold.

    Nobody has named the receipts of erasures whose answer was lost, and of those whose receipt was late.
    """
    for company, why in end.broken_chains.items():
        yield Violation("receipts do not hold", company, why)
    every = Counter(end.receipts)
    named: set[str | None] = set()
    erasures = [o for o in past.history.operations if o.kind in ERASES_BY_NAME | ERASES_FROM_TRASH]
    for erase in erasures:
        if erase.outcome is not Outcome.OK or left_a_file(erase):
            continue
        if erase.receipt is None or every[erase.receipt] != 1:
            yield Violation("erased without one receipt", erase.subject, str(erase))
        elif erase.receipt in named:
            yield Violation("two erasures in one receipt", erase.subject, str(erase))
        named.add(erase.receipt)
    unnamed = len(every.keys() - named)
    late = sum(map(left_a_file, erasures))
    unknown = sum(erase.outcome is Outcome.UNKNOWN for erase in erasures)
    if unnamed < late:
        yield Violation("erased without one receipt", "receipts", f"{unnamed} unnamed, {late} late")
    if unnamed > late + unknown:
        yield Violation(
            "receipts of nothing", "receipts", f"{unnamed} unnamed, {late} late, {unknown} unknown"
        )


REMAINS: tuple[Rule, ...] = (
    everything_is_whole_and_at_rest,
    nothing_is_left_of_what_was_erased,
    every_erasure_has_its_receipt,
)
