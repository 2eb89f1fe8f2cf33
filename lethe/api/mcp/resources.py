"""Documents as resources: `lethe://documents/{id}`."""

import re

import mcp_types as types

from lethe.api.mcp.tools import MOST_CHARACTERS
from lethe.core.access import callers
from lethe.core.content import passages
from lethe.core.context import Context
from lethe.domain.errors import InvalidRequest, LimitExceeded, NotFound
from lethe.domain.ids import OBJECT_ID
from lethe.domain.records.access import Caller
from lethe.domain.records.blocks import DocumentHead

SCOPE = "knowledge:read"
PAGE = 100
MARKDOWN = "text/markdown"
MOST_RESOURCE_CHARACTERS = 4 * MOST_CHARACTERS

TEMPLATE = types.ResourceTemplate(
    name="document",
    title="A document's text",
    uri_template="lethe://documents/{id}",
    description="The text of a document as markdown. Long ones are read in parts with the tool read_document.",
    mime_type=MARKDOWN,
)

_URI = re.compile(r"lethe://documents/([0-9a-f]{24})")


def uri(node_id: str) -> str:
    """The address of a document."""
    return f"lethe://documents/{node_id}"


def id_of(address: str) -> str | None:
    """The document's id in an address; None if it is not an address of a document."""
    match = _URI.fullmatch(address)
    return match[1] if match else None


async def page(ctx: Context, caller: Caller, cursor: str | None) -> types.ListResourcesResult:
    """Documents in order of their ids. Raises InvalidRequest for an invalid cursor, InsufficientScope."""
    callers.permit(caller, scope=SCOPE)
    if cursor is not None and not OBJECT_ID.fullmatch(cursor):
        raise InvalidRequest("Invalid cursor: use one from an earlier answer, or none.")
    found, after = await passages.page(ctx, company_id=caller.company_id, after=cursor or "", limit=PAGE)
    return types.ListResourcesResult(resources=[_resource(d) for d in found], next_cursor=after)


async def read(ctx: Context, caller: Caller, address: str) -> types.ReadResourceResult:
    """The whole text of a document. Raises NotFound, LimitExceeded, InsufficientScope."""
    callers.permit(caller, scope=SCOPE)
    node_id = id_of(address)
    if node_id is None:
        raise NotFound(f"There is no such resource: their addresses are like {uri('0' * 24)}.")
    found = await passages.read(
        ctx, company_id=caller.company_id, node_id=node_id, start=0, characters=MOST_RESOURCE_CHARACTERS
    )
    if found.next_start is not None:
        raise LimitExceeded(
            f"The document has {found.characters:,} characters: read it in parts with read_document."
        )
    return types.ReadResourceResult(
        contents=[types.TextResourceContents(uri=address, mime_type=MARKDOWN, text=found.text)]
    )


def _resource(document: DocumentHead) -> types.Resource:
    return types.Resource(
        uri=uri(document.node_id),
        name=document.title,
        title=document.title,
        mime_type=MARKDOWN,
    )
