"""The names by which callers may ask for the embedding model."""

from typing import Annotated

from pydantic import Field

from lethe.core import embeddings
from lethe.core.context import Context
from lethe.core.embeddings import Model
from lethe.core.queue.callbacks import MODEL
from lethe.domain.errors import NotFound, Unavailable

ModelName = Annotated[
    str, Field(max_length=255, description=f"`{MODEL}`, `default`, or the name of the server's model.")
]


async def require_model(ctx: Context, name: str) -> Model:
    """The installation's model, if it has this name.

    Raises:
        NotFound: it has another name.
        Unavailable: the model is not known yet.
    """
    found = await embeddings.model(ctx)
    if found is None:
        raise Unavailable("No worker has started yet, so the model is not known: try again.", retry_after=5)
    if name not in (MODEL, "default", found.name):
        raise NotFound(f"There is no such model: use '{MODEL}'.")
    return found
