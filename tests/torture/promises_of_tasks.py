"""How tasks end, and what is told of it."""

import re
from collections.abc import Iterator

from tests.torture.end import End
from tests.torture.history import HIDES, UNDELETABLE_FILE, WRITES, Operation
from tests.torture.past import Past, Rule, Violation, left_a_file


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


_LATER = re.compile("again|later|erased")
"""What a failure says that another try would mend; or its sentence went with the document."""


def every_task_ends_for_a_reason(past: Past, end: End) -> Iterator[Violation]:
    """A task is revoked only by something that came in between, and a deletion fails only where nothing is, or where
    its file cannot be removed.

    No ingestion fails, as all texts are good, unless faults met each of its tries: then it says to try again.
    """
    for asked in past.history.operations:
        if asked.kind == "ingest_async" and asked.status == "FAILURE" and not _LATER.search(asked.detail):
            yield Violation("an ingestion failed", asked.subject, str(asked))
        if asked.kind == "node" and asked.detail.startswith("failure") and not _LATER.search(asked.detail):
            yield Violation("an ingestion failed", asked.subject, str(asked))
        if asked.kind == "delete_async" and asked.status == "FAILURE" and not _may_fail(past, asked):
            yield Violation("a deletion failed", asked.subject, str(asked))
        if asked.kind in ("ingest_async", "delete_async") and asked.status == "REVOKED":
            others = (o for o in past.of[asked.subject] if o is not asked and o.kind in WRITES | HIDES)
            if asked.kind == "delete_async" or not any(o.ended > asked.began for o in others):
                yield Violation("revoked by nobody", asked.subject, str(asked))


def _may_fail(past: Past, deletion: Operation) -> bool:
    if left_a_file(deletion):
        return past.was_met(UNDELETABLE_FILE, deletion)
    return "not found" in deletion.detail


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


TASKS: tuple[Rule, ...] = (
    every_task_ends_once,
    every_task_ends_for_a_reason,
    every_task_tells_its_end_once,
)
