"""Callers and their tokens."""

from dataclasses import dataclass
from datetime import datetime

from lethe.domain.json import Json
from lethe.domain.records.bounds import ActsForToken

SYSTEM = "*"
"""The company id under which Lethe's own bookkeeping acts (relay, sweeper, authentication)."""

SCOPES = (
    "knowledge:read",
    "knowledge:query",
    "knowledge:write",
    "knowledge:delete",
    "knowledge:assign",
    "assistants:read",
    "webhooks:read",
    "webhooks:manage",
)
"""What a token can permit."""


@dataclass(frozen=True, slots=True)
class Caller(ActsForToken):
    """The caller: a valid token that begins with `prefix`, and the state of its tightest rate limit.

    `most` requests are allowed in the current minute or hour, which ends in `reset` seconds; `remaining` are left after
    this one, and `over` means that this one is too many. The numbers are None without a limit. `queue_full` means that
    no more ingestions may be queued, in total or for this company; it is only looked up for calls that ingest.

    `bound`: the token reaches only what is at or below the nodes `reads`, and changes only what is below `writes`.
    """

    company_id: str
    token_id: str
    prefix: str
    scopes: list[str]
    most: int | None
    remaining: int | None
    reset: int | None
    over: bool
    queue_full: bool
    bound: bool
    reads: list[str]
    writes: list[str]


@dataclass(frozen=True, slots=True)
class Token:
    """A token as an operator sees it; its secret is shown only when it is created."""

    company: str
    id: str
    name: str
    prefix: str
    scopes: list[str]
    per_minute: int | None
    per_hour: int | None
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime
    bound: bool
    reads: list[str]
    writes: list[str]

    def is_valid(self, now: datetime) -> bool:
        """Whether the token is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What the holder of a token may know about it, as the API shows it. `company` is the company's name.

    `only`: the folders that the token is bound to, each with `id`, `title` and `write`; None if it has no bounds.
    """

    name: str
    prefix: str
    scopes: list[str]
    expires_at: datetime | None
    company: str
    only: list[dict[str, Json]] | None
