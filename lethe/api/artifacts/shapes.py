"""The request bodies of the Artifacts API, with their bounds."""

import base64
from typing import Annotated, Literal, Self

import msgspec
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from lethe.adapters.fetch import check_uri
from lethe.adapters.webhooks import check as check_webhook
from lethe.api.request.values import (
    JsonObject,
    MetadataFilter,
    Name,
    metadata_conditions,
    no_control_characters,
    no_nul,
    passing,
)
from lethe.core.content import reading, texts
from lethe.core.ingestion.batch import BATCH_DOCUMENTS
from lethe.core.webhooks.secrets import check_secret
from lethe.domain.records.blocks import BlockType

DEFAULT_COLLECTION = "pgpt_collection"

_SHORT_STRING_BYTES = 255
"""The longest name that AMQP can carry."""
_NOT_BASE64 = "must be a string of strict base64"


def _short_string(text: str) -> str:
    if len(text.encode()) > _SHORT_STRING_BYTES:
        raise ValueError(f"must have at most {_SHORT_STRING_BYTES} bytes in UTF-8")
    return no_control_characters(text)


def _decoded_base64(value: object) -> bytes:
    """Strict base64: the alphabet with + and /, padded, no whitespace."""
    try:
        if isinstance(value, msgspec.Raw):
            return msgspec.json.decode(value, type=bytes)
        if isinstance(value, str):
            return base64.b64decode(value, validate=True)
    except (msgspec.MsgspecError, ValueError) as exc:
        raise ValueError(_NOT_BASE64) from exc
    raise ValueError(_NOT_BASE64)


def _decoded_text(value: object) -> object:
    if isinstance(value, msgspec.Raw):
        try:
            return msgspec.json.decode(value)
        except (msgspec.MsgspecError, RecursionError) as exc:
            raise ValueError("must be a string") from exc
    return value


def _different(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise ValueError("must not repeat a name")
    return names


ShortString = Annotated[str, AfterValidator(_short_string)]


class _In(BaseModel):
    model_config = ConfigDict(frozen=True)


class TextInput(_In):
    """Text sent directly."""

    type: Literal["text"]
    value: Annotated[str, BeforeValidator(_decoded_text), AfterValidator(no_nul)] = Field(
        description="Plain text or markdown.", examples=["# Returns\n\nGoods can be returned within 30 days."]
    )


class FileInput(_In):
    """A file of any supported type."""

    type: Literal["file"]
    value: Annotated[
        bytes,
        BeforeValidator(_decoded_base64),
        WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
    ] = Field(description="The file in strict base64.")


class UriInput(_In):
    """An address that the server fetches."""

    type: Literal["uri"]
    value: Annotated[str, BeforeValidator(_decoded_text), AfterValidator(passing(check_uri))] = Field(
        description="An http(s):// or s3:// address, or a data: URI. Addresses in private networks are refused.",
        examples=["https://example.org/handbook.pdf"],
    )


class IngestBody(_In):
    """A document to store."""

    artifact: Name = Field(description="The document's name, unique in its collection.", examples=["returns"])
    collection: Name = Field(default=DEFAULT_COLLECTION, description="The collection's name.")
    metadata: JsonObject | None = Field(
        default=None,
        description="Any JSON to keep with the document. The extension of `file_name` gives the type.",
        examples=[{"file_name": "returns.md", "year": 2026}],
    )
    input: Annotated[TextInput | FileInput | UriInput, Field(discriminator="type")]


class Amqp(_In):
    """Where a task's events are sent."""

    exchange: ShortString = Field(examples=["events"])
    routing_key_done: ShortString | None = Field(default=None, examples=["ingest.done"])
    routing_key_progress: ShortString | None = None
    routing_key_error: ShortString | None = None


class WebhookBody(_In):
    """Where a task's events are posted."""

    url: Annotated[str, Field(max_length=2000), AfterValidator(passing(check_webhook))] = Field(
        description="An http(s) address. One in a private network is refused, unless the server permits it.",
        examples=["https://example.org/lethe"],
    )
    secret: Annotated[str, Field(max_length=200), AfterValidator(check_secret)] | None = Field(
        default=None,
        description="`whsec_` and 24 to 64 bytes in base64, to sign with. Left out or null: there are no signatures.",
    )


class CallbackBody(_In):
    """Where a task's events go: over AMQP, to a webhook, or both."""

    amqp: Amqp | None = None
    webhook: WebhookBody | None = None
    properties: JsonObject | None = Field(default=None, description="Included in each message.")

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if self.amqp is None and self.webhook is None:
            raise ValueError("must have 'amqp' or 'webhook'")
        return self


class IngestAsyncBody(_In):
    """A document to store in the background."""

    ingest_body: IngestBody
    callback: CallbackBody | None = None


class ConvertBody(_In):
    """A file to read."""

    input: Annotated[TextInput | FileInput | UriInput, Field(discriminator="type")]
    metadata: JsonObject | None = Field(
        default=None,
        description="The extension of `file_name` gives the type.",
        examples=[{"file_name": "returns.md"}],
    )
    reader: Annotated[str, Field(max_length=100)] | None = Field(
        default=None,
        description="A name from `GET /readers`; null: the one of the file's type.",
        examples=[None],
    )
    format: Literal["markdown", "object"] = "markdown"


class DeleteBody(_In):
    """A document to erase."""

    collection: Name = Field(examples=[DEFAULT_COLLECTION])
    artifact: Name = Field(examples=["returns"])


class DeleteAsyncBody(_In):
    """A document to erase in the background."""

    delete_body: DeleteBody
    callback: CallbackBody | None = None


class IngestBatchBody(_In):
    """Documents to store in the background, with different names."""

    documents: list[IngestBody] = Field(min_length=1, max_length=BATCH_DOCUMENTS)


class DeleteBatchBody(_In):
    """Documents of a collection to erase."""

    collection: Name = Field(examples=[DEFAULT_COLLECTION])
    artifacts: Annotated[
        list[Name],
        Field(min_length=1, max_length=BATCH_DOCUMENTS, fail_fast=True),
        AfterValidator(_different),
    ] = Field(description="Their names, each once.", examples=[["returns", "warranty"]])


class ContextFilterBody(_In):
    """Which documents to read."""

    collection: Name = DEFAULT_COLLECTION
    artifacts: Annotated[list[Name], Field(max_length=10_000, fail_fast=True)] | None = Field(
        default=None, description="Null: all in the collection.", examples=[["returns"]]
    )
    metadata_filter: Annotated[list[MetadataFilter], Field(max_length=50)] | None = Field(
        default=None, description="Conditions that must all hold."
    )

    def to_record(self) -> reading.ContextFilter:
        """The filter as the core takes it. Raises InvalidRequest for values that cannot be compared."""
        where = ("body", "context_filter", "metadata_filter")
        conditions = metadata_conditions(self.metadata_filter or [], where)
        return reading.ContextFilter(self.collection, self.artifacts, conditions)


_Types = Annotated[list[BlockType], Field(max_length=20)]


class NodeFilterBody(_In):
    """Which nodes of a document's tree to return."""

    include: _Types | None = Field(default=None, examples=[["SectionNode", "TextNode"]])
    exclude: _Types | None = None
    node_ids: Annotated[list[str], Field(max_length=10_000, fail_fast=True)] | None = None
    include_children: bool = True
    include_ancestors: bool = False

    def to_record(self) -> texts.NodeFilter:
        """The filter as the core takes it."""
        return texts.NodeFilter(
            include=None if self.include is None else frozenset(self.include),
            exclude=None if self.exclude is None else frozenset(self.exclude),
            node_ids=None if self.node_ids is None else frozenset(self.node_ids),
            include_children=self.include_children,
            include_ancestors=self.include_ancestors,
        )


class ContentBody(_In):
    """What to read, and in which format."""

    context_filter: ContextFilterBody
    format: Literal["markdown", "object"] = "markdown"
    filter: NodeFilterBody | None = None
    max_tokens: Annotated[int, Field(ge=1, strict=True)] | None = Field(
        default=None, description="Maximum size of a piece of chunked-content; null: the server's default."
    )
