"""Writes receipts. An erasure ends with its receipt, once everything is gone."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

import structlog

from lethe.core.receipts.keys import SigningKey
from lethe.core.receipts.receipt import GENESIS, Commitment, canonical, seal
from lethe.core.webhooks import events
from lethe.domain.json import Json
from lethe.store.database.transactions import Tx
from lethe.store.erasure import erasures, receipts
from lethe.store.erasure.erasures import Erasure

log = structlog.get_logger()

OUT_OF_SCOPE = (
    "backups and replicas of the database and the blob store made before erased_at, until they expire",
    "copies that callers took",
    "bytes of deleted rows and files that the disk still holds, until `lethe scrub`",
)
"""What a receipt of level `logical` does not cover."""

_FEW_DOCUMENTS = 100


async def prove(tx: Tx, key: SigningKey, *, erasure_ids: Iterable[UUID]) -> None:
    """Write the receipts of those erasures that have left nothing behind; the others get theirs later.

    Invariant: a receipt is written once, and ends its erasure, in the transaction that counted zero rows and no file
    to remove. No rows can be added later, since they would need the node, which is gone.
    """
    for id in sorted(erasure_ids):
        erasure = await erasures.emptied(tx, id=id)
        if erasure is None:
            continue
        left = await erasures.remains(tx, id=id)
        if left.rows:
            log.error("rows of an erased document are still there", erasure=str(id), rows=left.rows)
        if left.rows or left.files:
            continue
        commitment, without_content = await _commitment(tx, id=id)
        await append(
            tx,
            key,
            _facts(erasure, tx.company_id, commitment, without_content=without_content),
            id=id,
            subject_id=erasure.subject_id,
            erased_at=erasure.now,
        )
        await erasures.close(tx, id=id)
        await events.tell_erased(tx, erasure, documents=commitment.documents)


async def append(
    tx: Tx,
    key: SigningKey,
    facts: dict[str, Json],
    *,
    id: UUID,
    subject_id: str | None,
    erased_at: datetime,
) -> None:
    """Append a signed receipt to the company's log, in the caller's transaction.

    Invariant: the log has no gaps and no forks, since appending locks the company's row.
    """
    head = await receipts.lock_head(tx)
    seq, previous = (head.seq + 1, head.hash) if head else (1, GENESIS)
    link = seal(facts, seq=seq, previous=previous, key=key)
    await receipts.insert(
        tx,
        seq=seq,
        id=id,
        subject_id=subject_id,
        erased_at=erased_at,
        hash=link["hash"],
        body=canonical(link).decode(),
    )


async def _commitment(tx: Tx, *, id: UUID) -> tuple[Commitment, int]:
    """The commitment to an erasure's documents, and how many of them had no content.

    The documents are read in batches; large batches are hashed in a thread.
    """
    commitment, without_content = Commitment(), 0
    after = ""
    while True:
        documents = await receipts.documents(tx, id=id, after=after, limit=receipts.DOCUMENTS_AT_ONCE)
        if len(documents) < _FEW_DOCUMENTS:
            commitment.add(documents)
        else:
            await asyncio.to_thread(commitment.add, documents)
        without_content += sum(document["content"] is None for document in documents)
        if len(documents) < receipts.DOCUMENTS_AT_ONCE:
            return commitment, without_content
        after = str(documents[-1]["id"])


def _facts(
    erasure: Erasure, company_id: str, commitment: Commitment, *, without_content: int
) -> dict[str, Json]:
    return {
        "version": 2 if erasure.salt_id else 1,
        "kind": "erasure",
        "id": str(erasure.id),
        "company": erasure.company,
        "company_id": company_id,
        "subject": {"kind": erasure.subject_kind, "id": erasure.subject_id, "name": erasure.subject_name},
        **({"salt_id": erasure.salt_id} if erasure.salt_id else {}),
        "requested_at": moment(erasure.requested_at),
        "requested_by": erasure.requested_by,
        "invisible_at": moment(erasure.invisible_at),
        "erased_at": moment(erasure.now),
        "erased": {
            "documents": commitment.documents,
            **({"without_content": without_content} if without_content else {}),
            "chunks": erasure.chunks,
            **({"words": erasure.words} if erasure.words else {}),
            "vectors": erasure.vectors,
            "blobs": erasure.blobs,
            "bytes": erasure.bytes,
        },
        "commitment": commitment.hexdigest(),
        "levels": ["logical"],
        "out_of_scope": list(OUT_OF_SCOPE),
    }


def moment(time: datetime) -> str:
    """A time as ISO 8601 in UTC, with microseconds and Z."""
    return f"{time.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"
