"""A retriever for LangChain: `pip install lethe-client[langchain]`."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field

from lethe_client import AsyncLethe, Lethe
from lethe_client._retrieval import facts
from lethe_client.models import Chunk

__all__ = ["LetheRetriever"]


class LetheRetriever(BaseRetriever):  # type: ignore[misc] # mypy skips its package, which is large
    """Retrieves the chunks of a Lethe server that match a query best.

    The metadata of each document: `title`, `score`, `headings`, `chunk_id`, `node_id`, `collection`, `artifact`, the
    place in the file where it has one (`page`, `slide`, `sheet`), and the metadata that was sent with the document.

        retriever = LetheRetriever(client=Lethe(), collection="policies", k=4)
        retriever.invoke("how do I cancel?")
    """

    client: Lethe = Field(default_factory=Lethe)
    async_client: AsyncLethe | None = None
    """For `ainvoke`; without it, `client` is used in a thread."""
    k: int = 4
    mode: Literal["full", "vector", "hybrid"] = "hybrid"
    collection: str | None = None
    artifacts: Sequence[str] | None = None
    metadata_filter: Sequence[Mapping[str, Any]] | None = None
    score_threshold: float | None = None

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 passed by the base class
    ) -> list[Document]:
        return [_document(chunk) for chunk in self.client.search_chunks(query, **self._options())]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        if self.async_client is None:
            found: list[Document] = await super()._aget_relevant_documents(query, run_manager=run_manager)
            return found
        return [_document(chunk) for chunk in await self.async_client.search_chunks(query, **self._options())]

    def _options(self) -> dict[str, Any]:
        return {
            "limit": self.k,
            "mode": self.mode,
            "collection": self.collection,
            "artifacts": self.artifacts,
            "metadata_filter": self.metadata_filter,
            "score_threshold": self.score_threshold,
        }


def _document(chunk: Chunk) -> Document:
    return Document(id=chunk.id, page_content=chunk.text, metadata=facts(chunk))
