"""The JSON of receipts as the API shows them."""

from typing import Literal

from pydantic import BaseModel, Field


class Subject(BaseModel):
    """What the erasure was asked for."""

    kind: str = Field(description="`document`, `folder` or `filter`.")
    id: str
    name: str = Field(description="SHA-256 over the id and the names, each behind a zero byte.")


class Erased(BaseModel):
    """How much is gone."""

    documents: int
    chunks: int
    vectors: int
    blobs: int = Field(description="Files of the blob store.")
    bytes: int = Field(description="Size of the originals.")


class Receipt(BaseModel):
    """One link of the company's chain, as it was signed."""

    version: int
    seq: int = Field(description="Its place in the chain, from 1.")
    kind: str
    id: str
    company: str
    company_id: str
    subject: Subject
    requested_at: str
    requested_by: str = Field(description="The prefix of a token, or `operator`.")
    invisible_at: str = Field(description="From here on nothing returned it.")
    erased_at: str = Field(
        description="By then its rows had been counted as zero and its files looked for in vain."
    )
    erased: Erased
    commitment: str = Field(description="SHA-256 over `documents` in canonical JSON (RFC 8785).")
    levels: list[str] = Field(description="`logical`: nothing can return it. `physical`: its bytes are gone.")
    out_of_scope: list[str]
    previous: str = Field(description="`hash` of the link before; zeros for the first.")
    hash: str = Field(description="SHA-256 over the canonical JSON without `hash` and `signature`.")
    signature: str = Field(description="Ed25519 over the same bytes, base64.")
    key_id: str


class ErasedDocument(BaseModel):
    """What a receipt holds of a document."""

    id: str
    name: str = Field(description="SHA-256 over id, collection and artifact, each behind a zero byte.")
    content: str | None = Field(
        description="SHA-256 over the id and the original's SHA-256 in hex, behind a zero byte; null: none was stored."
    )


class ReceiptAnswer(Receipt):
    """A receipt with its documents."""

    documents: list[ErasedDocument]


class ReceiptsAnswer(BaseModel):
    """A page of receipts."""

    items: list[Receipt]
    next_cursor: str | None


class PublicKey(BaseModel):
    """A public key."""

    key_id: str = Field(description="The first 16 hex digits of the SHA-256 of its 32 bytes.")
    algorithm: Literal["Ed25519"]
    public_key: str = Field(description="Its 32 bytes in base64.")
    pem: str


class ReceiptKeyAnswer(PublicKey):
    """The key in use, and those before it."""

    previous: list[PublicKey]
