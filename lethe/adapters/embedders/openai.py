"""A model behind an OpenAI-compatible service (TEI, vLLM, Ollama, OpenAI itself), awaited over HTTP."""

import asyncio
import base64
import binascii
import random
import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt
import orjson

from lethe.adapters.embedders.specs import OpenAIModel
from lethe.adapters.embedders.vectors import MAX_CHARACTERS, Vectors, unit_vectors
from lethe.domain.errors import LetheError, OperatorError, Unavailable

INPUTS = 64  # texts in one request
IN_FLIGHT = 4  # requests at a time
PATIENCE = 30.0  # seconds until the last retry of a request for passages
QUERY_PATIENCE = 3.0  # the same for a query, because a caller waits for it
FIRST_DELAY, LONGEST_DELAY = 0.25, 8.0  # seconds between retries, doubled each time


class RemoteEmbedder:
    """An `Embedder` that asks the service for every text. Neither repr nor any error shows the key."""

    batch_size = INPUTS * IN_FLIGHT

    def __init__(self, spec: OpenAIModel, dimension: int | None, patience: float = PATIENCE) -> None:
        self.model = f"openai:{spec.name}"
        self._spec = spec
        self.dimension = dimension or 0  # 0: not known yet
        self._patience = patience
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {spec.key}"} if spec.key else {},
            timeout=httpx.Timeout(60.0, connect=5.0),
            trust_env=False,
        )

    @classmethod
    async def open(
        cls, spec: OpenAIModel, dimension: int | None = None, patience: float = PATIENCE
    ) -> "RemoteEmbedder":
        """Open the model; without a known `dimension` the service is asked for one vector."""
        embedder = cls(spec, dimension, patience)
        if dimension is None:
            try:
                embedder.dimension = len(await embedder.query("dimension"))
            except LetheError:
                await embedder.close()
                raise
        return embedder

    async def passages(self, texts: list[str]) -> Vectors:
        """See `Embedder`. Up to four requests of 64 texts are under way at a time."""
        if not texts:
            return np.empty((0, self.dimension), np.float16)
        inputs = [self._spec.passage_prefix + text[:MAX_CHARACTERS] for text in texts]
        try:
            async with asyncio.TaskGroup() as group:
                parts = [
                    group.create_task(self._embed(inputs[start : start + INPUTS], self._patience))
                    for start in range(0, len(inputs), INPUTS)
                ]
        except ExceptionGroup as errors:  # not except*: before Python 3.11.4 that gives a group again
            raise errors.exceptions[0] from errors.exceptions[0].__cause__
        return np.concatenate([part.result() for part in parts])

    async def query(self, text: str) -> Vectors:
        """See `Embedder`."""
        inputs = [self._spec.query_prefix + text[:MAX_CHARACTERS]]
        vector: Vectors = (await self._embed(inputs, min(self._patience, QUERY_PATIENCE)))[0]
        return vector

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _embed(self, inputs: list[str], patience: float) -> Vectors:
        body = orjson.dumps({"model": self._spec.name, "input": inputs, "encoding_format": "base64"})
        async with self._slots:
            response = await self._post(body, patience)
        if response.is_success:
            return self._read(response.content, len(inputs))
        raise OperatorError(_refusal(response, self._spec))

    async def _post(self, body: bytes, patience: float) -> httpx.Response:
        """Post, and retry until the answer is final or patience runs out."""
        give_up = time.monotonic() + patience
        delay = FIRST_DELAY
        while True:
            failure: httpx.RequestError | None = None
            asked: float | None = None
            try:
                response = await self._client.post(
                    f"{self._spec.base_url}/embeddings",
                    content=body,
                    headers={"Content-Type": "application/json"},
                )
            except httpx.RequestError as exc:
                failure, reason = exc, "does not answer"
            else:
                if response.status_code != 429 and response.status_code < 500:
                    return response
                reason, asked = f"answers {response.status_code}", _retry_after(response)
            wait = delay * random.uniform(0.5, 1.0) if asked is None else asked  # noqa: S311 no secret
            if time.monotonic() + wait > give_up:
                raise Unavailable(
                    f"The embedding service at '{self._spec.base_url}' {reason}: try later."
                ) from failure
            await asyncio.sleep(wait)
            delay = min(2 * delay, LONGEST_DELAY)

    def _read(self, content: bytes, count: int) -> Vectors:
        where = f"The embedding service at '{self._spec.base_url}'"
        try:
            rows: list[Any] = orjson.loads(content)["data"]
            by_index = {row.get("index", place): _vector(row["embedding"]) for place, row in enumerate(rows)}
        except (
            orjson.JSONDecodeError,
            KeyError,
            TypeError,
            ValueError,
            AttributeError,
            binascii.Error,
        ) as exc:
            raise OperatorError(f"{where} does not return OpenAI embeddings: does its URL lack /v1?") from exc
        if len(rows) != count or set(by_index) != set(range(count)):
            raise OperatorError(
                f"{where} gave {len(rows)} vectors for {count} texts, or numbered them wrongly."
            )
        lengths = {len(vector) for vector in by_index.values()}
        if lengths != {self.dimension or min(lengths)}:
            raise OperatorError(
                f"{where} gave vectors of {max(lengths)} numbers instead of {self.dimension or min(lengths)}:"
                " its model has changed. Set LETHE_EMBEDDER to the model of the stored embeddings, or start with an"
                " empty database."
            )
        try:
            return unit_vectors(np.stack([by_index[place] for place in range(count)]))
        except ValueError as exc:
            raise OperatorError(f"{where} gave an unusable answer: {exc}; use another model.") from exc


def _vector(embedding: Any) -> npt.NDArray[np.float32]:
    """A vector from base64 of little-endian float32, or from a list of numbers."""
    if isinstance(embedding, str):
        return np.frombuffer(base64.b64decode(embedding, validate=True), "<f4")
    with np.errstate(over="ignore"):  # `unit_vectors` finds values that became infinite
        vector = np.asarray(embedding, np.float32)
    if vector.ndim != 1 or not len(vector):
        raise ValueError("no list of numbers")
    return vector


def _retry_after(response: httpx.Response) -> float | None:
    """The seconds of a Retry-After header, which holds a number or a date."""
    header = response.headers.get("Retry-After", "")
    if header.isascii() and header.isdigit():
        return float(header[:9])
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None


def _refusal(response: httpx.Response, spec: OpenAIModel) -> str:
    """What the operator must do about an answer that a retry would not change."""
    where = f"The embedding service at '{spec.base_url}'"
    match response.status_code:
        case 401 | 403:
            return f"{where} refuses the key: set LETHE_EMBEDDER_KEY."
        case 404:
            return (
                f"{where} does not know the model '{spec.name}', or has no /embeddings: check LETHE_EMBEDDER."
            )
        case status:
            return f"{where} refuses the texts with {status}: {_message(response.content)}."


def _message(content: bytes) -> str:
    """The service's own message, shortened and on one line."""
    try:
        answer = orjson.loads(content)
        error = answer.get("error", answer)
        text = str(error.get("message", error) if isinstance(error, dict) else error)
    except (orjson.JSONDecodeError, AttributeError):
        text = content[:800].decode("utf-8", "replace")
    return (
        " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200].rstrip(".")
        or "no reason"
    )
