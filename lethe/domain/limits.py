"""Bounds on input and output. The values come from the settings (docs/settings.md)."""

from dataclasses import dataclass

MIB = 1024 * 1024

METADATA_BYTES = 64 * 1024
"""Size of a document's metadata, or a callback's properties, as JSON."""
METADATA_DEPTH = 16
"""Nesting of the same."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one document, one request and the queue. Sizes are in bytes, times in seconds."""

    file_bytes: int = 100 * MIB
    """Size of one document as it arrives, after base64."""
    text_characters: int = 110 * MIB
    """Text that may come out of one document."""
    unpacked_bytes: int = 512 * MIB
    """What the members of a container (docx, xlsx, epub, odt ...) may unpack to in all."""
    unpacked_ratio: int = 200
    """How many times larger than the file its members may be in all, once they are over 16 MiB."""
    pages: int = 5_000
    """Pages (slides, sheets) of one document."""
    parse_cpu_seconds: int = 120
    """CPU time for the parsing of one document."""
    parse_memory_bytes: int = 1024 * MIB
    """Memory for the parsing of one document, on top of the idle process."""
    fetch_seconds: float = 60.0
    """Time for fetching one address, redirects included."""
    content_documents: int = 1_000
    """Documents in one content answer."""
    content_nodes: int = 500_000
    """Nodes of the tree in one content answer."""
    content_characters: int = 256 * MIB
    """Text in one content answer."""
    content_pieces: int = 100_000
    """Pieces in one chunked-content answer."""
    answer_bytes: int = 256 * MIB
    """Size of one answer with documents' content, as JSON."""
    bodies_bytes: int = 256 * MIB
    """Large request bodies under way at once in an API process; half of it for one company, or one that is alone."""
    chunk_tokens: int = 384
    """Largest chunk that is indexed; also in their own count below the 512 tokens that many embedding models read."""
    piece_tokens: int = 512
    """Default window of chunked-content."""
    queue: int = 10_000
    """Ingestions of all companies that have not ended; over it none is taken, a deletion always is."""
    queue_of_company: int = 5_000
    """The same for one company, so that it leaves room for the others."""
