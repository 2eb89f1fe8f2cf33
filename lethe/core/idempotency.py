"""The Idempotency-Key: a request that is sent again gets the answer of the first time.

What is guaranteed, for 24 hours, for a token, a key and a request (method, path, query, body):

- An answer that a caller has got was stored before, and comes again. Stored is every answer but those that say
  "not now" (5xx), and a refusal that nobody waited for any more: then the same request is let through again at
  once. 401, 403, 408 and 429 come before the key is looked at. A refusal (4xx) is stored too: some are found only by
  the work, and a corrected request is another request, which takes another key.
- While one attempt works, others are told so. It renews its lease; when its process dies, the lease ends.
- What makes something (folder, document, ingestion, deletion task) notes it in its own transaction, which commits only
  while the claim is held (`bind`). So a retry after a crash finds what was made and goes on from there: nothing is
  made twice, and a process that was only slow stores nothing behind its successor. All else is done again then,
  which changes nothing, or is a 404 because it is done.
- An answer goes with what it shows. From the commit that hides the node on it is not given any more, and the
  transaction that erases the node's rows clears it (`forget`). The key stays, so that a late retry does not bring back
  what somebody else has deleted: it is told so.
"""

import asyncio
from dataclasses import replace
from uuid import uuid4

import structlog

from lethe.domain.errors import LetheError, Unavailable
from lethe.domain.idempotency import Claim, KeyState
from lethe.domain.records import Caller, Json
from lethe.store.database import Database
from lethe.store.work import idempotency

log = structlog.get_logger()

KEPT_HOURS = 24
LEASE_SECONDS = 30
"""So long after the death of its process a request is refused as being under way."""

RENEW_SECONDS = 10
ANSWER_BYTES = 1024 * 1024
"""A larger answer is not stored; the largest has a document's metadata, of at most 64 KiB."""

_LOOKS = 10


async def claim(
    db: Database, caller: Caller, *, key: bytes, fingerprint: bytes
) -> tuple[Claim | None, KeyState]:
    """Claim a key for a request, whose hashes these are; no claim when it was made or answered already.

    Raises Unavailable when the database is away.
    """
    mine = Claim(caller.company_id, caller.token_id, key, uuid4())
    for _ in range(_LOOKS):
        standing = await idempotency.claim(
            db, claim=mine, fingerprint=fingerprint, lease_seconds=LEASE_SECONDS, kept_hours=KEPT_HOURS
        )
        if standing is not None:
            found = replace(mine, node_id=standing.node_id, task_id=standing.task_id)
            return (found if standing.claimed else None), standing
    raise Unavailable("The Idempotency-Key is asked for too often at once: try again.")


async def keep(db: Database, claim: Claim) -> None:
    """Renew the claim until it is lost, or this is cancelled."""
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        try:
            async with db.transaction(claim.company_id, durable=False) as tx:
                if not await idempotency.renew(tx, claim=claim, lease_seconds=LEASE_SECONDS):
                    return
        except LetheError as exc:
            log.warning("a claim cannot be renewed", reason=str(exc))


async def settle(
    db: Database, claim: Claim, *, node_id: str | None, status: int, headers: Json, body: bytes, unread: bool
) -> None:
    """End an attempt with what is about to be answered.

    Args:
        node_id: what the answer shows, unless the work has bound it.
        unread: the client has left.

    A database that is away is only logged: the work is done, and its answer is due. The lease ends by itself.
    """
    try:
        async with db.transaction(claim.company_id) as tx:
            if status >= 500 or (unread and status >= 400) or len(body) > ANSWER_BYTES:
                await idempotency.release(tx, claim=claim)
            else:
                await idempotency.answer(
                    tx, claim=claim, node_id=node_id, status=status, headers=headers, body=body
                )
    except LetheError as exc:
        log.warning("an answer cannot be kept for its Idempotency-Key", reason=str(exc))


async def release(db: Database, claim: Claim) -> None:
    """End an attempt that failed without an answer: the next one is let through at once."""
    await settle(db, claim, node_id=None, status=500, headers=[], body=b"", unread=True)
