"""Embedding models: texts in, unit vectors out.

The caller awaits an `Embedder`, wherever the work is done:

    embedder = await open_embedder(parse_embedder(spec, key), run=run)
    vectors = await embedder.passages(texts)

`run(function, *arguments)` moves CPU work off the event loop: to the pool of child processes in a worker, to
`asyncio.to_thread` for a single query. A remote model does not use it.
"""

from typing import Protocol

from lethe.adapters.embedders.cpu import CpuEmbedder, Run
from lethe.adapters.embedders.specs import EmbedderSpec, LocalModel, OnnxModel, OpenAIModel, parse_embedder
from lethe.adapters.embedders.vectors import Vectors

__all__ = [
    "Embedder",
    "EmbedderSpec",
    "LocalModel",
    "OnnxModel",
    "OpenAIModel",
    "Vectors",
    "open_embedder",
    "parse_embedder",
    "require_present",
]


class Embedder(Protocol):
    """A model that is ready for use."""

    @property
    def model(self) -> str:
        """The name that is recorded in the database. Vectors of different names cannot be compared."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def batch_size(self) -> int:
        """How many passages to hand over at once: more is not faster and makes progress coarser."""

    async def passages(self, texts: list[str]) -> Vectors:
        """Embed texts to be found, as float16 [texts, dimension] of unit length, in the order given.

        Texts are cut at `MAX_CHARACTERS`. Raises Unavailable and OperatorError.
        """

    async def query(self, text: str) -> Vectors:
        """Embed a text to search with, as float16 [dimension] of unit length. Raises as `passages`."""

    async def close(self) -> None:
        """Close connections; the embedder cannot be used afterwards."""


async def open_embedder(spec: EmbedderSpec, *, run: Run) -> Embedder:
    """Open the model that the setting names.

    A local model is loaded where `run` puts it. A remote one is asked for one vector, to learn its dimension. Raises
    OperatorError when the model cannot be used, Unavailable when a remote one does not answer.
    """
    if isinstance(spec, OpenAIModel):
        from lethe.adapters.embedders.openai import RemoteEmbedder  # noqa: PLC0415 an HTTP client, for this alone

        return await RemoteEmbedder.open(spec)
    return await CpuEmbedder.open(spec, run)


def require_present(spec: EmbedderSpec) -> None:
    """Raise OperatorError when something that the model needs on this machine is missing. This check is cheap and does
    not find everything."""
    if isinstance(spec, OnnxModel):
        from lethe.adapters.embedders.onnx import present  # noqa: PLC0415 for this alone

        present(spec.directory)
