"""Files from the browser: one request per file, whose body is the file, so that its progress can be shown."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import unquote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from lethe.console.frame.forms import node_ids
from lethe.console.frame.visit import Visit, action, page
from lethe.console.frame.vocabulary import STEPS
from lethe.core.tree import browsing, documents
from lethe.core.tree.documents import Content
from lethe.core.tree.nodes import TITLE_CHARACTERS
from lethe.domain.errors import InputRejected, InvalidRequest, LimitExceeded
from lethe.domain.records.tree import ListedNode

_PIECE_BYTES = 1024 * 1024
_GRACE_SECONDS = 60.0
_SLOWEST_BYTES_A_SECOND = 16 * 1024
"""As for request bodies of the APIs: slower senders only occupy a connection."""
_NAME_CHARACTERS = 1_000
_DEEPEST = 40
_POLLED = 200


async def upload(visit: Visit) -> Response:
    """Create a document from a file. Missing folders in its path are created first."""
    request = visit.request
    *folders, name = _path(request.headers.get("x-file-name", ""))
    parent_id = next(iter(node_ids([request.headers.get("x-folder", "")])), None)
    async with _received(visit, name) as file:
        parent_id = await browsing.folder_of(
            visit.ctx, company_id=visit.company_id, parent_id=parent_id, titles=folders
        )
        node = await documents.create_document(
            visit.ctx,
            Content(file, name),
            company_id=visit.company_id,
            title=name[:TITLE_CHARACTERS],
            parent_id=parent_id,
        )
    return JSONResponse({"id": node.id}, 201)


async def states(visit: Visit) -> Response:
    """The state of these documents' ingestions."""
    wanted = node_ids(visit.request.query_params.getlist("id"))[:_POLLED]
    found = await browsing.there(visit.ctx, company_id=visit.company_id, node_ids=wanted)
    return JSONResponse({id: _state(visit, found.get(id)) for id in wanted})


def _state(visit: Visit, node: ListedNode | None) -> dict[str, object]:
    say = visit.language.gettext
    if node is None:
        return {"ended": True, "failed": False, "text": say("Deleted")}
    if node.status in ("pending", "started"):
        return {
            "ended": False,
            "percentage": node.percentage,
            "text": say(STEPS.get(node.step or "", "Waiting")),
        }
    if node.status == "failure":
        return {
            "ended": True,
            "failed": True,
            "text": visit.said(node.error) if node.error else say("Failed"),
        }
    if node.warnings:
        told = visit.language.ngettext("%(num)d warning", "%(num)d warnings", node.warnings)
        return {"ended": True, "failed": False, "text": told % {"num": node.warnings}}
    return {"ended": True, "failed": False, "text": say("Ready")}


def _path(header: str) -> list[str]:
    """The folders and the name of a file, from the browser's percent-encoded header."""
    parts = [part for part in unquote(header).split("/") if part.strip() and part not in (".", "..")]
    if not parts or len(parts) > _DEEPEST or len(header) > 3 * _NAME_CHARACTERS:
        raise InvalidRequest("The file has no name, or one that is too long.")
    return parts


@asynccontextmanager
async def _received(visit: Visit, name: str) -> AsyncIterator[Path]:
    """The request body as a file, for the length of the block. Raises LimitExceeded if it is too large."""
    request, limits = visit.request, visit.ctx.limits
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limits.file_bytes:
        raise LimitExceeded(f"'{name}' has {int(declared):,} bytes, over the limit of {limits.file_bytes:,}.")
    with visit.ctx.bodies.share() as share, visit.ctx.scratch.file() as file:
        size = 0
        async for piece in _pieces(request):
            size += len(piece)
            if size > limits.file_bytes:
                raise LimitExceeded(f"'{name}' has over {limits.file_bytes:,} bytes, which is the limit.")
            if size > _PIECE_BYTES:
                await share.take(visit.company_id, size)
            await asyncio.to_thread(file.write, piece)
        await asyncio.to_thread(file.flush)
        yield Path(file.name)


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body, piece by piece. Raises InputRejected if it arrives too slowly or is cut off."""
    start, received = time.monotonic(), 0
    held: list[bytes] = []
    stream = request.stream().__aiter__()
    while True:
        end = start + _GRACE_SECONDS + received / _SLOWEST_BYTES_A_SECOND
        try:
            piece = await asyncio.wait_for(anext(stream, None), end - time.monotonic())
        except TimeoutError:
            raise InputRejected("The file arrives too slowly: send it again.") from None
        except ClientDisconnect:
            raise InputRejected("The file did not arrive whole: send it again.") from None
        if piece is not None:
            received += len(piece)
            held.append(piece)
        if held and (piece is None or sum(map(len, held)) >= _PIECE_BYTES):
            yield b"".join(held)
            held = []
        if piece is None:
            return


ROUTES = [
    action("/files", upload, "knowledge:write", ingesting=True),
    page("/files", states, "knowledge:read"),
]
