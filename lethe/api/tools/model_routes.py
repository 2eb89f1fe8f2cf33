"""Routes that describe the model, in a shape that clients of OpenAI and of Anthropic both read."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from lethe.api.request.auth import Anyone, Ctx
from lethe.api.tools.models import ModelName, require_model
from lethe.core import embeddings
from lethe.core.embeddings import Model
from lethe.core.queue.callbacks import MODEL

router = APIRouter(tags=["models"])

_BEGINNING = "1970-01-01T00:00:00Z"
"""Both shapes require a time of creation, which is not known."""


class ModelAnswer(BaseModel):
    """The embedding model. The server has no other."""

    id: str = MODEL
    object: Literal["model"] = "model"
    type: Literal["model"] = "model"
    created: int = 0
    created_at: str = _BEGINNING
    owned_by: str = "lethe"
    display_name: str = Field(description="The model's name.", examples=["local:use-multilingual-v3"])
    dimensions: int = Field(description="The length of its vectors.")


class ModelsAnswer(BaseModel):
    """All models."""

    object: Literal["list"] = "list"
    data: list[ModelAnswer]
    first_id: str | None = None
    last_id: str | None = None
    has_more: Literal[False] = False


@router.get("/models", summary="List the models")
async def list_models(ctx: Ctx, _caller: Anyone) -> ModelsAnswer:
    """One entry, the embedding model; none before the first worker has started."""
    found = await embeddings.model(ctx)
    if found is None:
        return ModelsAnswer(data=[])
    return ModelsAnswer(data=[_answer(found)], first_id=MODEL, last_id=MODEL)


@router.get("/models/{model_id}", summary="Look at a model")
async def get_model(
    ctx: Ctx, _caller: Anyone, model_id: Annotated[ModelName, Path(examples=[MODEL])]
) -> ModelAnswer:
    """The embedding model, by any of its names."""
    return _answer(await require_model(ctx, model_id))


def _answer(found: Model) -> ModelAnswer:
    return ModelAnswer(display_name=found.name, dimensions=found.dimension)
