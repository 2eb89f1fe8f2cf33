"""Companies, tokens, scopes and rate limits."""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lethe.domain.errors import (
    BeyondBounds,
    InsufficientScope,
    InvalidRequest,
    MalformedCredentials,
    NotFound,
    RateLimited,
    Unauthenticated,
    Unavailable,
)
from lethe.domain.ids import OBJECT_ID, object_id
from lethe.domain.limits import Limits
from lethe.domain.records.access import SCOPES, Caller, Token, TokenFacts
from lethe.store import access
from lethe.store.database.pool import Database

PREFIX_CHARACTERS = 12
"""How much of a token is stored so that it can be recognised."""

OPERATOR = "operator"
"""Recorded as the requester of a command; for an API request it is the prefix of its token."""

FULL_QUEUE_SECONDS = 5
"""How long a client should wait after finding the queue full."""

WHOLE = "This concerns the whole company, and your token is bound to some of its folders: use a token without bounds."

_TOKEN = re.compile(r"kbai_pk_[0-9a-f]{64}")
_RATE = re.compile(r"(\d{1,9})/(minute|hour)")
_DURATION = re.compile(r"(\d{1,5})([dhm])")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests that a token may make; None means no limit."""

    per_minute: int | None = None
    per_hour: int | None = None


DEFAULT_RATE = Rate(per_minute=60, per_hour=1000)
UNLIMITED = Rate()


@dataclass(frozen=True, slots=True)
class NewToken:
    """A newly created token. Its secret is known only now. `only`: as for `create_token`."""

    secret: str
    prefix: str
    company: str
    name: str
    scopes: tuple[str, ...]
    rate: Rate
    expires_at: datetime | None
    only: Mapping[str, bool] | None


def parse_scopes(text: str) -> tuple[str, ...]:
    """Scopes from `a,b` or `all`. Raises InvalidRequest for an unknown one."""
    if text.strip() == "all":
        return SCOPES
    scopes = tuple(dict.fromkeys(s.strip() for s in text.split(",") if s.strip()))
    unknown = [s for s in scopes if s not in SCOPES]
    if unknown or not scopes:
        raise InvalidRequest(
            f"Unknown scope {', '.join(unknown) or '(none given)'}: use 'all' or some of {', '.join(SCOPES)}."
        )
    return scopes


def parse_rate(text: str) -> Rate:
    """A rate from `60/minute,1000/hour`, one of the two, or `unlimited`. Raises InvalidRequest."""
    if text.strip() == "unlimited":
        return UNLIMITED
    found: dict[str, int] = {}
    for part in text.split(","):
        match = _RATE.fullmatch(part.strip())
        if match is None or int(match[1]) == 0 or match[2] in found:
            raise InvalidRequest(f"'{text}' is not a rate: write '60/minute,1000/hour' or 'unlimited'.")
        found[match[2]] = min(int(match[1]), 2**31 - 1)
    return Rate(found.get("minute"), found.get("hour"))


def parse_expiry(text: str, now: datetime) -> datetime:
    """The time `90d`, `12h` or `30m` after `now`. Raises InvalidRequest."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        raise InvalidRequest(
            f"'{text}' is not a duration: write a number with d, h or m, such as '90d' or '12h'."
        )
    return now + int(match[1]) * _UNITS[match[2]]


async def create_token(
    db: Database,
    *,
    company: str,
    name: str,
    scopes: Sequence[str],
    rate: Rate = DEFAULT_RATE,
    expires_at: datetime | None = None,
    only: Mapping[str, bool] | None = None,
) -> NewToken:
    """Create a token, and its company if needed. Invariant: the secret itself is never stored.

    Args:
        only: the folders that it is bound to, and whether it may change what is below each; None: the whole company.
            See core/token_folders.py.
    """
    for label, value in (("company", company), ("token's name", name)):
        if not 1 <= len(value.strip()) <= 200 or not value.isprintable():
            raise InvalidRequest(f"The {label} must have 1 to 200 printable characters.")
    secret = f"kbai_pk_{secrets.token_hex(32)}"
    async with db.system() as conn:
        company_id = await access.insert_company(conn, id=object_id(), name=company)
        await access.insert_token(
            conn,
            company_id=company_id,
            id=object_id(),
            name=name,
            prefix=secret[:PREFIX_CHARACTERS],
            hash=hash_of(secret),
            scopes=scopes,
            per_minute=rate.per_minute,
            per_hour=rate.per_hour,
            expires_at=expires_at,
            only=only,
        )
    return NewToken(secret, secret[:PREFIX_CHARACTERS], company, name, tuple(scopes), rate, expires_at, only)


async def create_first_token(db: Database) -> NewToken | None:
    """Create the token of a first start: company `default`, all scopes, no rate limit. None if any token exists."""
    async with db.system() as conn:
        if await access.count_tokens(conn):
            return None
    return await create_token(db, company="default", name="first", scopes=SCOPES, rate=UNLIMITED)


async def list_tokens(db: Database, *, company: str | None = None) -> list[Token]:
    """All tokens, or those of one company, oldest first."""
    async with db.system() as conn:
        return await access.list_tokens(conn, company=company)


async def revoke_token(db: Database, which: str) -> Token:
    """Revoke one token.

    Args:
        which: the whole token, its id, or its first characters as shown by `lethe token list`.

    Raises:
        InvalidRequest: too few characters, or several tokens start with them; the message lists their ids.
        NotFound: no valid token matches.
    """
    async with db.system() as conn:
        if _TOKEN.fullmatch(which):
            found = await access.valid_tokens(conn, hash=hash_of(which))
        elif OBJECT_ID.fullmatch(which):
            found = await access.valid_tokens(conn, id=which)
        elif len(which) < PREFIX_CHARACTERS:
            raise InvalidRequest(
                f"Give at least the first {PREFIX_CHARACTERS} characters of the token, or its id."
            )
        else:
            found = await access.valid_tokens(conn, prefix=which[:PREFIX_CHARACTERS])
        if not found:
            raise NotFound("No valid token matches: see 'lethe token list'.")
        if len(found) > 1:
            named = ", ".join(f"{t.id} ({t.company}: {t.name})" for t in found)
            raise InvalidRequest(
                f"More than one token starts with this, so none was revoked. Give the id of one: {named}."
            )
        await access.revoke_token(conn, id=found[0].id)
        return found[0]


async def revoke_own_token(db: Database, caller: Caller) -> None:
    """Revoke the caller's own token: once this returns, it is refused everywhere."""
    async with db.transaction(caller.company_id) as tx:
        await access.revoke_own_token(tx, id=caller.token_id)


async def authenticate(db: Database, token: str | None, *, ingesting: Limits | None = None) -> Caller:
    """Identify the caller by its token, and count the request against its rate.

    Args:
        token: as sent; None if none was.
        ingesting: the queue limits, for a request that adds to the queue.

    Raises:
        MalformedCredentials: the token is missing or malformed.
        Unauthenticated: the token is unknown, revoked or expired.
    """
    if token is None or not _TOKEN.fullmatch(token):
        raise MalformedCredentials("Invalid or missing API token")
    caller = await access.admit_caller(db, hash=hash_of(token), ingesting=ingesting)
    if caller is None:
        raise Unauthenticated("Invalid or missing API token")
    return caller


def permit(caller: Caller, *, scope: str | None, whole: bool = False) -> None:
    """Check that the caller may proceed.

    Args:
        scope: the scope needed; None if any token will do.
        whole: it concerns the whole company.

    Raises:
        RateLimited: the token is over its rate.
        InsufficientScope: the token lacks the scope.
        BeyondBounds: it concerns the whole company, and the token is bound to some folders.
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


async def company_named(db: Database, name: str) -> str:
    """The id of the company with this name. Raises NotFound."""
    async with db.system() as conn:
        company_id = await access.find_company(conn, name=name)
    if company_id is None:
        raise NotFound(f"There is no company '{name}': see 'lethe token list'.")
    return company_id


async def companies(db: Database) -> dict[str, str]:
    """Company ids by name."""
    async with db.system() as conn:
        return await access.companies(conn)


async def set_retention(db: Database, *, company: str, days: int | None) -> None:
    """Keep a company's future deletions in the trash for `days`; None means the server's setting.

    Raises NotFound when there is no such company.
    """
    async with db.system() as conn:
        if not await access.set_retention(conn, name=company, days=days):
            raise NotFound(f"There is no company '{company}': see 'lethe token list'.")


def hash_of(secret: str) -> bytes:
    """SHA-256: a token is 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).digest()


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)
