"""What the erasure feed tells of."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Erased:
    """A document or folder that is gone, and the receipt that says so. `name` and `content` are its hashes there.

    `cause` is what was to be erased: document, folder or filter. `hash` and the times are the
    receipt's.
    """

    id: str
    kind: str
    name: str
    content: str | None
    salt_id: str | None
    cause: str
    receipt_id: UUID
    seq: int
    hash: str
    invisible_at: str
    erased_at: str
