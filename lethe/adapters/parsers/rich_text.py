"""Rich text (.rtf)."""

from lethe.adapters.parsers.extractor import extract
from lethe.adapters.parsers.source import Reading, Source
from lethe.domain.file_types import MEDIA_TYPES


def read_rtf(source: Source) -> Reading:
    """An rtf file. Raises InputRejected for one that is cut: kreuzberg would read what is left of it."""
    data = source.read()
    if not data.rstrip(b"\0 \t\r\n").endswith(b"}"):
        raise source.rejected("is damaged: the rtf ends before its last brace")
    result = extract(source, data, MEDIA_TYPES["rtf"])
    return Reading(result.content, result.title)
