"""Models that run on this machine's CPU, one core each.

`load`, `describe`, `passages` and `query` are plain functions over plain values, to be called in a child process. A
process that forks children calls `load` first, so that they share the model's memory.
"""

import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from lethe.adapters.embedders.specs import CpuModel, LocalModel
from lethe.adapters.embedders.vectors import MAX_CHARACTERS, Vectors, unit_vectors
from lethe.domain.errors import OperatorError

Run = Callable[..., Awaitable[Any]]

BATCH_SIZE = 64
"""The local model takes about a second for it. Its speed is the same from 8 to 64 passages, but each batch is a child
process of its own: with 16 both cores reached 71 % of the bare rate."""


class Encoder(Protocol):
    """A loaded model."""

    model: str
    dimension: int
    query_prefix: str
    passage_prefix: str

    def encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        """One vector per text, of any length (norm) except 0."""


@functools.cache
def load(model: CpuModel) -> Encoder:
    """Load a model into this process, once; the local one takes about 1 s and 120 MB.

    Raises OperatorError when its files or libraries are missing.
    """
    if isinstance(model, LocalModel):
        from lethe.adapters.embedders.local import LocalEncoder  # noqa: PLC0415 numpy's BLAS and 30 MB of weights

        return LocalEncoder()
    from lethe.adapters.embedders.onnx import OnnxEncoder  # noqa: PLC0415 optional libraries

    return OnnxEncoder(model.directory)


def encode_passages(model: CpuModel, texts: Sequence[str]) -> Vectors:
    """Embed texts to be found: float16 [texts, dimension], unit length. Uses one core until it is done."""
    encoder = load(model)
    return _encode(encoder, [encoder.passage_prefix + text[:MAX_CHARACTERS] for text in texts])


def encode_query(model: CpuModel, text: str) -> Vectors:
    """Embed a text to search with: float16 [dimension], unit length."""
    encoder = load(model)
    vector: Vectors = _encode(encoder, [encoder.query_prefix + text[:MAX_CHARACTERS]])[0]
    return vector


def passages(model: CpuModel, texts: Sequence[str]) -> bytes:
    """`encode_passages` in bytes, row by row."""
    return encode_passages(model, texts).tobytes()


def query(model: CpuModel, text: str) -> bytes:
    """`encode_query` in bytes."""
    return encode_query(model, text).tobytes()


def describe(model: CpuModel) -> tuple[str, int]:
    """The model's recorded name and its dimension."""
    encoder = load(model)
    return encoder.model, encoder.dimension


class CpuEmbedder:
    """An `Embedder` whose work is done where `run` puts it."""

    batch_size = BATCH_SIZE

    def __init__(self, spec: CpuModel, run: Run, model: str, dimension: int) -> None:
        self.model = model
        self.dimension = dimension
        self._spec = spec
        self._run = run

    @classmethod
    async def open(cls, spec: CpuModel, run: Run) -> "CpuEmbedder":
        """Load the model where `run` puts it, and get its name and dimension."""
        return cls(spec, run, *await run(describe, spec))

    async def passages(self, texts: list[str]) -> Vectors:
        """See `Embedder`."""
        data = await self._run(passages, self._spec, texts)
        return np.frombuffer(data, np.float16).reshape(len(texts), self.dimension)

    async def query(self, text: str) -> Vectors:
        """See `Embedder`."""
        data = await self._run(query, self._spec, text)
        return np.frombuffer(data, np.float16).reshape(self.dimension)

    async def close(self) -> None:
        """Does nothing: no connection is open."""


def _encode(encoder: Encoder, texts: list[str]) -> Vectors:
    if not texts:
        return np.empty((0, encoder.dimension), np.float16)
    try:
        return unit_vectors(encoder.encode(texts))
    except ValueError as exc:
        raise OperatorError(
            f"The model '{encoder.model}' gave an unusable vector: {exc}; use another one."
        ) from exc
