"""Documents that can be read before their ingestion has finished."""

from collections.abc import Mapping

from psycopg.types.json import Jsonb

from lethe.domain.json import Json
from lethe.domain.records.documents import Prepared, Source
from lethe.store.database.transactions import Tx


async def insert(
    tx: Tx,
    *,
    node_id: str,
    generation: int,
    source: Source,
    metadata: Mapping[str, Json],
    prepared: Prepared,
    structured: bool,
) -> None:
    """Insert the row of a document whose parts are stored. It is not in the indexes and has no input hash yet.

    The ingestion keeps the original, so that only one row at a time refers to a file.

    Args:
        structured: whether its blocks are final.
    """
    await tx.execute(
        """
        INSERT INTO document (company_id, node_id, generation, metadata, input_hash, hash, file_type, media_type,
                              language, bytes, characters, blocks, chunks, indexed, structured, words_outdated)
        VALUES (%(company_id)s, %(node_id)s, %(generation)s, %(metadata)s, '', %(hash)s, %(file_type)s, %(media_type)s,
                %(language)s, %(bytes)s, %(characters)s, %(blocks)s, 0, false, %(structured)s, false)
        """,
        {
            "node_id": node_id,
            "generation": generation,
            "metadata": Jsonb(dict(metadata)),
            "hash": source.hash,
            "file_type": prepared.file_type,
            "media_type": prepared.media_type,
            "language": prepared.language,
            "bytes": source.bytes,
            "characters": prepared.characters,
            "blocks": prepared.blocks,
            "structured": structured,
        },
    )
