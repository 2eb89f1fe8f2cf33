"""The Idempotency-Key: a repeated request gets the first attempt's answer.

Guaranteed for 24 hours for each combination of token, key and request (method, path, query, body):

- An answer is stored before it is sent, and is repeated for every retry. Refusals (4xx) are stored too: some are found
  only during the work, and a corrected request is a new request, which needs a new key. Errors (5xx) and refusals whose
  client had disconnected are not stored: the same request may be retried at once. 401, 403, 408 and 429 are decided
  before the key is read.
- While one attempt is under way, others are refused. It renews its lease; if its process dies, the lease expires.
- Whatever creates something (folder, document, ingestion, deletion task) records it in its own transaction, which
  commits only while the claim is held (`bind`). So a retry after a crash finds what was created and continues from
  there: nothing is created twice, and a slow process cannot store anything after another has taken over. All other
  work is repeated, which changes nothing, or gives a 404 because it is already done.
- An answer is deleted with the node that it shows. It is not given after the commit that hides the node, and the
  transaction that erases the node's rows clears it (`forget`). The key is kept, so that a late retry does not recreate
  what somebody else has deleted: it is refused.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import structlog

from lethe.domain.errors import LetheError, Unavailable
from lethe.domain.records.access import Caller
from lethe.domain.records.idempotency import Claim, KeyState
from lethe.store.database.pool import Database
from lethe.store.queue import idempotency

log = structlog.get_logger()

KEPT_HOURS = 24
LEASE_SECONDS = 30
"""How long a request still counts as under way after its process has died."""

RENEW_SECONDS = 10
ANSWER_BYTES = 1024 * 1024
"""Larger answers are not stored. The largest contains a document's metadata, at most 64 KiB."""

_LOOKS = 10


async def claim(
    db: Database, caller: Caller, *, key: bytes, fingerprint: bytes
) -> tuple[Claim | None, KeyState]:
    """Claim a key for a request, both given as hashes; no claim if the request is under way or answered already.

    Raises Unavailable if the database is down.
    """
    mine = Claim(caller.company_id, caller.token_id, key, uuid4())
    for _ in range(_LOOKS):
        standing = await idempotency.claim(
            db, claim=mine, fingerprint=fingerprint, lease_seconds=LEASE_SECONDS, kept_hours=KEPT_HOURS
        )
        if standing is not None:
            found = replace(mine, node_id=standing.node_id, task_id=standing.task_id)
            return (found if standing.claimed else None), standing
    raise Unavailable("Too many requests use this Idempotency-Key at once: try again.")


async def keep(db: Database, claim: Claim) -> None:
    """Renew the claim until it is lost or this is cancelled."""
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        try:
            async with db.transaction(claim.company_id, durable=False) as tx:
                if not await idempotency.renew(tx, claim=claim, lease_seconds=LEASE_SECONDS):
                    return
        except LetheError as exc:
            log.warning("cannot renew the claim of an Idempotency-Key", reason=str(exc))


async def settle(
    db: Database,
    claim: Claim,
    *,
    node_id: str | None,
    status: int,
    headers: Sequence[Sequence[str]],
    body: bytes,
    unread: bool,
) -> None:
    """End an attempt, storing the answer about to be sent.

    Args:
        node_id: the node that the answer shows, unless the work has already bound it.
        unread: the client has disconnected.

    If the database is down this is only logged: the work is done and must be answered. The lease expires by itself.
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
        log.warning("cannot store the answer for its Idempotency-Key", reason=str(exc))


async def release(db: Database, claim: Claim) -> None:
    """End an attempt that failed without an answer, so that the next one can start at once."""
    await settle(db, claim, node_id=None, status=500, headers=[], body=b"", unread=True)
