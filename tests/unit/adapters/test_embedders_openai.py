"""The remote embedder against a real HTTP server of the test, and against the benches' server."""

import asyncio
import base64
import logging
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from lethe.adapters.embedders import Embedder, OpenAIModel, open_embedder
from lethe.adapters.embedders.openai import RemoteEmbedder
from lethe.domain.errors import OperatorError, Unavailable
from tests.waiting import PATIENCE_SECONDS

BENCH_SERVER = Path(__file__).parents[3] / "bench" / "openai_server.py"
Reply = tuple[int, bytes, str]


def vector(text: str) -> list[float]:
    """A vector that tells its text: its length and its number."""
    return [float(len(text)), float("0" + "".join(c for c in text[:12] if c.isdigit())), 1.0]


def rows(texts: list[str], *, floats: bool = False) -> list[dict[str, Any]]:
    raw = [vector(text) for text in texts]
    return [
        {
            "index": i,
            "embedding": one if floats else base64.b64encode(np.array(one, "<f4").tobytes()).decode(),
        }
        for i, one in enumerate(raw)
    ]


def ok(data: list[dict[str, Any]]) -> Reply:
    return 200, orjson.dumps({"object": "list", "data": data}), ""


class Service:
    """Answers with what `reply` makes of each request; keeps the requests and how many were there at once."""

    def __init__(self) -> None:
        self.reply: Callable[[dict[str, Any]], Awaitable[Reply]] = self.embed
        self.requests: list[dict[str, Any]] = []
        self.heads: list[str] = []
        self.now = self.most = self.connections = 0
        self.spec = OpenAIModel("", "m")

    async def embed(self, request: dict[str, Any]) -> Reply:
        return ok(rows(request["input"]))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
                request = orjson.loads(await reader.readexactly(length))
                self.heads.append(head)
                self.requests.append(request)
                self.now += 1
                self.most = max(self.most, self.now)
                status, body, headers = await self.reply(request)
                self.now -= 1
                head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
                writer.write(head.encode() + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    one = Service()
    listener = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.spec = OpenAIModel(
        f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1", "m", "sk-very-secret"
    )
    async with listener:
        yield one


@asynccontextmanager
async def opened(
    spec: OpenAIModel, dimension: int | None = 3, patience: float = 30.0
) -> AsyncIterator[RemoteEmbedder]:
    embedder = await RemoteEmbedder.open(spec, dimension, patience)
    try:
        yield embedder
    finally:
        await embedder.close()


async def test_the_dimension_is_asked_for_once_unless_it_is_known(service: Service) -> None:
    async def five(request: dict[str, Any]) -> Reply:
        return ok([{"index": 0, "embedding": [1.0] * 5}])

    service.reply = five
    async with opened(service.spec, None) as embedder:
        assert embedder.dimension == 5
        assert embedder.model == "openai:m"
    async with opened(service.spec, 5) as embedder:
        assert embedder.dimension == 5
    assert len(service.requests) == 1


async def test_many_texts_go_out_in_batches_of_64_four_at_a_time_and_come_back_in_order(
    service: Service,
) -> None:
    four = asyncio.Barrier(4)

    async def together(request: dict[str, Any]) -> Reply:
        await four.wait()
        return ok(rows(request["input"])[::-1])

    service.reply = together
    texts = [str(n) for n in range(8 * 64 - 3)]
    async with opened(service.spec) as embedder:
        vectors = await embedder.passages(texts)
    assert sorted(len(request["input"]) for request in service.requests) == [61, *[64] * 7]
    assert service.most == 4
    assert service.connections <= 4
    wanted = np.array([vector(text) for text in texts])
    assert np.allclose(vectors, wanted / np.linalg.norm(wanted, axis=1, keepdims=True), atol=2e-3)
    assert vectors.dtype == np.float16


async def test_a_request_asks_for_base64_and_carries_the_key(service: Service) -> None:
    async with opened(service.spec) as embedder:
        await embedder.query("1")
    assert service.requests == [{"model": "m", "input": ["1"], "encoding_format": "base64"}]
    assert service.heads[0].startswith("post /v1/embeddings http/1.1")
    assert "authorization: bearer sk-very-secret\r\n" in service.heads[0]


async def test_lists_of_numbers_are_taken_as_well(service: Service) -> None:
    async def floats(request: dict[str, Any]) -> Reply:
        return ok(rows(request["input"], floats=True))

    async with opened(service.spec) as embedder:
        packed = await embedder.passages(["1", "22"])
        service.reply = floats
        assert np.array_equal(await embedder.passages(["1", "22"]), packed)


async def test_prefixes_stand_before_queries_and_passages_and_texts_are_cut(service: Service) -> None:
    spec = OpenAIModel(service.spec.base_url, "m", query_prefix="query: ", passage_prefix="passage: ")
    async with opened(spec) as embedder:
        await embedder.query("7")
        await embedder.passages(["8" * 9_000])
    sent = [request["input"][0] for request in service.requests]
    assert sent == ["query: 7", "passage: " + "8" * 8_000]
    assert "authorization" not in service.heads[0]


async def test_no_text_needs_no_request(service: Service) -> None:
    async with opened(service.spec) as embedder:
        assert (await embedder.passages([])).shape == (0, 3)
    assert service.requests == []


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_busy_service_is_asked_again(status: int, service: Service) -> None:
    async def busy_once(request: dict[str, Any]) -> Reply:
        service.reply = service.embed
        return status, b"", "Retry-After: 0\r\n"

    service.reply = busy_once
    async with opened(service.spec) as embedder:
        assert (await embedder.passages(["1"])).shape == (1, 3)
    assert len(service.requests) == 2


async def test_a_connection_that_breaks_is_made_again(service: Service) -> None:
    async def break_once(request: dict[str, Any]) -> Reply:
        service.reply = service.embed
        raise ConnectionError

    service.reply = break_once
    async with opened(service.spec) as embedder:
        assert (await embedder.passages(["1"])).shape == (1, 3)


@pytest.mark.parametrize("header", ["1000", "date"])
async def test_the_wait_is_as_long_as_the_service_asks(
    header: str, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async def busy_once(request: dict[str, Any]) -> Reply:
        service.reply = service.embed
        until = formatdate(time.time() + 1000, usegmt=True)
        return 429, b"", f"Retry-After: {until if header == 'date' else header}\r\n"

    service.reply = busy_once
    async with opened(service.spec, patience=10_000) as embedder:
        monkeypatch.setattr("lethe.adapters.embedders.openai.asyncio.sleep", pause)
        await embedder.passages(["1"])
    (asked,) = [seconds for seconds in pauses if seconds]
    assert 1000 - PATIENCE_SECONDS < asked <= 1000


async def test_a_wait_beyond_patience_is_not_begun(service: Service) -> None:
    async def busy(request: dict[str, Any]) -> Reply:
        return 503, b"", "Retry-After: 3600\r\n"

    service.reply = busy
    async with opened(service.spec) as embedder:
        with pytest.raises(Unavailable, match="answers 503"):
            await embedder.passages([str(n) for n in range(200)])
    assert len(service.requests) <= 4


async def test_a_service_that_is_away_is_unavailable_when_patience_ends() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        spec = OpenAIModel(f"http://127.0.0.1:{held.getsockname()[1]}/v1", "m")
        with pytest.raises(Unavailable, match="does not answer"):
            await RemoteEmbedder.open(spec, None, patience=0.3)


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, b'{"error": {"message": "Incorrect API key: sk-very-secret"}}', "LETHE_EMBEDDER_KEY"),
        (403, b"", "LETHE_EMBEDDER_KEY"),
        (404, b'{"error": {"message": "no"}}', "does not know the model 'm'"),
        (400, b'{"error": {"message": "input too\\n long."}}', r"with 400: input too long\.$"),
        (413, b'{"error": "over 512 tokens", "error_type": "Validation"}', "over 512 tokens"),
        (422, b"\xff\x00<html>", "with 422"),
        (302, b"", "with 302: no reason"),
        (200, b"<html>", "not return OpenAI embeddings"),
        (200, b"[]", "not return OpenAI embeddings"),
        (200, b'{"data": [{"index": 0, "embedding": "***="}]}', "not return OpenAI embeddings"),
        (200, b'{"data": [{"index": 0, "embedding": "AAA="}]}', "not return OpenAI embeddings"),
        (200, b'{"data": [{"index": 0, "embedding": {"a": 1}}]}', "not return OpenAI embeddings"),
        (200, b'{"data": [{"index": 0, "embedding": []}]}', "not return OpenAI embeddings"),
        (200, b'{"data": []}', "0 vectors for 1 texts"),
        (200, b'{"data": [{"index": 1, "embedding": [1, 2, 3]}]}', "numbered them wrongly"),
        (200, b'{"data": [{"index": "0", "embedding": [1, 2, 3]}]}', "numbered them wrongly"),
        (200, b'{"data": [{"index": 0, "embedding": [1, 2]}]}', "Set LETHE_EMBEDDER to the model"),
        (200, b'{"data": [{"index": 0, "embedding": [0, 0, 0]}]}', "unusable"),
        (200, b'{"data": [{"index": 0, "embedding": [1e39, 0, 0]}]}', "unusable"),
        (200, b'{"data": [{"index": 0, "embedding": [null, 0, 0]}]}', "unusable"),
    ],
)
async def test_an_answer_that_no_retry_mends_is_the_operators_to_mend(
    status: int, body: bytes, reason: str, service: Service
) -> None:
    async def answer(request: dict[str, Any]) -> Reply:
        return status, body, "Content-Type: application/json\r\n"

    service.reply = answer
    async with opened(service.spec) as embedder:
        with pytest.raises(OperatorError, match=reason) as caught:
            await embedder.passages(["1"])
    assert len(service.requests) == 1
    assert "very-secret" not in str(caught.value)


async def test_the_key_is_in_no_log_and_no_repr(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with opened(service.spec, None) as embedder:
        assert "very-secret" not in repr(embedder) + repr(service.spec) + repr(vars(embedder)) + caplog.text


async def test_the_benches_server_is_such_a_service() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(BENCH_SERVER), "--port", "0", "--dim", "96", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        base_url = (await process.stdout.readline()).decode().strip()
        embedder: Embedder = await open_embedder(OpenAIModel(base_url, "any"), run=asyncio.to_thread)
        vectors = await embedder.passages([f"text {n % 100}" for n in range(200)])
        await embedder.close()
    finally:
        process.terminate()
        await process.wait()
    assert vectors.shape == (200, 96)
    assert np.array_equal(vectors[:100], vectors[100:])
    assert len({one.tobytes() for one in vectors}) == 100
