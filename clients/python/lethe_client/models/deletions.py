"""Deletions by filter, and the proofs of what was erased."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from lethe_client.models.model import Model


@dataclass(frozen=True, kw_only=True)
class Preview(Model):
    """What a deletion by filter would delete, with a `sample`. It leaves what is in the trash."""

    documents: int
    sample: list[dict[str, Any]]
    in_trash: int | None = None


@dataclass(frozen=True, kw_only=True)
class Deletion(Model):
    """A deletion by filter, whose documents are already invisible. It leaves what was in the trash."""

    task_id: str
    mode: Literal["trash", "erase"]
    documents: int
    in_trash: int | None = None
    status: str
    percentage: int | None = None
    receipt_id: str | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Receipt(Model):
    """A signed receipt. `to_dict()` is the whole receipt, with everything that it counts."""

    id: str
    kind: str
    seq: int
    version: int
    company: str
    levels: list[str]
    hash: str
    signature: str
    key_id: str
    subject: dict[str, Any] = field(default_factory=dict)
    erased: dict[str, int] = field(default_factory=dict)
    erased_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ReceiptKey(Model):
    """The public key that verifies receipts; `previous` lists earlier ones."""

    key_id: str
    algorithm: str
    public_key: str
    pem: str
    previous: list["ReceiptKey"] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class ReceiptSalt(Model):
    """The secret with which receipts hash names."""

    salt_id: str
    algorithm: str
    salt: str = field(repr=False)
