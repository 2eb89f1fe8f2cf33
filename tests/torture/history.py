"""What clients did to a server and saw of it: operations with their beginning, end and outcome."""

import itertools
import math
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

WORD = re.compile(r"\bzx[bcdfghjkmn]{6}q\b")
"""A word that one write brings in and no other text has; no stemmer changes it."""

FOREVER = math.inf

NO_ANSWER = "no answer in time"
"""The detail of an operation whose caller has waited as long as callers do."""


class Outcome(StrEnum):
    """What is known of an operation's effect."""

    OK = "ok"
    FAIL = "fail"
    """It certainly had none."""
    UNKNOWN = "unknown"
    """The answer was lost, or was that of a broken server: it may take effect at any time, or never."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A document in an answer. `word` is that of its content, None when the answer shows no content."""

    subject: str
    word: str | None


@dataclass(slots=True)
class Operation:
    """A call.

    Args:
        subject: the document or folder that it is about; "" for a read of many.
        word: what a write brings in.
        ended: when its answer came; FOREVER when none did.
        done: when a write's content was known to be stored and to answer.
        seen: the documents in a read's answer; what a read with `complete` does not show was not there.
        task: the task of an asynchronous call.
        company: whose caller it was.
        receipt: the id of the receipt that the answer to an erasure named.
    """

    number: int
    kind: str
    subject: str
    began: float
    word: str | None = None
    ended: float = FOREVER
    outcome: Outcome = Outcome.UNKNOWN
    done: float = FOREVER
    seen: tuple[Seen, ...] = ()
    missed: tuple[str, ...] = ()
    task: str | None = None
    status: str | None = None
    told: bool = False
    detail: str = ""
    company: str = ""
    receipt: str | None = None

    def __str__(self) -> str:
        end = "never" if self.ended == FOREVER else f"{self.ended:.3f}"
        parts = [f"{self.began:9.3f} to {end:>9} #{self.number} {self.kind} {self.subject}: {self.outcome}"]
        parts += [f"word {self.word}"] if self.word else []
        parts += [f"task {self.task} {self.status}"] if self.task else []
        parts += [f"receipt {self.receipt}"] if self.receipt else []
        parts += [f"saw {seen.subject} {seen.word or ''}" for seen in self.seen[:5]]
        parts += [f"missed {', '.join(self.missed[:5])}"] if self.missed else []
        parts += [self.detail] if self.detail else []
        return "; ".join(parts)


@dataclass(slots=True)
class Hindrance:
    """What stood in the way. It came after `began` and was gone before `ended`."""

    name: str
    began: float
    ended: float = FOREVER


TREE_WRITES = frozenset({"create", "replace"})
"""What is acknowledged before it is stored, and has no task that a caller can follow."""
WRITES = frozenset({"ingest", "ingest_async"}) | TREE_WRITES
ERASES_BY_NAME = frozenset({"delete", "delete_async"})
"""What ends an artifact for good; a later write of the name is another document."""
TRASHES = frozenset({"trash"})
ERASES_FROM_TRASH = frozenset({"erase"})
HIDES = ERASES_BY_NAME | TRASHES | ERASES_FROM_TRASH
RESTORES = frozenset({"restore"})

UNDELETABLE_FILE = "undeletable file"
"""The name of the hindrance that a deletion may tell of."""


@dataclass
class History:
    """All operations of a run, written by many threads, and the faults in between."""

    operations: list[Operation] = field(default_factory=list)
    faults: list[tuple[float, str]] = field(default_factory=list)
    hindrances: list[Hindrance] = field(default_factory=list)
    folder_of: dict[str, str] = field(default_factory=dict)
    """The folder in which a document was made, as subjects."""

    def __post_init__(self) -> None:
        self._numbers = itertools.count()
        self._start = time.monotonic()
        self._lock = threading.Lock()
        self.writes: dict[str, Operation] = {}
        """The write of each word."""

    def now(self) -> float:
        """Seconds since the start of the run."""
        return time.monotonic() - self._start

    def begin(self, kind: str, subject: str, *, company: str, writes: bool = False) -> Operation:
        """An operation that begins now."""
        with self._lock:
            number = next(self._numbers)
            word = new_word(number) if writes else None
            operation = Operation(number, kind, subject, self.now(), word, company=company)
            self.operations.append(operation)
            if word is not None:
                self.writes[word] = operation
            return operation

    def rest(self) -> None:
        """All work has come to its end: what was acknowledged as a write of the tree must be stored by now."""
        for write in self.writes.values():
            if write.kind in TREE_WRITES and write.outcome is Outcome.OK:
                write.done = min(write.done, self.now())

    def note_fault(self, what: str) -> None:
        """A fault happens now."""
        self.faults.append((self.now(), what))

    @contextmanager
    def hindered(self, name: str) -> Iterator[None]:
        """Something stands in the way during the block, or a part of it."""
        hindrance = Hindrance(name, self.now())
        self.hindrances.append(hindrance)
        try:
            yield
        finally:
            hindrance.ended = self.now()

    def touching(self, subject: str) -> list[Operation]:
        """The operations that name the subject or its folder, in their order."""
        names = {subject, self.folder_of.get(subject, subject)}
        return [o for o in self.operations if o.subject in names]

    def by_subject(self) -> dict[str, list[Operation]]:
        """The operations on each document, those on its folder among them, in their order."""
        of: dict[str, list[Operation]] = defaultdict(list)
        for operation in self.operations:
            if operation.subject:
                of[operation.subject].append(operation)
        for subject, folder in self.folder_of.items():
            of[subject] = sorted([*of[subject], *of.get(folder, ())], key=lambda o: o.number)
        return of

    def story(self, subject: str) -> str:
        """All that was done to a document and seen of it, with the faults, in order of time."""
        lines = [(o.began, str(o)) for o in self.touching(subject)]
        lines += [
            (o.began, str(o))
            for o in self.operations
            if not o.subject and (subject in o.missed or any(s.subject == subject for s in o.seen))
        ]
        lines += [(at, f"{at:9.3f} FAULT {what}") for at, what in self.faults]
        return "\n".join(line for _, line in sorted(lines))


def new_word(number: int) -> str:
    """The word of the operation of this number."""
    return "zx" + "".join("bcdfghjkmn"[int(digit)] for digit in f"{number:06d}") + "q"


def words_in(texts: Iterable[str | None]) -> set[str]:
    """The words of writes in some texts."""
    return {word for text in texts if text for word in WORD.findall(text)}
