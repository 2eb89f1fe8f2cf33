"""The route that embeds texts, in OpenAI's shape."""

import base64
from typing import Annotated, Any, Literal

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from lethe.adapters.embedders import Vectors
from lethe.api.openapi import body_schema
from lethe.api.request.auth import Ctx, Querier
from lethe.api.request.bodies import read_json
from lethe.api.request.values import not_blank
from lethe.api.streams import unless_the_client_leaves
from lethe.api.tools.models import ModelName, require_model
from lethe.core import embeddings
from lethe.core.queue.callbacks import MODEL
from lethe.domain.errors import InvalidRequest
from lethe.domain.limits import EMBEDDED_TEXTS

router = APIRouter(tags=["embeddings"])


def _no_tokens(value: object) -> object:
    if isinstance(value, int | list):
        raise ValueError("must be text: lists of token numbers are not embedded")
    return value


_Text = Annotated[str, BeforeValidator(_no_tokens), AfterValidator(not_blank)]


def _kind(value: object) -> str:
    return "text" if isinstance(value, str) else "texts"


# Distinguished before validation, so that errors are reported for only one of the two.
_Input = Annotated[
    Annotated[_Text, Tag("text")]
    | Annotated[list[_Text], Field(min_length=1, max_length=EMBEDDED_TEXTS, fail_fast=True), Tag("texts")],
    Discriminator(_kind),
]


class EmbeddingsBody(BaseModel):
    """What to embed."""

    model_config = ConfigDict(frozen=True)

    input: _Input = Field(
        description="A text, or a list of texts. Lists of token numbers are refused.",
        examples=["How do I return goods?"],
    )
    model: ModelName = MODEL
    encoding_format: Literal["float", "base64"] = Field(
        default="float", description="`base64`: 32-bit floats, little-endian."
    )
    dimensions: Annotated[int, Field(ge=1, strict=True)] | None = Field(
        default=None, description="Only the model's own: its vectors cannot be shortened."
    )


class Embedding(BaseModel):
    """The embedding of one text."""

    object: Literal["embedding"] = "embedding"
    index: int = Field(description="The text's place in the list.")
    embedding: list[float] | str = Field(description="A vector of length 1; a string for `base64`.")


class Usage(BaseModel):
    """How much was embedded."""

    prompt_tokens: int = Field(description="Tokens (cl100k_base) of all texts.")
    total_tokens: int


class EmbeddingsAnswer(BaseModel):
    """One embedding per text, in order."""

    object: Literal["list"] = "list"
    model: str = MODEL
    data: list[Embedding]
    usage: Usage


@router.post(
    "/embeddings",
    response_model=EmbeddingsAnswer,
    summary="Embed texts",
    openapi_extra=body_schema(EmbeddingsBody, {"model": MODEL, "input": ["How do I return goods?"]}),
)
async def create_embeddings(request: Request, ctx: Ctx, caller: Querier) -> Response:
    """Returns each text's vector as a search by meaning uses it. Closing the connection ends the work."""
    body = await read_json(request, EmbeddingsBody)
    found = await require_model(ctx, body.model)
    if body.dimensions not in (None, found.dimension):
        raise InvalidRequest(
            f"The model's vectors have {found.dimension} dimensions and cannot be shortened: leave this out.",
            ("body", "dimensions"),
        )
    texts = [body.input] if isinstance(body.input, str) else body.input
    embedding = embeddings.embed(ctx, company_id=caller.company_id, texts=texts)
    vectors, tokens = await unless_the_client_leaves(request, embedding)
    data = [
        {"object": "embedding", "index": i, "embedding": _encoded(vector, body.encoding_format)}
        for i, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    answer = {"object": "list", "model": MODEL, "data": data, "usage": usage}
    return Response(orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")


def _encoded(vector: Vectors, encoding: str) -> Any:
    floats = vector.astype(np.dtype("<f4"))
    return floats if encoding == "float" else base64.b64encode(floats.tobytes()).decode()
