"""What a search finds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lethe_client.models.artifacts import Artifact
from lethe_client.models.model import Model


@dataclass(frozen=True, kw_only=True)
class Hit(Model):
    """A document that was found, by its best chunk.

    Attributes:
        highlights: where the query's words are in the snippet.
        headings: the headings above the chunk, the outermost first.
        page, slide, sheet, part: where in the file the words are, if the file's type has such places.
        first_row, last_row: the rows of the sheet that are in the chunk.
        text, explanation: the whole chunk, and why it has its score, if requested.
    """

    node_id: str
    score: float
    title: str
    snippet: str
    collection: str | None = None
    artifact: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    highlights: list[list[int]] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    page: int | None = None
    slide: int | None = None
    sheet: str | int | None = None
    first_row: int | None = None
    last_row: int | None = None
    part: str | int | None = None
    source_uri: str | None = None
    text: str | None = None
    explanation: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class SearchResults(Model):
    """Documents, best first."""

    mode: str
    results: list[Hit]

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)


@dataclass(frozen=True, kw_only=True)
class Chunk(Model):
    """A chunk that was found. `metadata` is its document's, with the chunk's `headings` and place in the file."""

    id: str
    score: float
    document: Artifact
    text: str
    previous_texts: list[str] | None = None
    next_texts: list[str] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def node_id(self) -> str:
        """The document's node."""
        return self.id.rpartition("-")[0]

    @property
    def title(self) -> str:
        """The document's title, or else its file's or its artifact's name."""
        known = self.document.doc_metadata
        named = (known.get(key) for key in ("title", "file_name"))
        return next((name for name in named if isinstance(name, str) and name), self.document.artifact)

    @property
    def headings(self) -> list[str]:
        """The headings above it, the outermost first."""
        found = self.metadata.get("headings")
        return [str(heading) for heading in found] if isinstance(found, list) else []
