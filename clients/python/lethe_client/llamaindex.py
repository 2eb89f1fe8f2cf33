"""A retriever for LlamaIndex: `pip install lethe-client[llamaindex]`."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode

from lethe_client import AsyncLethe, Lethe
from lethe_client._retrieval import facts
from lethe_client.models import Chunk

__all__ = ["LetheRetriever"]

_SHOWN = {"title", "headings", "page", "slide", "sheet", "part"}


class LetheRetriever(BaseRetriever):  # type: ignore[misc] # mypy skips its package, which is large
    """Retrieves the chunks of a Lethe server that match a query best.

    Nodes have the same metadata as in `lethe_client.langchain.LetheRetriever`. Language models and embedders see only
    the title, the headings and the place. The source of a node is the document's node in Lethe.

        retriever = LetheRetriever(Lethe(), collection="policies", similarity_top_k=4)
        retriever.retrieve("how do I cancel?")

    Args:
        client: by default one configured by LETHE_URL and LETHE_TOKEN.
        async_client: for `aretrieve`; without it, `client` is used in a thread.
    """

    def __init__(
        self,
        client: Lethe | None = None,
        *,
        async_client: AsyncLethe | None = None,
        similarity_top_k: int = 4,
        mode: Literal["full", "vector", "hybrid"] = "hybrid",
        collection: str | None = None,
        artifacts: Sequence[str] | None = None,
        metadata_filter: Sequence[Mapping[str, Any]] | None = None,
        score_threshold: float | None = None,
    ) -> None:
        self._client = client or Lethe()
        self._async_client = async_client
        self._options: dict[str, Any] = {
            "limit": similarity_top_k,
            "mode": mode,
            "collection": collection,
            "artifacts": artifacts,
            "metadata_filter": metadata_filter,
            "score_threshold": score_threshold,
        }
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [_node(chunk) for chunk in self._client.search_chunks(query_bundle.query_str, **self._options)]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        if self._async_client is None:
            return await asyncio.to_thread(self._retrieve, query_bundle)
        found = await self._async_client.search_chunks(query_bundle.query_str, **self._options)
        return [_node(chunk) for chunk in found]


def _node(chunk: Chunk) -> NodeWithScore:
    metadata = facts(chunk)
    hidden = [key for key in metadata if key not in _SHOWN]
    node = TextNode(
        id_=chunk.id,
        text=chunk.text,
        metadata=metadata,
        excluded_llm_metadata_keys=hidden,
        excluded_embed_metadata_keys=hidden,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=chunk.node_id)},
    )
    return NodeWithScore(node=node, score=chunk.score)
