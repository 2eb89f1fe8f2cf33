"""The JSON of the Knowledge API's tree and assistants: request bodies with their bounds, and answers."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from lethe.api.request.values import JsonObject, Known, MetadataFilter, no_nul, not_blank, passing
from lethe.core.tree.nodes import TITLE_CHARACTERS, checked_title
from lethe.domain.metadata import giveable
from lethe.domain.records.tasks import TaskFailure

LARGEST_POSITION = 2**31 - 1


Title = Annotated[
    str, Field(min_length=1, max_length=TITLE_CHARACTERS), AfterValidator(passing(checked_title))
]
NodeId = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{24}$"), AfterValidator(str.lower)]
Markdown = Annotated[str, AfterValidator(not_blank), AfterValidator(no_nul)]
Position = Annotated[int, Field(ge=0, le=LARGEST_POSITION, strict=True)]

_ID = "0123456789abcdef01234567"


Metadata = Annotated[JsonObject, AfterValidator(giveable)]


class _In(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Condition(Known, MetadataFilter):
    """A condition on a document's metadata, as in the Artifacts API."""


Conditions = Annotated[list[Condition], Field(max_length=50)]


class FolderBody(_In):
    """A new folder."""

    title: Title = Field(examples=["Soporte"])
    parent_id: NodeId | None = Field(default=None, description="Null: the root.", examples=[None])


class DocumentFields(_In):
    """The form fields of an uploaded file."""

    title: Title | None = None
    parent_id: NodeId | None = None
    metadata: Metadata | None = None


class DocumentBody(_In):
    """A new document."""

    title: Title = Field(examples=["Política de cancelación"])
    parent_id: NodeId | None = Field(default=None, description="Null: the root.", examples=[None])
    markdown: Markdown = Field(examples=["# Cancelación\n\n- Hasta 48 horas antes: gratis.\n"])
    metadata: Metadata | None = Field(
        default=None,
        description="Any JSON to keep with the document, for filters.",
        examples=[{"idioma": "es"}],
    )


class ContentBody(_In):
    """New content of a document."""

    markdown: Markdown = Field(examples=["# Cancelación\n\nYa no es gratis.\n"])
    metadata: Metadata | None = Field(
        default=None,
        description="Replaces the document's metadata together with its content; left out: unchanged.",
    )


class ChangeBody(_In):
    """The changes; fields left out stay unchanged."""

    title: Title | None = Field(default=None, examples=["Ayuda"])
    parent_id: NodeId | None = Field(default=None, description="Null: the root.", examples=[_ID])
    position: Position | None = Field(
        default=None, description="The place among its siblings, from 0; they are renumbered."
    )
    metadata: Metadata | None = Field(
        default=None,
        description="Documents only: replaces all of its metadata. `{}` removes it.",
        examples=[{"idioma": "es"}],
    )


class RestoreBody(_In):
    """A new title or folder for the restored node; fields left out stay as they were."""

    title: Title | None = None
    parent_id: NodeId | None = Field(default=None, description="Null: the root.")


class AssignmentBody(_In):
    """What to assign to an assistant's workers."""

    assistant_id: NodeId = Field(examples=[_ID])
    node_ids: Annotated[list[NodeId], Field(min_length=1, max_length=200)] = Field(examples=[[_ID]])


class NodeInTree(BaseModel):
    """A folder or a document."""

    id: str = Field(examples=[_ID])
    title: str = Field(examples=["Política"])
    node_type: Literal["folder", "document"]
    parent_id: str | None
    position: int
    path_cache: str = Field(examples=["/Soporte/Política"])
    collection: str | None = Field(description="The root folder that it is or is in; null: none.")
    artifact: str | None = Field(description="A document's name in the Artifacts API; null for folders.")
    created_at: str = Field(examples=["2026-11-21T20:12:38.123Z"])
    updated_at: str = Field(examples=["2026-11-21T20:12:38.123Z"])


class NodeAnswer(NodeInTree):
    """A single folder or document."""

    metadata: dict[str, Any] | None = Field(
        default=None,
        description="What was sent with a document through either API, without what the server adds; null for folders.",
        examples=[{"idioma": "es"}],
    )
    source_uri: str | None = Field(
        default=None,
        description="The address the document was fetched from, without credentials. Absent if the file was uploaded.",
    )
    warnings: list[str] = Field(
        default=[],
        description="Sentences about parts of a document's file that are not in its text. Absent if there are none.",
    )


class TreeNode(NodeInTree):
    """A node with its children."""

    children: "list[TreeNode]"


class TreeAnswer(BaseModel):
    """The tree, or a part of it."""

    items: list[TreeNode]


class IngestionState(BaseModel):
    """How the last ingestion of a document went."""

    status: Literal["pending", "started", "success", "failure", "revoked"]
    step: str | None
    percentage: int | None
    error: str | None
    failure: TaskFailure | None = Field(
        description="The kind of failure. After `rejected` the same file would fail again."
    )


class NodeDetails(NodeAnswer):
    """A node and details about its content."""

    counts: dict[str, int] = Field(
        description="Folder: the live folders and documents below it. Document: characters, chunks and bytes.",
        examples=[{"folders": 2, "documents": 12}],
    )
    file_type: str | None
    language: str | None
    hash: str | None = Field(description="SHA-256 of the original.")
    last_ingestion: IngestionState | None = Field(
        description="Null for a folder, and from 30 days after its end."
    )
    markdown: str | None = Field(
        default=None,
        description="Only with `include=markdown`; null during a file's first ingestion.",
    )


class TrashEntry(BaseModel):
    """What one deletion moved to the trash."""

    id: str
    title: str
    node_type: Literal["folder", "document"]
    parent_id: str | None
    path_cache: str
    documents: int = Field(description="How many documents a restore brings back.")
    deleted_at: str
    purge_at: str = Field(description="When it will be erased for good.")


class TrashAnswer(BaseModel):
    """The trash, latest deletion first."""

    items: list[TrashEntry]
    next_cursor: str | None


class OwnFolder(BaseModel):
    """A folder that a token is bound to."""

    id: str
    title: str
    write: bool = Field(
        description="Whether the token's other scopes hold here too; otherwise it only reads."
    )


class Me(BaseModel):
    """The token that was sent."""

    name: str
    prefix: str = Field(examples=["kbai_pk_1234"])
    scopes: list[str]
    expires_at: str | None
    company: str
    only: list[OwnFolder] | None = Field(
        description="The folders that the token is bound to: nothing else exists for it. null: the whole company."
    )


class AssignmentAnswer(BaseModel):
    """How many workers have the assignment."""

    workers_updated: int


class AssistantAnswer(BaseModel):
    """An assistant."""

    id: str
    name: str
    description: str | None
    avatar_url: str | None
    model: str | None
    voice_response_enabled: bool
    created_at: str


class AssistantsAnswer(BaseModel):
    """A page of assistants."""

    items: list[AssistantAnswer]
    page: int
    limit: int
    total: int


class ErrorAnswer(BaseModel):
    """An error."""

    message: str
    error: str
    statusCode: int  # noqa: N815 the API's name
    code: str | None = Field(default=None, description="Only with 403 and 404.")
