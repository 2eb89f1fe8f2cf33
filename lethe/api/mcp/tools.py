"""The tools that an assistant can call, each with the scope that its token needs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import mcp_types as types
import orjson
from pydantic import BaseModel, Field, ValidationError

from lethe.api.knowledge import answers
from lethe.api.knowledge.routes.search import SearchBody
from lethe.api.knowledge.shapes import DocumentBody, NodeId
from lethe.api.request.values import metadata_conditions
from lethe.core.access import callers
from lethe.core.content import passages
from lethe.core.context import Context
from lethe.core.search import query as searching
from lethe.core.tree import documents, nodes, trash
from lethe.core.tree.documents import Content, markdown_name
from lethe.domain.errors import LetheError, NotFound
from lethe.domain.json import Json
from lethe.domain.records.access import Caller
from lethe.domain.records.search import Mode

MOST_CHARACTERS = 50_000
"""How much of a document one call returns: about 12,000 tokens."""
_TREE_BYTES = 256 * 1024

Run = Callable[[Context, Caller, Any], Awaitable[Json]]


class SearchArguments(SearchBody):
    """What to search for, and where."""

    mode: Mode = Field(
        default=Mode.HYBRID,
        description="`hybrid`: by meaning and words; `vector`: by meaning; `full`: by words.",
    )


class ReadArguments(BaseModel):
    """Which part of which document."""

    model_config = {"extra": "forbid"}

    node_id: NodeId = Field(description="The document's id, from a search or the tree.")
    start: int = Field(default=0, ge=0, le=2**40, description="The first character, counted from 0.")
    characters: int = Field(
        default=20_000, ge=1, le=MOST_CHARACTERS, description="How many characters at most."
    )


class TreeArguments(BaseModel):
    """Which part of the tree."""

    model_config = {"extra": "forbid"}

    parent_id: NodeId | None = Field(default=None, description="Only what is below this folder.")
    depth: Annotated[int, Field(ge=1, le=nodes.MAX_DEPTH)] = Field(default=2, description="How many levels.")


class DeleteArguments(BaseModel):
    """What to delete."""

    model_config = {"extra": "forbid"}

    node_id: NodeId = Field(description="The id of a document, or of a folder with everything below it.")


async def _search(ctx: Context, caller: Caller, asked: SearchArguments) -> Json:
    hits = await searching.search_documents(
        ctx,
        company_id=caller.company_id,
        query=asked.query,
        mode=asked.mode,
        top_k=asked.top_k,
        node_ids=asked.node_ids,
        assistant_id=asked.assistant_id,
        metadata=metadata_conditions(asked.metadata or [], ("metadata",)),
    )
    return {
        "results": [
            {
                "node_id": hit.node_id,
                "title": hit.title,
                "score": hit.score,
                "snippet": hit.snippet.text,
                "metadata": hit.metadata,
                "headings": hit.spot.headings,
                **hit.spot.place,
            }
            for hit in hits
        ]
    }


async def _read(ctx: Context, caller: Caller, asked: ReadArguments) -> Json:
    found = await passages.read(
        ctx,
        company_id=caller.company_id,
        node_id=asked.node_id,
        start=asked.start,
        characters=asked.characters,
    )
    return {
        "node_id": found.node_id,
        "title": found.title,
        "text": found.text,
        "start": found.start,
        "characters": found.characters,
        "next_start": found.next_start,
    }


async def _tree(ctx: Context, caller: Caller, asked: TreeArguments) -> Json:
    most = min(_TREE_BYTES, ctx.limits.answer_bytes)
    branches = await nodes.show_tree(
        ctx, company_id=caller.company_id, parent_id=asked.parent_id, depth=asked.depth
    )
    return orjson.loads(answers.tree(branches, asked.parent_id, most))


async def _add(ctx: Context, caller: Caller, asked: DocumentBody) -> Json:
    node = await documents.create_document(
        ctx,
        Content(asked.markdown, markdown_name(asked.title)),
        company_id=caller.company_id,
        title=asked.title,
        parent_id=asked.parent_id,
        metadata=asked.metadata,
    )
    return {"node_id": node.id, "title": node.title, "path": node.path_cache}


async def _delete(ctx: Context, caller: Caller, asked: DeleteArguments) -> Json:
    await trash.delete(ctx, company_id=caller.company_id, node_id=asked.node_id, by=caller.prefix)
    return {"node_id": asked.node_id, "deleted": True, "restore": "A person can restore it from the trash."}


@dataclass(frozen=True, slots=True)
class _Tool:
    """A tool: its description, the scope that it needs, its arguments, and what it does."""

    title: str
    description: str
    scope: str
    arguments: type[BaseModel]
    run: Run
    hints: Mapping[str, bool]

    def described(self, name: str) -> types.Tool:
        return types.Tool(
            name=name,
            title=self.title,
            description=self.description,
            input_schema=self.arguments.model_json_schema(),
            annotations=types.ToolAnnotations(title=self.title, **self.hints),
        )


_READS = {"read_only_hint": True, "open_world_hint": False}

TOOLS: Mapping[str, _Tool] = {
    "search_knowledge": _Tool(
        "Search documents",
        "Finds documents by words and meaning, best first, each with an excerpt. Scores are absolute: in mode `hybrid` "
        "results below 0.15 are rarely relevant. Judge the others by the excerpt: an exact name or a paraphrase may "
        "score below 0.3. For names, use mode `full`.",
        "knowledge:query",
        SearchArguments,
        _search,
        _READS,
    ),
    "read_document": _Tool(
        "Read a document",
        "Returns a document's text as markdown, in parts: call again with start = next_start for more.",
        "knowledge:read",
        ReadArguments,
        _read,
        _READS,
    ),
    "list_tree": _Tool(
        "List folders and documents",
        "Returns folders and documents, nested, with their ids.",
        "knowledge:read",
        TreeArguments,
        _tree,
        _READS,
    ),
    "add_document": _Tool(
        "Add a document",
        "Stores markdown as a new document. It can be read at once, and found by search a moment later.",
        "knowledge:write",
        DocumentBody,
        _add,
        {"read_only_hint": False, "destructive_hint": False, "open_world_hint": False},
    ),
    "delete_node": _Tool(
        "Delete a document or folder",
        "Moves it to the trash with everything below it. No search, list or reading returns it afterwards.",
        "knowledge:delete",
        DeleteArguments,
        _delete,
        {
            "read_only_hint": False,
            "destructive_hint": True,
            "idempotent_hint": False,
            "open_world_hint": False,
        },
    ),
}


def offered_to(caller: Caller) -> list[types.Tool]:
    """The tools that the caller's token permits."""
    return [tool.described(name) for name, tool in TOOLS.items() if tool.scope in caller.scopes]


async def call(
    ctx: Context, caller: Caller, name: str, arguments: Mapping[str, Json]
) -> types.CallToolResult:
    """Run a tool. Errors that the assistant can correct are returned as results, as the protocol requires."""
    try:
        tool = TOOLS.get(name)
        if tool is None:
            raise NotFound(f"There is no tool '{name[:50]}': use one of {', '.join(TOOLS)}.")
        callers.permit(caller, scope=tool.scope)
        value = await tool.run(ctx, caller, tool.arguments.model_validate(arguments))
    except ValidationError as exc:
        faults = exc.errors(include_input=False, include_context=False, include_url=False)[:10]
        return _failed(
            "; ".join(f"{'.'.join(map(str, f['loc'])) or 'arguments'}: {f['msg']}" for f in faults)
        )
    except LetheError as exc:
        return _failed(str(exc))
    text = orjson.dumps(value).decode()
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], structured_content=value)


def _failed(message: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=message)], is_error=True)
