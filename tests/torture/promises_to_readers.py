"""What readers must see, and must not."""

from collections.abc import Iterator

from tests.torture.end import End
from tests.torture.history import (
    ERASES_FROM_TRASH,
    FOREVER,
    HIDES,
    NO_ANSWER,
    RESTORES,
    WRITES,
    Operation,
    Outcome,
    Seen,
)
from tests.torture.past import Past, Rule, Violation


def what_is_read_was_written(past: Past, end: End) -> Iterator[Violation]:
    """No answer shows what no write brought in, or another company, or the wrong document, or a write that failed."""
    for read in past.reads():
        for seen in read.seen:
            if seen.subject not in past.company_of:
                yield Violation("read what nobody wrote", seen.subject, str(read))
            elif past.company_of[seen.subject] != read.company:
                yield Violation("read what another company wrote", seen.subject, str(read))
            if seen.word is None:
                continue
            write = past.history.writes.get(seen.word)
            if write is None or write.subject != seen.subject or write.began > read.ended:
                yield Violation("read what was not written there", seen.subject, str(read))
            elif write.outcome is Outcome.FAIL:
                yield Violation("read what a failed write brought", seen.subject, f"{read}\n{write}")


def what_is_deleted_is_not_read(past: Past, end: End) -> Iterator[Violation]:
    """A read that began after an acknowledged delete does not show the document, unless it came again later."""
    for read in past.reads():
        for seen in read.seen:
            for hide in past.effective(seen.subject, HIDES):
                if (
                    hide.outcome is Outcome.OK
                    and hide.ended < read.began
                    and not _came_again(past, hide, read, seen)
                ):
                    yield Violation("read after its delete", seen.subject, f"{hide}\n{read}")


def _came_again(past: Past, hide: Operation, read: Operation, seen: Seen) -> bool:
    def between(other: Operation) -> bool:
        return other.ended > hide.began and other.began < read.ended

    if hide.kind in ERASES_FROM_TRASH:
        return False
    if any(between(r) for r in past.effective(seen.subject, RESTORES)):
        return True
    if not seen.subject.startswith("artifact:"):
        return False
    if seen.word is not None:
        return seen.word in past.history.writes and between(past.history.writes[seen.word])
    return any(between(w) for w in past.effective(seen.subject, WRITES))


def what_is_replaced_is_not_read(past: Past, end: End) -> Iterator[Violation]:
    """A read that began after a newer content was there does not show an older one."""
    for read in past.reads():
        for seen in read.seen:
            old = past.history.writes.get(seen.word or "")
            if old is None:
                continue
            for new in past.effective(seen.subject, WRITES):
                if (
                    old.ended < new.began
                    and new.done < read.began
                    and not _older_came_back(past, seen.subject, new, read)
                ):
                    yield Violation("read what was replaced", seen.subject, f"{old}\n{new}\n{read}")


def _older_came_back(past: Past, subject: str, new: Operation, read: Operation) -> bool:
    """An artifact can be deleted, and another one of its name come back from the trash."""
    return subject.startswith("artifact:") and any(
        r.ended > new.began and r.began < read.ended for r in past.effective(subject, RESTORES)
    )


def every_failure_says_try_again(past: Past, end: End) -> Iterator[Violation]:
    """While something is away or full the answer is 503: nothing that happens here is the server's own fault."""
    for asked in past.history.operations:
        if asked.detail.startswith("500 "):
            yield Violation("an answer of 500", asked.subject, str(asked))


def nobody_waits_without_end(past: Past, end: End) -> Iterator[Violation]:
    """Whatever others do, a call is answered in time, with a refusal if need be, or its connection breaks.

    An ingestion that is waited for takes as long as its task, which may go from worker to worker.
    """
    for asked in past.history.operations:
        if asked.detail == NO_ANSWER and asked.kind != "ingest":
            subject = asked.subject or f"#{asked.number} {asked.kind}"
            yield Violation("no answer in time", subject, str(asked))


def what_is_written_can_be_read(past: Past, end: End) -> Iterator[Violation]:
    """What was acknowledged as stored is there, until somebody may have deleted it."""
    for read in past.reads():
        for subject in read.missed:
            if subject.startswith("word:"):
                yield from _not_found(past, read, subject.removeprefix("word:"))
                continue
            for came in past.effective(subject, WRITES | RESTORES):
                if _is_there(past, came, subject) < read.began and not _may_be_hidden(
                    past, subject, came, read
                ):
                    yield Violation("lost", subject, f"{came}\n{read}")


def _is_there(past: Past, came: Operation, subject: str) -> float:
    """From when on the document must be seen because of this."""
    if came.outcome is not Outcome.OK:
        return FOREVER
    if came.kind in RESTORES:
        if subject.startswith("artifact:"):
            return FOREVER  # it may have been another one of that name
        # A restored folder brings back what was deleted with it: not what had been deleted before, by itself.
        if came.subject != subject and any(o.subject == subject for o in past.effective(subject, HIDES)):
            return FOREVER
        made = next((o for o in past.of[subject] if o.kind in WRITES), None)
        trashed = [o for o in past.effective(subject, HIDES) if o.began < came.ended]
        whole = came.subject == subject or (
            made is not None and made.outcome is Outcome.OK and all(made.ended < o.began for o in trashed)
        )
        return came.ended if whole and past.of[subject] else FOREVER
    return came.ended if came.kind == "create" else came.done if came.kind != "replace" else FOREVER


def _may_be_hidden(past: Past, subject: str, came: Operation, read: Operation) -> bool:
    return any(o.ended > came.began and o.began < read.ended for o in past.effective(subject, HIDES))


def _not_found(past: Past, read: Operation, word: str) -> Iterator[Violation]:
    """A search for a word that is in one document only."""
    write = past.history.writes[word]
    if (
        write.outcome is not Outcome.OK
        or write.done >= read.began
        or _may_be_hidden(past, write.subject, write, read)
    ):
        return
    later = (w for w in past.effective(write.subject, WRITES) if w is not write)
    if not any(w.ended > write.began and w.began < read.ended for w in later):
        yield Violation("not found by search", write.subject, f"{write}\n{read}")


READS: tuple[Rule, ...] = (
    what_is_read_was_written,
    what_is_deleted_is_not_read,
    what_is_replaced_is_not_read,
    every_failure_says_try_again,
    nobody_waits_without_end,
    what_is_written_can_be_read,
)
