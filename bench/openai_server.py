"""A stand-alone POST /v1/embeddings that costs next to nothing, to measure Lethe without a model behind it.

    python bench/openai_server.py --port 8900 --dim 512

The vectors are made from a hash of the text: equal texts are equal, all others are unrelated. Answers are
base64 if asked for, else lists of numbers.
"""

import argparse
import asyncio
import base64
import contextlib
import hashlib
from typing import cast

import httptools
import numpy as np
import orjson
import uvloop


class Connection(asyncio.Protocol):
    """One keep-alive connection; httptools calls the on_... methods."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.parser = httptools.HttpRequestParser(self)
        self.body: list[bytes] = []
        self.path = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.close()

    def on_url(self, url: bytes) -> None:
        self.path = url

    def on_body(self, body: bytes) -> None:
        self.body.append(body)

    def on_message_complete(self) -> None:
        content, self.body = b"".join(self.body), []
        if self.path == b"/v1/embeddings" and self.parser.get_method() == b"POST":
            self.answer(b"200 OK", self.embed(content))
        else:
            self.answer(b"404 Not Found", b'{"error":{"message":"POST /v1/embeddings only"}}')

    def embed(self, content: bytes) -> bytes:
        request = orjson.loads(content)
        texts = [request["input"]] if isinstance(request["input"], str) else request["input"]
        # One byte a number: -127.5 to 127.5, never all zero.
        raw = b"".join(hashlib.shake_256(text.encode()).digest(self.dimension) for text in texts)
        vectors = (np.frombuffer(raw, np.uint8).astype(np.float32) - 127.5).reshape(
            len(texts), self.dimension
        )
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        rows: list[object]
        if request.get("encoding_format") == "base64":
            rows = [base64.b64encode(vector.tobytes()).decode() for vector in vectors]
        else:
            rows = list(vectors)
        data = [{"object": "embedding", "index": index, "embedding": row} for index, row in enumerate(rows)]
        tokens = sum(map(len, texts)) // 4
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        answer = {"object": "list", "model": request["model"], "data": data, "usage": usage}
        return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)

    def answer(self, status: bytes, body: bytes) -> None:
        head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self.transport.write(head % (status, len(body)) + body)


async def serve(host: str, port: int, dimension: int) -> None:
    """Serve until cancelled; the first line printed is the base URL."""
    server = await asyncio.get_running_loop().create_server(lambda: Connection(dimension), host, port)
    print(f"http://{host}:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    async with server:
        await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8900, help="0 takes a free one")
    parser.add_argument("--dim", type=int, default=512)
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(serve(options.host, options.port, options.dim))


if __name__ == "__main__":
    main()
