"""Texts with markers, and a plain search for them in all of a server's files, whatever Lethe itself says."""

import base64
import random
import threading

import numpy as np

from tests.client import Client
from tests.lifecycle.stored import ask, below
from tests.server import Server

_NOTHING = b"\0" * 512
MODES = ("full", "vector", "hybrid")


def prose(marker: str, paragraphs: int = 1) -> str:
    """Text of its own in which each paragraph holds the marker."""
    words = random.Random(marker)
    line = [f"the {words.choice(['house', 'river', 'letter'])} {words.randint(0, 10**6)}" for _ in range(8)]
    return "\n\n".join(
        f"Paragraph {i} of {marker}: {', '.join(line)} and {i * 7}." for i in range(paragraphs)
    )


def forms(*markers: str) -> dict[str, bytes]:
    """A marker as it may lie on disk: plain, in UTF-16, and in base64 as it was sent, at each of three shifts."""
    found: dict[str, bytes] = {}
    for marker in markers:
        found |= {marker: marker.encode(), f"{marker} UTF-16": marker.encode("utf-16-le")}
        found |= {
            f"{marker} base64 {shift}": base64.b64encode(b"x" * shift + marker.encode())[4:-4]
            for shift in range(3)
        }
    return found


def embeddings(server: Server, *nodes: str) -> dict[str, bytes]:
    """The embeddings of documents as they lie on disk: little-endian halves."""
    rows = ask(
        server,
        "SELECT node_id, position, embedding::real[] FROM chunk_vec WHERE node_id = ANY (%s)",
        list(nodes),
    )
    assert rows
    return {f"embedding {node} {n}": np.array(v, "<f2").tobytes() for node, n, v in rows if n % 5 == 0}


def grep(server: Server, sought: dict[str, bytes]) -> dict[str, set[str]]:
    """In which files each of these is found; all files below the data directory are read, whatever they are."""
    found: dict[str, set[str]] = {}
    for path in below(server.directory):
        try:
            content = path.read_bytes() if path.is_file() else b""
        except FileNotFoundError:
            continue
        content = content.replace(_NOTHING, b"")  # most of these files, and slow to search
        for name, value in sought.items():
            if value in content:
                found.setdefault(name, set()).add(str(path.relative_to(server.directory)))
    return found


def finds(client: Client, query: str, mode: str) -> list[str]:
    """The titles that a search finds."""
    answer = client.http.post("/v1/knowledge/search", json={"query": query, "mode": mode})
    assert answer.status_code == 200, answer.text
    return [result["title"] for result in answer.json()["results"]]


class Watch:
    """Asks the server all the time, and gets an answer before its client's patience is over."""

    def __init__(self, client: Client, artifact: str, text: str, query: str) -> None:
        self.answers = 0
        self.wrong: list[str | None] = []
        self._client, self._artifact, self._text, self._query = client, artifact, text, query
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            for mode in MODES:
                if (text := self._client.text(self._artifact)) != self._text:
                    self.wrong.append(text)
                if not finds(self._client, self._query, mode):
                    self.wrong.append(mode)
                self.answers += 1
