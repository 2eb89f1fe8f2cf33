"""Kinds of orphans, which are leftovers without an owner: what each kind is, and what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Orphan(StrEnum):
    """A kind of leftover. Its value is its name in `lethe doctor`, in /metrics and in the database."""

    CHUNK_WITHOUT_DOCUMENT = "chunk_without_document"
    CHUNK_MISSING = "chunk_missing"
    CHUNK_UNEVEN = "chunk_uneven"
    DOCUMENT_NOT_INDEXED = "document_not_indexed"
    TEXT_WITHOUT_DOCUMENT = "text_without_document"
    DOCUMENT_WITHOUT_TEXT = "document_without_text"
    FILE_WITHOUT_ROW = "file_without_row"
    ROW_WITHOUT_FILE = "row_without_file"
    FILE_NOT_REMOVED = "file_not_removed"
    WORK_WITHOUT_TASK = "work_without_task"
    TASK_WITHOUT_JOB = "task_without_job"
    JOB_WITHOUT_WORKER = "job_without_worker"
    EVENT_NOT_SENT = "event_not_sent"
    NODE_PENDING = "node_pending"
    NODE_NOT_PURGED = "node_not_purged"
    ERASURE_NOT_PROVED = "erasure_not_proved"
    RECEIPT_MISSING = "receipt_missing"


@dataclass(frozen=True, slots=True)
class Facts:
    """`meaning`: what is counted. `remedy`: what a repair does, or what the operator must do."""

    meaning: str
    remedy: str
    repairable: bool = True


FACTS: Mapping[Orphan, Facts] = {
    Orphan.CHUNK_WITHOUT_DOCUMENT: Facts(
        "chunks without a document, or of one that is not in the indexes", "are removed"
    ),
    Orphan.CHUNK_MISSING: Facts(
        "documents in the indexes without all of their chunks", "are indexed again from their text"
    ),
    Orphan.CHUNK_UNEVEN: Facts(
        "documents whose words, embeddings and texts belong to different chunks",
        "are indexed again from their text",
    ),
    Orphan.DOCUMENT_NOT_INDEXED: Facts(
        "live documents that are not in the indexes and that no task will index", "are indexed by a task"
    ),
    Orphan.TEXT_WITHOUT_DOCUMENT: Facts("texts without a document, or of one without a node", "are removed"),
    Orphan.DOCUMENT_WITHOUT_TEXT: Facts(
        "documents whose text is incomplete",
        "fetch the original from the blob store, or upload the document again",
        repairable=False,
    ),
    Orphan.FILE_WITHOUT_ROW: Facts("files in the blob store that no row names", "are removed"),
    Orphan.ROW_WITHOUT_FILE: Facts(
        "documents and ingestions whose original is missing; text and chunks may exist",
        "put the file back from a backup of the blob store, or upload the document again",
        repairable=False,
    ),
    Orphan.FILE_NOT_REMOVED: Facts(
        "files that should have been removed 15 minutes ago",
        "are removed; if they stay, see the worker's log",
    ),
    Orphan.WORK_WITHOUT_TASK: Facts("work of ingestions that have ended", "is removed with its original"),
    Orphan.TASK_WITHOUT_JOB: Facts("open tasks without a job", "get a job"),
    Orphan.JOB_WITHOUT_WORKER: Facts(
        "jobs whose worker is dead, or that no worker takes", "go back to the queue"
    ),
    Orphan.EVENT_NOT_SENT: Facts(
        "callback events that have waited for 15 minutes",
        "check that the broker of LETHE_AMQP_URL answers; see the worker's log",
        repairable=False,
    ),
    Orphan.NODE_PENDING: Facts(
        "documents that never had content and that no task ingests, and collections that never held any",
        "are removed",
    ),
    Orphan.NODE_NOT_PURGED: Facts("deleted nodes that were due to be erased 15 minutes ago", "are erased"),
    Orphan.ERASURE_NOT_PROVED: Facts(
        "erasures that have waited for their receipt for 15 minutes",
        "get it if nothing is left of what they erased; otherwise see the worker's log",
    ),
    Orphan.RECEIPT_MISSING: Facts(
        "erasures whose receipt was removed from the database",
        "compare 'lethe receipts export' with an earlier export: somebody has changed the database",
        repairable=False,
    ),
}

Counts = Mapping[Orphan, int]


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """A transaction left open: its process in PostgreSQL, and how many statements wait for it."""

    pid: int
    program: str
    role: str
    seconds: int
    waiting: int


@dataclass(frozen=True, slots=True)
class ReconciliationReport:
    """The result of checking everything once.

    Attributes:
        counts: by kind, zeros included.
        skipped: companies that could not be checked.
        seconds: how long the check took.
        ended_at: when it ended.
        stubborn_files: keys of some files that could not be removed, with the number of attempts.
        open_transactions: transactions open for minutes, whose locks others may wait for.
    """

    counts: Counts
    skipped: int
    seconds: float
    ended_at: datetime
    stubborn_files: Sequence[tuple[str, int]] = ()
    open_transactions: Sequence[OpenTransaction] = ()

    @property
    def found(self) -> int:
        """The number of orphans of all kinds."""
        return sum(self.counts.values())
