"""Whether a history and what a server holds in the end agree with what Lethe promises.

An operation whose outcome is unknown may have taken effect at any time after its beginning, or never: it excuses
what others see, and is never blamed itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.torture.end import End
from tests.torture.history import (
    ERASES_BY_NAME,
    ERASES_FROM_TRASH,
    FOREVER,
    HIDES,
    RESTORES,
    WRITES,
    History,
    Operation,
    Outcome,
    Seen,
)


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise, and the document or task that it is about."""

    rule: str
    subject: str
    what: str


class Past:
    """A history, arranged for questions."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.of = history.by_subject()
        for operation in history.operations:
            _settle(operation)

    def reads(self) -> Iterator[Operation]:
        """All that were answered."""
        return (
            o for o in self.history.operations if o.outcome is not Outcome.UNKNOWN and (o.seen or o.missed)
        )

    def effective(self, subject: str, kinds: frozenset[str]) -> Iterator[Operation]:
        """The operations of these kinds on a document or its folder that took effect, or may have."""
        return (o for o in self.of.get(subject, ()) if o.kind in kinds and o.outcome is not Outcome.FAIL)


def _settle(operation: Operation) -> None:
    """What a task's end says of the call that began it: a failed or revoked ingestion has stored nothing."""
    if operation.kind == "ingest_async" and operation.status in ("FAILURE", "REVOKED"):
        operation.outcome = Outcome.FAIL
    if operation.kind == "delete_async" and operation.status == "FAILURE":
        operation.outcome = Outcome.FAIL


def what_is_read_was_written(past: Past, end: End) -> Iterator[Violation]:
    """No answer shows content that no write brought in, or that of another document, or of a write that failed."""
    for read in past.reads():
        for seen in read.seen:
            if seen.subject.startswith("unknown:"):
                yield Violation("read what nobody wrote", seen.subject, str(read))
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
    if hide.kind in ERASES_BY_NAME:
        if seen.word is not None:
            return seen.word in past.history.writes and between(past.history.writes[seen.word])
        return any(between(w) for w in past.effective(seen.subject, WRITES))
    return any(between(r) for r in past.effective(seen.subject, RESTORES))


def what_is_replaced_is_not_read(past: Past, end: End) -> Iterator[Violation]:
    """A read that began after a newer content was there does not show an older one."""
    for read in past.reads():
        for seen in read.seen:
            old = past.history.writes.get(seen.word or "")
            if old is None:
                continue
            for new in past.effective(seen.subject, WRITES):
                if old.ended < new.began and new.done < read.began:
                    yield Violation("read what was replaced", seen.subject, f"{old}\n{new}\n{read}")


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
        # A restored folder brings back what was deleted with it: not what had been deleted before, by itself.
        if came.subject != subject and any(o.subject == subject for o in past.effective(subject, HIDES)):
            return FOREVER
        made = next((o for o in past.of[subject] if o.kind in WRITES), None)
        trashed = [o for o in past.effective(subject, HIDES) if o.began < came.ended]
        whole = came.subject == subject or (
            made is not None and made.outcome is Outcome.OK and all(made.ended < o.began for o in trashed)
        )
        return came.ended if whole and past.of[subject] else FOREVER
    return (
        came.ended if came.kind in ("create", "upload") else came.done if came.kind != "replace" else FOREVER
    )


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


def every_task_ends_once(past: Past, end: End) -> Iterator[Violation]:
    """A task has one final state for good."""
    final: dict[str, str] = {}
    for look in past.history.operations:
        if look.kind != "task" or look.task is None or look.status is None:
            continue
        if look.status.startswith("no task"):
            yield Violation("a task is gone", look.task, str(look))
        elif look.task in final and final[look.task] != look.status:
            yield Violation("a final state changed", look.task, f"{final[look.task]} before\n{look}")
        elif look.status in _ENDS:
            final[look.task] = look.status
    for asked in past.history.operations:
        if asked.task is not None and asked.kind != "task" and asked.task not in final:
            yield Violation("a task has not ended", asked.subject, str(asked))


def every_task_ends_for_a_reason(past: Past, end: End) -> Iterator[Violation]:
    """A task is revoked only by something that came in between, and a deletion fails only where nothing is."""
    for asked in past.history.operations:
        if asked.kind == "delete_async" and asked.status == "FAILURE" and "not found" not in asked.detail:
            yield Violation("a deletion failed", asked.subject, str(asked))
        if asked.kind in ("ingest_async", "delete_async") and asked.status == "REVOKED":
            others = (o for o in past.of[asked.subject] if o is not asked and o.kind in WRITES | HIDES)
            if asked.kind == "delete_async" or not any(o.ended > asked.began for o in others):
                yield Violation("revoked by nobody", asked.subject, str(asked))


_ENDS = {"SUCCESS": "done", "FAILURE": "error", "REVOKED": "error"}


def every_task_tells_its_end_once(past: Past, end: End) -> Iterator[Violation]:
    """Who asked for events gets them in order, and one that is the end; more than once only under the same id."""
    told: dict[int, list[tuple[str, str, int]]] = {}
    ids: set[str] = set()
    for event in end.events:
        if event.event_id not in ids:
            ids.add(event.event_id)
            number = event.body["callback_properties"]["operation"]
            share = (event.body["data"]["percentage"] or 0) if event.kind == "progress" else 0
            told.setdefault(number, []).append((event.task_id, event.kind, share))
    for asked in past.history.operations:
        events = told.get(asked.number, [])
        if not asked.told or (asked.task is None and not events):
            continue
        kinds = [kind for _, kind, _ in events]
        shares = [share for _, kind, share in events if kind == "progress"]
        story = f"{asked}\ntold: {events}"
        if [k for k in kinds if k != "progress"] != kinds[-1:] or not kinds:
            yield Violation("not told exactly one end", asked.subject, story)
        elif asked.status is not None and kinds[-1] != _ENDS[asked.status]:
            yield Violation("told another end", asked.subject, story)
        elif len({task for task, _, _ in events}) != 1 or (asked.task and events[0][0] != asked.task):
            yield Violation("told of another task", asked.subject, story)
        steps = [i for i in range(1, len(shares)) if shares[i] < shares[i - 1]]
        if steps:
            yield Violation("progress went back", asked.subject, story)


def nothing_is_left_of_what_was_erased(past: Past, end: End) -> Iterator[Violation]:
    """No row and no file holds a word of what was erased; what is there is whole, and nobody waits for more."""
    for what, rows in end.busy.items():
        yield Violation("does not come to rest", what, "\n".join(map(str, rows[:10])))
    for what, rows in end.wrong.items():
        yield Violation("not whole", what, "\n".join(map(str, rows[:10])))
    held = {word for words in end.words.values() for word in words}
    for word, write in past.history.writes.items():
        if word not in held and word not in end.words_in_files:
            continue
        where = "rows" if word in held else "files"
        if write.outcome is Outcome.FAIL:
            yield Violation(f"a failed write is left in {where}", write.subject, str(write))
        for erase in past.effective(write.subject, ERASES_BY_NAME | ERASES_FROM_TRASH):
            if erase.outcome is Outcome.OK and write.ended < erase.began:
                yield Violation(f"what was erased is left in {where}", write.subject, f"{write}\n{erase}")


Rule = Callable[[Past, End], Iterator[Violation]]

RULES: tuple[Rule, ...] = (
    what_is_read_was_written,
    what_is_deleted_is_not_read,
    what_is_replaced_is_not_read,
    what_is_written_can_be_read,
    every_task_ends_once,
    every_task_ends_for_a_reason,
    every_task_tells_its_end_once,
    nothing_is_left_of_what_was_erased,
)
"""What must hold. A further promise, such as one signed receipt an erasure, is one more rule here, over one
more field of `End`."""


def check(history: History, end: End) -> list[Violation]:
    """All broken promises."""
    past = Past(history)
    return [violation for rule in RULES for violation in rule(past, end)]
