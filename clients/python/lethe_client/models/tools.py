"""Conversions, embeddings, models, and passages for prompts."""

from dataclasses import dataclass, field
from typing import Any

from lethe_client.models.model import Model


@dataclass(frozen=True, kw_only=True)
class Reader(Model):
    """A reader, with the extensions of the files that it reads."""

    extensions: list[str]


@dataclass(frozen=True, kw_only=True)
class Conversion(Model):
    """A file's content, as markdown or as a tree. `warnings` are sentences about parts of the file left out."""

    content: Any
    reader: str
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Passages(Model):
    """Search results as blocks for an assistant: one of type `source`, if anything was found, and one of `text`."""

    content: list[dict[str, Any]]
    is_error: bool

    @property
    def text(self) -> str:
        """All passages as one text, for a prompt."""
        return "\n\n".join(block["text"] for block in self.content if block["type"] == "text")


@dataclass(frozen=True, kw_only=True)
class Embedding(Model):
    """The vector of one text; its `index` is the text's place in the list."""

    index: int
    embedding: list[float]


@dataclass(frozen=True, kw_only=True)
class Embeddings(Model):
    """One vector per text, in the order of the texts. `usage` counts tokens."""

    model: str
    data: list[Embedding]
    usage: dict[str, int] = field(default_factory=dict)

    @property
    def vectors(self) -> list[list[float]]:
        """The vectors alone."""
        return [one.embedding for one in self.data]


@dataclass(frozen=True, kw_only=True)
class EmbeddingModel(Model):
    """The server's embedding model. `dimensions` is the length of its vectors."""

    id: str
    display_name: str
    dimensions: int
