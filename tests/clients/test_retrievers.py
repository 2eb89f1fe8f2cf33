"""The retrievers give LangChain and LlamaIndex what a citation needs."""

import asyncio
from typing import Any

import httpx
import pytest
from lethe_client import AsyncLethe, Lethe

from tests.client import TLS, Client
from tests.server import Server


@pytest.fixture
def stored(client: Client) -> Client:
    """A company with two documents."""
    metadata = {"title": "On rivers", "year": 2026}
    client.ingest("a", "# River\n\nThe river carries.", metadata=metadata)
    client.ingest("b", "# Stone\n\nThe stone keeps.", collection="d")
    return client


def check(metadata: dict[str, Any], score: float | None) -> None:
    """All that a citation needs."""
    assert (metadata["title"], metadata["headings"], metadata["year"]) == ("On rivers", ["River"], 2026)
    assert (metadata["collection"], metadata["artifact"]) == ("c", "a")
    assert metadata["chunk_id"] == f"{metadata['node_id']}-0"
    assert metadata["score"] == score
    assert metadata["score"] > 0


def asynchronously(server: Server, client: Client, use: Any) -> Any:
    """What `use` gives with an asynchronous client."""

    async def main() -> Any:
        async with httpx.AsyncClient(verify=TLS, trust_env=False) as http:
            return await use(AsyncLethe(base_url=server.url, token=client.token, http_client=http))

    return asyncio.run(main())


def test_langchain_gets_documents(lethe: Lethe, stored: Client, server: Server) -> None:
    from lethe_client import langchain  # noqa: PLC0415 each process of a run reads this file, and loading it takes seconds

    retriever = langchain.LetheRetriever(client=lethe, collection="c", mode="full")
    (document,) = retriever.invoke("river")
    assert document.page_content == "# River\n\nThe river carries."
    assert document.id == document.metadata["chunk_id"]
    check(document.metadata, document.metadata["score"])
    assert asyncio.run(retriever.ainvoke("river")) == [document]
    both = asynchronously(
        server,
        stored,
        lambda a: langchain.LetheRetriever(client=lethe, async_client=a, mode="full").ainvoke("river"),
    )
    assert [d.id for d in both] == [document.id]
    assert stored.token not in repr(retriever)


def test_llamaindex_gets_nodes(lethe: Lethe, stored: Client, server: Server) -> None:
    from lethe_client import llamaindex  # noqa: PLC0415

    retriever = llamaindex.LetheRetriever(lethe, collection="c", mode="full")
    (found,) = retriever.retrieve("river")
    assert found.node.get_content() == "# River\n\nThe river carries."
    check(found.node.metadata, found.score)
    assert found.node.ref_doc_id == found.node.metadata["node_id"]
    assert "score" not in found.node.get_metadata_str("llm")
    assert [n.node_id for n in asyncio.run(retriever.aretrieve("river"))] == [found.node_id]
    both = asynchronously(
        server,
        stored,
        lambda a: llamaindex.LetheRetriever(lethe, async_client=a, mode="full").aretrieve("river"),
    )
    assert [n.node_id for n in both] == [found.node_id]
