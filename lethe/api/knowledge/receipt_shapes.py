"""The JSON of receipts."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field


class Subject(BaseModel):
    """What the erasure was requested for."""

    kind: str = Field(description="`document`, `folder` or `filter`.")
    id: str
    name: str = Field(
        description="HMAC-SHA-256 over the id and the names, separated by zero bytes, under the company's salt."
    )


class Erased(BaseModel):
    """How much was erased."""

    documents: int = Field(description="Includes failed attempts to store a document under the same name.")
    without_content: int = Field(
        default=0,
        description="How many of these had no content: attempts that failed, or had not ended. Left out if none.",
    )
    chunks: int
    words: int = Field(
        default=0,
        description="Words whose counts were erased because no other document has them; left out if none.",
    )
    vectors: int
    blobs: int = Field(description="Files in the blob store.")
    bytes: int = Field(description="Total size of the originals.")


class Link(BaseModel):
    """A receipt in the company's receipt log, as it was signed."""

    version: int = Field(
        description="Erasures: 2, or 1 for old ones with SHA-256 without a salt instead of HMAC-SHA-256. Scrubs: 1."
    )
    seq: int = Field(description="Its number in the log, from 1.")
    id: str
    company: str
    company_id: str
    levels: list[str] = Field(
        description="`logical`: nothing can return the content. `physical`: its bytes are gone from the disk. "
        "`rewritten`: the tables were rewritten, but the database's disk was not searched."
    )
    out_of_scope: list[str]
    previous: str = Field(description="`hash` of the previous receipt; zeros for the first.")
    hash: str = Field(description="SHA-256 over the canonical JSON without `hash` and `signature`.")
    signature: str = Field(description="Ed25519 over the same bytes, base64.")
    key_id: str


class Erasure(Link):
    """An erasure."""

    kind: Literal["erasure"]
    subject: Subject
    salt_id: str | None = Field(
        None,
        description="The salt of its hashes (see `/receipts/salt`); left out in version 1.",
    )
    requested_at: str
    requested_by: str = Field(description="The prefix of a token, or `operator`.")
    invisible_at: str = Field(description="From this time on nothing returned the content.")
    erased_at: str = Field(
        description="By this time no rows were left in the database and no files in the blob store."
    )
    erased: Erased
    commitment: str = Field(description="SHA-256 over `documents` in canonical JSON (RFC 8785).")


class Covered(BaseModel):
    """The erasures that a scrub covers: their receipts' first and last number, and their counts."""

    from_: int = Field(alias="from")
    to: int
    erasures: int
    documents: int


class Scrub(Link):
    """A run of `lethe scrub`: what it covers is gone from the disk too. Counts exist only if the disk was searched."""

    kind: Literal["scrub"]
    covers: Covered
    started_at: str
    scrubbed_at: str
    samples: int | None = Field(None, description="How many windows of 32 bytes were searched for.")
    samples_shared: int | None = Field(
        None, description="How many of these also occur in documents that stay, and so do not count."
    )
    bytes_found_before: int | None = None
    bytes_found_after: int | None = None
    bytes_searched: int | None = None
    searched: list[str]


class ErasedDocument(BaseModel):
    """What a receipt says about a document."""

    id: str
    name: str = Field(
        description="HMAC-SHA-256 over id, collection and artifact, separated by zero bytes, under the company's salt."
    )
    content: str | None = Field(
        description="The same over the id and the original's SHA-256 in hex; null if its ingestion had not finished."
    )


class ErasureAnswer(Erasure):
    """An erasure with its documents."""

    documents: list[ErasedDocument]


ReceiptAnswer = Annotated[ErasureAnswer | Scrub, Field(discriminator="kind")]
"""A receipt; `kind` tells which one."""


class ReceiptsAnswer(BaseModel):
    """A page of receipts."""

    items: list[Annotated[Erasure | Scrub, Field(discriminator="kind")]]
    next_cursor: str | None


class PublicKey(BaseModel):
    """A public key."""

    key_id: str = Field(description="The first 16 hex digits of the SHA-256 of its 32 bytes.")
    algorithm: Literal["Ed25519"]
    public_key: str = Field(description="Its 32 bytes in base64.")
    pem: str


class ReceiptKeyAnswer(PublicKey):
    """The current key and earlier ones."""

    previous: list[PublicKey]


class ReceiptSaltAnswer(BaseModel):
    """The secret under which the company's receipts hash names and contents."""

    salt_id: str = Field(description="The first 16 hex digits of the SHA-256 of its 32 bytes.")
    algorithm: Literal["HMAC-SHA-256"]
    salt: str = Field(description="Its 32 bytes in hex: the key of the HMAC.")
