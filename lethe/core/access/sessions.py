"""Signing in to the console. A session has its own secret, which acts for a token and becomes invalid when the token
is revoked or expires."""

import secrets

from lethe.core.access.tokens import hash_of
from lethe.domain.errors import RateLimited, Unauthenticated
from lethe.domain.limits import Limits
from lethe.domain.records.access import Caller
from lethe.store import access, sessions
from lethe.store.database.pool import Database
from lethe.store.sessions import Session

SESSION_SECONDS = 7 * 24 * 3600
"""How long a browser stays signed in."""
ONCE_SECONDS = 3600
"""How long a one-time sign-in address is valid."""

__all__ = ["Session"]

_INVALID = "This token is not valid: it is mistyped, revoked or expired."


async def sign_in(db: Database, token: str) -> str:
    """Begin a session with a token; returns the session's secret. Raises Unauthenticated for an invalid token."""
    return await _begin(db, token.strip(), seconds=SESSION_SECONDS, once=False)


async def offer(db: Database, token: str) -> str:
    """Create a secret for one sign-in within ONCE_SECONDS. Raises as `sign_in`."""
    return await _begin(db, token, seconds=ONCE_SECONDS, once=True)


async def accept(db: Database, offered: str) -> str:
    """Begin a session with a secret from `offer`, which works only once. Raises Unauthenticated."""
    secret = _new()
    async with db.system() as conn:
        if not await sessions.exchange(
            conn, hash=hash_of(offered), into=hash_of(secret), seconds=SESSION_SECONDS
        ):
            raise Unauthenticated("This address has been used or is too old: sign in with a token.")
    return secret


async def find(db: Database, secret: str) -> Session:
    """The session. Raises Unauthenticated when it has ended."""
    session = await sessions.find(db, hash=hash_of(secret))
    if session is None:
        raise Unauthenticated("You are not signed in any more.")
    return session


async def sign_out(db: Database, secret: str) -> None:
    """End a session."""
    async with db.system() as conn:
        await sessions.delete(conn, hash=hash_of(secret))


async def admit(db: Database, session: Session, *, ingesting: Limits | None = None) -> Caller:
    """Count an action of the session against its token's rate, like an API call.

    Args:
        ingesting: the queue limits, for an action that adds to the queue.

    Raises Unauthenticated, and RateLimited when the token is over its rate.
    """
    caller = await access.admit_caller(db, hash=session.token_hash, ingesting=ingesting)
    if caller is None:
        raise Unauthenticated("You are not signed in any more.")
    if caller.over:
        raise RateLimited(caller.reset or 1)
    return caller


async def _begin(db: Database, token: str, *, seconds: int, once: bool) -> str:
    secret = _new()
    async with db.system() as conn:
        if not await sessions.insert(
            conn, hash=hash_of(secret), token_hash=hash_of(token), seconds=seconds, once=once
        ):
            raise Unauthenticated(_INVALID)
    return secret


def _new() -> str:
    return secrets.token_urlsafe(32)
