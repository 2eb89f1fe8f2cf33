"""Tokens: created, listed and revoked."""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lethe.core.access.rate_limits import DEFAULT_RATE, UNLIMITED, Rate
from lethe.domain.errors import InvalidRequest, NotFound
from lethe.domain.ids import OBJECT_ID, object_id
from lethe.domain.records.access import SCOPES, Token
from lethe.store import access
from lethe.store.database.pool import Database

PREFIX_CHARACTERS = 12
"""How many of a token's first characters are stored, so that its owner can recognise it."""

TOKEN = re.compile(r"kbai_pk_[0-9a-f]{64}")

_DURATION = re.compile(r"(\d{1,5})([dhm])")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


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
        only: the ids of the folders that it is bound to, and whether it may change what is below each; None for the
            whole company. See core/access/bound_folders.py.
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
        if TOKEN.fullmatch(which):
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


def hash_of(secret: str) -> bytes:
    """SHA-256: a token is 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).digest()


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)
