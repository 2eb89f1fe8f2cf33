"""Retrieval for third-party chat applications such as Dify, which name what they search by a single id."""

from collections.abc import Sequence

from lethe.core.context import Context
from lethe.core.search.query import ChunkHit, Query, Subtree, search_chunks
from lethe.domain.errors import NotFound
from lethe.domain.records.queries import Condition
from lethe.store.search.scope import collection_or_folder


async def retrieve(
    ctx: Context,
    *,
    company_id: str,
    knowledge_id: str,
    query: str,
    top_k: int,
    least: float,
    metadata: Sequence[Condition],
) -> list[ChunkHit]:
    """The best chunks by meaning and words, highest score first.

    Args:
        knowledge_id: the name of a collection, or else the id of a folder.
        least: the lowest score of a result.
        metadata: search only documents that meet all of these conditions.

    Raises NotFound if the company has no such collection or folder.
    """
    node_id = await collection_or_folder(ctx.db, company_id=company_id, name=knowledge_id)
    if node_id is None:
        raise NotFound("The knowledge does not exist: give the name of a collection or the id of a folder.")
    return await search_chunks(
        ctx,
        company_id=company_id,
        query=Query(words=query, meaning=query),
        within=Subtree(node_id, metadata),
        limit=top_k,
        least=least,
        neighbours=0,
    )
