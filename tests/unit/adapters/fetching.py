"""A server that answers as a test tells it, and ways to fetch from it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lethe.adapters.fetch import Fetched, fetch
from lethe.domain.errors import LetheError
from lethe.domain.limits import Limits
from tests.waiting import PATIENCE_SECONDS

LIMITS = Limits(file_bytes=200_000, fetch_seconds=PATIENCE_SECONDS)
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """Answers each path with fixed bytes or a function, and keeps the requests' heads."""

    port: int = 0
    answers: dict[str, bytes | Answer] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    last_words: bytes = b""

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.requests.append(head)
            answer = self.answers[head.split(" ")[1].partition("?")[0]]
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def answer(body: bytes = b"", *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {size}", *headers, "Connection: close"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def get(uri: str, target: Path, limits: Limits = LIMITS) -> Fetched:
    return await fetch(uri, target, limits=limits, allow_private=True)


async def refused(error: type[LetheError], uri: str, target: Path, limits: Limits = LIMITS) -> str:
    """The sentence of the error that the fetch ends in; the target is not left behind."""
    with pytest.raises(error) as caught:
        await get(uri, target, limits)
    assert not target.exists()
    return str(caught.value)
