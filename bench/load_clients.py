"""The clients of bench/load.py: what they send, what they note, what they check."""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

KIB = 1024
COLLECTIONS = 8
LONGEST_PAUSE_SECONDS = 5.0

MIX = {
    "search": 60,
    "read": 20,
    "ingest": 15,
    "delete": 5,
}
WAITED_FOR, LARGE = 0.15, 0.15
"""Shares of the ingestions."""

_SYLLABLES = [a + b for a in "bdfglmnprst" for b in ("a", "e", "i", "o", "u", "an", "er")]
_random = random.Random(7)
WORDS = sorted({"".join(_random.choices(_SYLLABLES, k=_random.randint(1, 4))) for _ in range(6_000)})
_random.shuffle(WORDS)
_FREQUENCIES = [1 / rank for rank in range(1, len(WORDS) + 1)]


def words(rng: random.Random, count: int) -> str:
    """Words as often as in a natural language: the n-th has 1/n of the frequency of the first."""
    return " ".join(rng.choices(WORDS, _FREQUENCIES, k=count))


def text(kib: float, seed: int) -> str:
    """A markdown text of about this size: sections of paragraphs."""
    rng = random.Random(seed)
    parts: list[str] = []
    while sum(map(len, parts)) < kib * KIB:
        parts.append(f"## {words(rng, 3).title()}\n\n" if len(parts) % 7 == 0 else f"{words(rng, 70)}.\n\n")
    return "".join(parts)


BODIES = {
    large: [text(random.Random(n).uniform(*kib), n) for n in range(40)]
    for large, kib in {False: (1, 4), True: (20, 200)}.items()
}
"""Made beforehand: what a client does between its requests takes time from the server."""


@dataclass
class Known:
    """What the clients know of the documents. Names are never used twice."""

    live: dict[str, str] = field(default_factory=dict)
    """Acknowledged documents and their collections."""
    deleted: dict[str, float] = field(default_factory=dict)
    """When the answer to its deletion had come."""
    made: int = 0
    came_back: int = 0
    """Answers that had a deleted document."""

    def new(self) -> str:
        self.made += 1
        return f"d{self.made:07}"

    def see(self, names: Iterable[str], asked: float) -> None:
        """Check the documents of an answer to a request that was sent at `asked`."""
        self.came_back += sum(self.deleted.get(name, asked) < asked for name in names)


@dataclass
class Step:
    """What was measured with one number of clients."""

    clients: int
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    waiting: int = 0
    """Ingestions that had not ended when the clients stopped."""
    drained: float = 0.0
    memory: int = 0
    cpu: dict[str, float] = field(default_factory=dict)
    """CPU seconds of the server's processes while the clients ran."""


class Client:
    """One client of a load."""

    def __init__(self, http: httpx.AsyncClient, known: Known, step: Step, rng: random.Random) -> None:
        self._http, self._known, self._step, self._rng = http, known, step, rng

    async def run(self, end: float, more: Callable[[], bool]) -> None:
        """Send requests until `end`, or until there are to be no more."""
        while time.perf_counter() < end and more():
            (group,) = self._rng.choices(list(MIX), list(MIX.values()))
            await getattr(self, group)()

    async def search(self) -> None:
        mode = self._rng.choice(["full", "vector", "hybrid"])
        query = words(self._rng, self._rng.randint(2, 5))
        asked = time.perf_counter()
        found = await self._call(
            f"search {mode}",
            "POST",
            "/v1/knowledge/search",
            json={"query": query, "mode": mode, "top_k": 10},
        )
        if found:
            self._known.see((hit["title"] for hit in found.json()["results"]), asked)

    async def read(self) -> None:
        match self._rng.choice(["list", "content", "tree"]):
            case "list":
                await self.list_all(f"c{self._rng.randrange(COLLECTIONS)}", limit=100)
            case "content" if self._known.live:
                name, collection = self._any()
                await self._content(name, collection)
            case _:
                asked = time.perf_counter()
                tree = await self._call("tree", "GET", "/v1/knowledge/tree", params={"depth": 2})
                if tree:
                    folders = tree.json()["items"]
                    self._known.see((n["title"] for f in folders for n in f["children"]), asked)

    async def list_all(self, collection: str, **params: Any) -> set[str]:
        """The names that a collection lists."""
        asked = time.perf_counter()
        query = {"collection": collection, **params}
        listed = await self._call("list", "GET", "/v1/artifacts/list", params=query)
        names = {d["artifact"] for d in listed.json()["data"]} if listed else set()
        self._known.see(names, asked)
        return names

    async def _content(self, name: str, collection: str) -> None:
        asked = time.perf_counter()
        only = {"context_filter": {"collection": collection, "artifacts": [name]}}
        # 404: not stored yet, or deleted by another client.
        answer = await self._call("content", "POST", "/v1/artifacts/content", 404, json=only)
        if answer and answer.status_code == 200:
            self._known.see([name], asked)

    async def ingest(self) -> None:
        name, collection = self._known.new(), f"c{self._rng.randrange(COLLECTIONS)}"
        body_text = self._rng.choice(BODIES[self._rng.random() < LARGE])
        body = {
            "artifact": name,
            "collection": collection,
            "input": {"type": "text", "value": f"# {name}\n\n{body_text}"},
        }
        if self._rng.random() < WAITED_FOR:
            answer = await self._call("ingest", "POST", "/v1/artifacts/ingest", json=body)
        else:
            answer = await self._call(
                "ingest/async", "POST", "/v1/artifacts/ingest/async", json={"ingest_body": body}
            )
        if answer:
            self._known.live[name] = collection

    async def delete(self) -> None:
        if not self._known.live:
            return
        name, collection = self._any()
        del self._known.live[name]
        body = {"collection": collection, "artifact": name}
        if self._rng.random() < 0.5:
            answer = await self._call("delete", "POST", "/v1/artifacts/delete", json=body)
        else:
            answer = await self._call(
                "delete/async", "POST", "/v1/artifacts/delete/async", json={"delete_body": body}
            )
        if answer:
            self._known.deleted[name] = time.perf_counter()

    def _any(self) -> tuple[str, str]:
        name = self._rng.choice(list(self._known.live))
        return name, self._known.live[name]

    async def _call(
        self, kind: str, method: str, path: str, also: int = 200, **more: Any
    ) -> httpx.Response | None:
        """An answer with 200 or `also`; all others are counted by their code, and None."""
        start = time.perf_counter()
        try:
            answer = await self._http.request(method, path, **more)
        except httpx.TimeoutException:
            self._step.answers["no answer in time"] += 1
            return None
        except httpx.HTTPError as exc:
            self._step.answers[f"dropped: {type(exc).__name__}"] += 1
            return None
        self._step.times[kind].append(time.perf_counter() - start)
        if answer.status_code in (200, also):
            return answer
        pause = answer.headers.get("retry-after")
        later = answer.status_code in (429, 503)
        self._step.answers[
            f"{answer.status_code}{' without Retry-After' if later and not pause else ''}"
        ] += 1
        await asyncio.sleep(min(float(pause or 0), LONGEST_PAUSE_SECONDS))
        return None
