"""Searches."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import httpx

from lethe_client._calling import calls
from lethe_client._calling.calls import Call, optional
from lethe_client._calling.groups import Group, M, operation
from lethe_client.models import Chunk, Passages, SearchResults
from lethe_client.resources.artifacts import DEFAULT_COLLECTION

_KINDS = {
    "full": ("keywords_search", "keywords"),
    "vector": ("semantic_search", "text"),
    "hybrid": ("hybrid_search", "text"),
}
"""The search of each mode, and its field for the query."""


class Search(Group[M]):
    """Searches."""

    @operation
    def search(
        self,
        query: str,
        *,
        mode: Literal["full", "vector", "hybrid"] = "hybrid",
        top_k: int = 5,
        node_ids: Sequence[str] | None = None,
        assistant_id: str | None = None,
        metadata: Sequence[Mapping[str, Any]] | None = None,
        text: bool = False,
        explain: bool = False,
    ) -> Call[SearchResults]:
        """The documents that match best, each by its best chunk.

        Args:
            mode: by words (`full`), by meaning (`vector`), or by both (`hybrid`).
            top_k: how many at most, up to 25.
            node_ids: only these documents and what is below these folders.
            text, explain: also return each chunk's whole text, and what adds up to its score.
            metadata: conditions that must all hold, such as `{"key": "year", "operator": ">=", "value": 2025}`.
        """
        body = {
            "query": query,
            "mode": mode,
            "top_k": top_k,
            "node_ids": optional(node_ids),
            "assistant_id": optional(assistant_id),
            "metadata": optional(metadata),
            "include": optional(["text"] if text else None),
            "explain": optional(explain or None),
        }
        return calls.ask("/v1/knowledge/search", SearchResults.of, body)

    @operation
    def search_chunks(
        self,
        query: str,
        *,
        mode: Literal["full", "vector", "hybrid"] = "hybrid",
        limit: int = 10,
        collection: str | None = None,
        artifacts: Sequence[str] | None = None,
        metadata_filter: Sequence[Mapping[str, Any]] | None = None,
        score_threshold: float | None = None,
        expand: int = 0,
    ) -> Call[list[Chunk]]:
        """The chunks that match best, with their texts, possibly several of one document.

        Args:
            limit: how many at most, up to 100.
            score_threshold: the lowest score; scores do not depend on the other results.
            expand: how many chunks before and after each to return with it.
        """
        kind, field = _KINDS[mode]
        body = {
            "type": kind,
            field: query,
            "limit": limit,
            "expand": expand,
            "score_threshold": score_threshold,
            "context_filter": {
                "collection": collection,
                "artifacts": artifacts,
                "metadata_filter": metadata_filter,
            },
        }
        return calls.ask("/v1/primitives/search", _chunks, body)

    @operation
    def semantic_search(
        self,
        query: str,
        *,
        collection: str = DEFAULT_COLLECTION,
        artifacts: Sequence[str] | None = None,
        metadata_filter: Sequence[Mapping[str, Any]] | None = None,
        citations: bool = False,
    ) -> Call[Passages]:
        """The ten passages nearest in meaning, as an assistant's tool returns them.

        With `citations`, each has an identifier to cite it by, in `metadata.shorter_id`.
        """
        body = {
            "query": query,
            "context_filter": {
                "collection": collection,
                "artifacts": artifacts,
                "metadata_filter": metadata_filter,
            },
            "format": "citations" if citations else "default",
        }
        return calls.ask("/v1/tools/semantic-search", Passages.of, body)


def _chunks(response: httpx.Response) -> list[Chunk]:
    return [Chunk.from_dict(chunk) for chunk in response.json()["data"]]
