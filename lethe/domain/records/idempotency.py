"""A request's claim on its Idempotency-Key, and the state of a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Claim:
    """The exclusive right of one attempt to run a request. `key` is the SHA-256 of the header.

    `node_id` and `task_id` are set if an earlier attempt did the work but died before it answered.
    """

    company_id: str
    token_id: str
    key: bytes
    owner: UUID
    node_id: str | None = None
    task_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class KeyState:
    """The state of a key after an attempt to claim it; `claimed` says whether that succeeded.

    If not, `same` means that the request is the same, `gone` that what it created has since been deleted, and `status`
    that it was answered; otherwise it is still running. `path_cache` and `collection` say where the node is now.
    """

    claimed: bool
    same: bool
    gone: bool
    node_id: str | None
    task_id: UUID | None
    status: int | None
    headers: Sequence[Sequence[str]] | None
    body: bytes | None
    path_cache: str | None
    collection: str | None
