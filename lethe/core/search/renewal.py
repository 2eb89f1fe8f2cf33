"""Re-analyses, in the background, the words of documents that an older version of Lethe analysed.

Until then, a document is found by its old words. Embeddings are kept.
"""

import asyncio
from collections.abc import Sequence

from lethe.store.database.pool import Database
from lethe.store.search import upkeep, words
from lethe.store.search.words import ChunkText, Outdated
from lethe.store.tree import artifacts
from lethe.text import languages, lexemes

DOCUMENTS_IN_A_ROUND = 20
"""Documents per company in one round, so that every company gets its turn."""
CHUNKS_AT_ONCE = 200
"""Chunks whose words are replaced in one transaction, for which a removal of the document may have to wait."""


async def renew(db: Database, *, company_id: str) -> bool:
    """One round for a company; True if there was something to do. Safe to run concurrently and after a crash."""
    async with db.snapshot(company_id) as tx:
        found = await words.outdated(tx, limit=DOCUMENTS_IN_A_ROUND)
    for document in found:
        await _renew(db, company_id, document)
    if found:
        async with db.transaction(company_id, durable=False) as tx:
            if not await words.any_outdated(tx):
                await upkeep.recount(tx)
    return bool(found)


async def _renew(db: Database, company_id: str, document: Outdated) -> None:
    """Replace the words of a document; stops if it is deleted or replaced meanwhile.

    Invariant: a document is marked as renewed only after all of its chunks are.
    """
    key = {"node_id": document.node_id}
    language = languages.detect(document.sample)
    after = -1
    while True:
        async with db.snapshot(company_id) as tx:
            chunks = await words.chunk_texts(tx, **key, after=after, limit=CHUNKS_AT_ONCE)
        rows = await asyncio.to_thread(_analysed, chunks, language)
        async with db.transaction(company_id, durable=False) as tx:
            if not await artifacts.lock_generation(tx, **key, generation=document.generation):
                return
            if not rows:
                await words.mark_renewed(tx, **key, language=language)
                return
            await words.replace(tx, **key, words=rows)
        after = rows[-1][0]


def _analysed(chunks: Sequence[ChunkText], language: str) -> list[tuple[int, int, str]]:
    try:
        return [
            (chunk.position, *lexemes.analyse(lexemes.searched(chunk.headings, chunk.text), language))
            for chunk in chunks
        ]
    finally:
        lexemes.forget_words()
