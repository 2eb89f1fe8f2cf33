"""Bounds on input and output. The values come from the settings (docs/settings.md)."""

from dataclasses import dataclass

MIB = 1024 * 1024

METADATA_BYTES = 64 * 1024
"""Maximum size of a document's metadata, or a callback's properties, as JSON."""
METADATA_DEPTH = 16
"""Maximum nesting of metadata and properties."""
EMBEDDED_TEXTS = 1_000
"""Maximum number of texts in one request for embeddings; some clients send this many by default."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one document, one request and the queue. Sizes are in bytes, times in seconds."""

    file_bytes: int = 100 * MIB
    """Size of one document as it arrives, after base64."""
    text_characters: int = 110 * MIB
    """Characters of text extracted from one document."""
    unpacked_bytes: int = 512 * MIB
    """Total unpacked size of a container's members (docx, xlsx, epub, odt ...)."""
    unpacked_ratio: int = 200
    """How many times the file's size its unpacked members may have in total, once they exceed 16 MiB."""
    pages: int = 5_000
    """Pages (slides, sheets) of one document."""
    parse_cpu_seconds: int = 120
    """CPU time for parsing one document."""
    parse_memory_bytes: int = 1024 * MIB
    """Memory for parsing one document, on top of the idle process."""
    fetch_seconds: float = 60.0
    """Time for fetching one address, redirects included."""
    content_documents: int = 1_000
    """Documents in one content answer."""
    content_nodes: int = 500_000
    """Nodes of the tree in one content answer."""
    content_characters: int = 256 * MIB
    """Characters of text in one content answer."""
    content_pieces: int = 100_000
    """Pieces in one chunked-content answer."""
    answer_bytes: int = 256 * MIB
    """Size of one content answer as JSON."""
    bodies_bytes: int = 256 * MIB
    """Total of large request bodies per API process. One company may take half; a single body always fits if alone."""
    chunk_tokens: int = 384
    """Maximum size of an indexed chunk; stays below the 512 tokens that many embedding models read, by their count."""
    piece_tokens: int = 512
    """Default size of a piece in chunked-content."""
    queue: int = 10_000
    """Unfinished ingestions of all companies. Beyond it, new ones are refused; deletions never are."""
    queue_of_company: int = 5_000
    """Unfinished ingestions of one company, so that each company leaves room for others."""
