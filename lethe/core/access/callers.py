"""Identifies callers, and decides whether a call is allowed."""

from lethe.core.access.tokens import TOKEN, hash_of
from lethe.domain.errors import (
    BeyondBounds,
    InsufficientScope,
    MalformedCredentials,
    RateLimited,
    Unauthenticated,
    Unavailable,
)
from lethe.domain.limits import Limits
from lethe.domain.records.access import Caller, TokenFacts
from lethe.store import access
from lethe.store.database.pool import Database

OPERATOR = "operator"
"""The requester recorded for a command; for an API request it is the prefix of the token."""

FULL_QUEUE_SECONDS = 5
"""How long a client should wait after finding the queue full."""

WHOLE = (
    "This call concerns the whole company, but your token is bound to folders: use a token without bounds."
)


async def authenticate(db: Database, token: str | None, *, ingesting: Limits | None = None) -> Caller:
    """Identify the caller by its token, and count the request against its rate.

    Args:
        token: as sent; None if none was.
        ingesting: the queue limits, for a request that adds to the queue.

    Raises:
        MalformedCredentials: the token is missing or malformed.
        Unauthenticated: the token is unknown, revoked or expired.
    """
    if token is None or not TOKEN.fullmatch(token):
        raise MalformedCredentials("Invalid or missing API token")
    caller = await access.admit_caller(db, hash=hash_of(token), ingesting=ingesting)
    if caller is None:
        raise Unauthenticated("Invalid or missing API token")
    return caller


def permit(caller: Caller, *, scope: str | None, whole: bool = False) -> None:
    """Check that the caller may proceed.

    Args:
        scope: the scope needed; None if any token will do.
        whole: the request concerns the whole company.

    Raises:
        RateLimited: the token is over its rate.
        InsufficientScope: the token lacks the scope.
        BeyondBounds: the request concerns the whole company, but the token is bound to some folders.
        Unavailable: the request would ingest, and the queue is full.
    """
    if caller.over:
        raise RateLimited(caller.reset or 1)
    if scope is not None and scope not in caller.scopes:
        raise InsufficientScope(scope)
    if whole and caller.bound:
        raise BeyondBounds(WHOLE)
    if caller.queue_full:
        raise Unavailable(
            f"Too many ingestions are waiting: try again in {FULL_QUEUE_SECONDS} s.", FULL_QUEUE_SECONDS
        )


async def is_valid(db: Database, caller: Caller) -> bool:
    """Whether the caller's token is still valid: neither revoked nor expired. Does not count as a request."""
    async with db.transaction(caller.company_id, durable=False) as tx:
        return await access.is_valid(tx, token_id=caller.token_id)


async def describe_token(db: Database, caller: Caller) -> TokenFacts:
    """What a caller may know about its own token. Raises Unauthenticated if it has since been deleted."""
    facts = await access.token_facts(db, company_id=caller.company_id, token_id=caller.token_id)
    if facts is None:
        raise Unauthenticated("Invalid or missing API token")
    return facts


async def revoke_own_token(db: Database, caller: Caller) -> None:
    """Revoke the caller's own token: once this returns, it is refused everywhere."""
    async with db.transaction(caller.company_id) as tx:
        await access.revoke_own_token(tx, id=caller.token_id)
