"""The claim of a request on its Idempotency-Key, and how a key stands."""

from dataclasses import dataclass
from uuid import UUID

from lethe.domain.records import Json


@dataclass(frozen=True, slots=True)
class Claim:
    """The right of one attempt to do a request. `key` is the SHA-256 of the header.

    `node_id` and `task_id` are there when an earlier attempt has done the work and died before its answer.
    """

    company_id: str
    token_id: str
    key: bytes
    owner: UUID
    node_id: str | None = None
    task_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class KeyState:
    """How a key stands after an attempt to claim it; `claimed` says whether that succeeded.

    If not: `same` that it is the same request, `gone` that what it made was deleted since, and a `status` that it
    was answered; with none of them it is under way. `path_cache` are the titles from the root to the node by now.
    """

    claimed: bool
    same: bool
    gone: bool
    node_id: str | None
    task_id: UUID | None
    status: int | None
    headers: Json
    body: bytes | None
    path_cache: str | None
