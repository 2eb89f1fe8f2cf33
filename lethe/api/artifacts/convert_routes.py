"""Routes that read a file without storing it."""

from collections.abc import Iterator
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from lethe.api.artifacts import uploads
from lethe.api.request.auth import Converter, Ctx, Reader
from lethe.api.streams import Spooled, unless_the_client_leaves
from lethe.core import conversion
from lethe.core.conversion import Conversion
from lethe.domain.file_types import READERS, readable

router = APIRouter(tags=["conversion"])


class ReaderInfo(BaseModel):
    """The files that a reader reads."""

    extensions: list[str] = Field(examples=[[".docm", ".docx"]])


class ReadersAnswer(BaseModel):
    """The readers by name."""

    data: dict[str, ReaderInfo]


class ConvertAnswer(BaseModel):
    """The content of the file."""

    content: Any = Field(description="Markdown, or for `object` the tree as in `POST /content`.")
    reader: str = Field(description="The reader that was used.", examples=["text"])
    warnings: list[str] = Field(
        default=[],
        description="Sentences about parts of the file that are not in the content. Absent if there are none.",
    )


@router.get("/readers", summary="List the readers")
async def list_readers(_caller: Reader) -> ReadersAnswer:
    """Each file type has one reader."""
    return ReadersAnswer(data={name: ReaderInfo(extensions=readable(name)) for name in READERS})


@router.post("/convert", response_model=ConvertAnswer, summary="Read a file without storing it")
async def convert_file(request: Request, ctx: Ctx, caller: Converter) -> Response:
    """Reads a file as an ingestion does. Nothing is stored. Closing the connection ends the work."""
    body = await uploads.read_conversion(request, ctx.scratch)
    converting = conversion.convert(
        ctx,
        company_id=caller.company_id,
        content=await uploads.content_of(body.input),
        file_name=uploads.file_name_in(body.metadata or {}),
        reader=body.reader,
        as_tree=body.format == "object",
        encode=_answer,
    )
    return Spooled(await unless_the_client_leaves(request, converting))


def _answer(found: Conversion) -> Iterator[bytes]:
    yield b'{"content":'
    yield from found.content
    rest = {"reader": found.reader, **({"warnings": found.warnings} if found.warnings else {})}
    yield b"," + orjson.dumps(rest)[1:]
