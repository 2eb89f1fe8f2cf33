"""The embedding model, by the same calls as in OpenAI's API."""

from collections.abc import Sequence

import httpx

from lethe_client._calling import calls
from lethe_client._calling.calls import Call, optional
from lethe_client._calling.groups import Group, M, operation
from lethe_client.models import EmbeddingModel, Embeddings
from lethe_client.resources.pages import segment


class EmbeddingCalls(Group[M]):
    """Vectors of texts."""

    @operation
    def create(self, input: str | Sequence[str], *, model: str | None = None) -> Call[Embeddings]:
        """The vectors of texts, as searches by meaning use them. `model` can only be the server's own."""
        return calls.ask("/v1/embeddings", Embeddings.of, {"input": input, "model": optional(model)})


class Models(Group[M]):
    """The embedding model: a server has one."""

    @operation
    def list(self) -> Call[Sequence[EmbeddingModel]]:
        """The model; an empty list before the server's first worker has started."""
        return calls.get("/v1/models", _models)

    @operation
    def get(self, model_id: str) -> Call[EmbeddingModel]:
        """The model, by any of its names."""
        return calls.get(f"/v1/models/{segment(model_id)}", EmbeddingModel.of)


def _models(response: httpx.Response) -> list[EmbeddingModel]:
    return [EmbeddingModel.from_dict(item) for item in response.json()["data"]]
