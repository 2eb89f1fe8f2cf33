"""Companies with documents of one chunk each, put into the database without an ingestion."""

from collections.abc import Sequence
from typing import cast

import numpy as np

from lethe.adapters.embedders import Vectors
from lethe.store.database.pool import Database
from lethe.store.document_contents import ChunkRow, insert_chunks
from lethe.store.installation import record_embedder
from lethe.text.lexemes import analyse

DIMENSION = 8


def vectors(count: int, seed: int) -> Vectors:
    """Random unit vectors."""
    raw = np.random.default_rng(seed).normal(size=(count, DIMENSION))
    return cast("Vectors", (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float16))


async def plant(db: Database, company: str, texts: Sequence[str]) -> None:
    """A company with a collection in which each text is a document of one chunk."""
    root = company[0] * 23 + "0"
    async with db.system() as conn:
        await conn.execute("INSERT INTO company (id, name) VALUES (%s, %s)", (company, company))
        await record_embedder(conn, model="random", dimension=DIMENSION)
    embeddings = vectors(len(texts), 1)
    async with db.transaction(company) as tx, tx.pipeline():
        await tx.execute(
            "INSERT INTO node (company_id, id, path, kind, state, position, title, collection)"
            " VALUES (%s, %s, %s, 'folder', 'live', 0, 'c', 'c')",
            (company, root, f"{root}/"),
        )
        for number, text in enumerate(texts):
            id = f"{company[0]}{number:023x}"
            await tx.execute(
                "INSERT INTO node (company_id, id, parent_id, path, kind, state, position, title, artifact)"
                " VALUES (%s, %s, %s, %s, 'document', 'live', %s, %s, %s)",
                (company, id, root, f"{root}/{id}/", number, text, id),
            )
            await tx.execute(
                "INSERT INTO document (company_id, node_id, generation, metadata, input_hash, hash, file_type,"
                " media_type, language, blob_key, bytes, characters, blocks, chunks, words_outdated)"
                " VALUES (%s, %s, 1, '{}', 'x', 'x', 'md', 'm', 'en', %s, 1, 1, 1, 1, false)",
                (company, id, f"{company}/{number:024x}"),
            )
            length, tsvector = analyse(text, "en")
            row: ChunkRow = (0, 0, len(text), 1, [], text, length, tsvector, 0, (), ())
            await insert_chunks(tx, node_id=id, chunks=[row], vectors=embeddings[number : number + 1])


def texts(count: int) -> list[str]:
    """Texts that all have one word, some a second, few a third."""
    return [
        f"common word{n} {'river ' * (n % 7 == 0) * (1 + n % 3)}{'gold ' * (n % 50 == 0)}{'filler ' * (n % 11)}"
        for n in range(count)
    ]
