"""The JSON of receipts as the API shows them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field


class Subject(BaseModel):
    """What the erasure was asked for."""

    kind: str = Field(description="`document`, `folder` or `filter`.")
    id: str
    name: str = Field(
        description="HMAC-SHA-256 over the id and the names, each behind a zero byte, under the company's salt."
    )


class Erased(BaseModel):
    """How much is gone."""

    documents: int = Field(description="Those whose ingestion had not ended too.")
    chunks: int
    words: int = Field(
        default=0,
        description="Words whose counts went with it, as no other document has them; left out when there were none.",
    )
    vectors: int
    blobs: int = Field(description="Files of the blob store.")
    bytes: int = Field(description="Size of the originals.")


class Link(BaseModel):
    """One link of the company's chain, as it was signed."""

    version: int = Field(
        description="2; of an erasure 1 where SHA-256 without a salt stands for HMAC-SHA-256; of a scrub 1."
    )
    seq: int = Field(description="Its place in the chain, from 1.")
    id: str
    company: str
    company_id: str
    levels: list[str] = Field(
        description="`logical`: nothing can return it. `physical`: its bytes are gone. `rewritten`: the tables were "
        "rewritten, but the disk of the database was not searched."
    )
    out_of_scope: list[str]
    previous: str = Field(description="`hash` of the link before; zeros for the first.")
    hash: str = Field(description="SHA-256 over the canonical JSON without `hash` and `signature`.")
    signature: str = Field(description="Ed25519 over the same bytes, base64.")
    key_id: str


class Erasure(Link):
    """An erasure."""

    kind: Literal["erasure"]
    subject: Subject
    salt_id: str | None = Field(
        None,
        description="The salt of its hashes, see `/receipts/salt`; left out in version 1.",
    )
    requested_at: str
    requested_by: str = Field(description="The prefix of a token, or `operator`.")
    invisible_at: str = Field(description="From here on nothing returned it.")
    erased_at: str = Field(
        description="By then its rows had been counted as zero and its files looked for in vain."
    )
    erased: Erased
    commitment: str = Field(description="SHA-256 over `documents` in canonical JSON (RFC 8785).")


class Covered(BaseModel):
    """Receipts of erasures by their numbers, both included, and how much they are about."""

    from_: int = Field(alias="from")
    to: int
    erasures: int
    documents: int


class Scrub(Link):
    """A run of `lethe scrub`: what it covers is gone from the disk too. The numbers of bytes and samples are there
    where the disk was searched."""

    kind: Literal["scrub"]
    covers: Covered
    started_at: str
    scrubbed_at: str
    samples: int | None = Field(None, description="Windows of 32 bytes that were looked for.")
    samples_shared: int | None = Field(None, description="Of these, in documents that stay: not counted.")
    bytes_found_before: int | None = None
    bytes_found_after: int | None = None
    bytes_searched: int | None = None
    searched: list[str]


class ErasedDocument(BaseModel):
    """What a receipt holds of a document."""

    id: str
    name: str = Field(
        description="HMAC-SHA-256 over id, collection and artifact, each behind a zero byte, under the company's salt."
    )
    content: str | None = Field(
        description="The same over the id and the original's SHA-256 in hex, behind a zero byte; "
        "null: its ingestion had not ended."
    )


class ErasureAnswer(Erasure):
    """An erasure with its documents."""

    documents: list[ErasedDocument]


ReceiptAnswer = Annotated[ErasureAnswer | Scrub, Field(discriminator="kind")]
"""A receipt by its id."""


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
    """The key in use, and those before it."""

    previous: list[PublicKey]


class ReceiptSaltAnswer(BaseModel):
    """The secret that the company's receipts hash names and contents under."""

    salt_id: str = Field(description="The first 16 hex digits of the SHA-256 of its 32 bytes.")
    algorithm: Literal["HMAC-SHA-256"]
    salt: str = Field(description="Its 32 bytes in hex: the key of the HMAC.")
