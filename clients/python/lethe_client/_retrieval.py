"""The metadata that retrievers return with a chunk."""

from typing import Any

from lethe_client.models import Chunk


def facts(chunk: Chunk) -> dict[str, Any]:
    """The document's metadata, the chunk's headings and place in the file, its score, and the ids to cite it by."""
    known = chunk.document.doc_metadata
    return {
        **chunk.metadata,
        "title": chunk.title,
        "score": chunk.score,
        "headings": chunk.headings,
        "chunk_id": chunk.id,
        "node_id": chunk.node_id,
        "collection": known.get("collection"),
        "artifact": chunk.document.artifact,
    }
