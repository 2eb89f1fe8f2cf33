"""Plain text, markdown, and source code."""

import re

from lethe.domain.file_types import ending
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.source import Reading, Source
from lethe.parsers.text import decode

_ESCAPED = re.compile(r"(?<!\\)(?:\\u[0-9A-Fa-f]{4})+")
"""Letters of a `.properties` file, which was ASCII or Latin-1 for long."""


def read_text(source: Source) -> Reading:
    """A plain text or markdown file as it is, except for its encoding and line ends."""
    text, warnings = decode(source.read())
    return Reading(text, warnings=warnings)


def read_code(source: Source) -> Reading:
    """Source code, settings or a log as a code block, where `# note` is not a heading."""
    text, warnings = decode(source.read())
    if ending(source.name) == "properties":
        text = _ESCAPED.sub(_letters, text)
    return coded(source, text, warnings)


def coded(source: Source, text: str, warnings: tuple[str, ...] = ()) -> Reading:
    """`text` as one block of code."""
    writer = Writer(source)
    for sentence in warnings:
        writer.warn(sentence)
    writer.code(text)
    return writer.reading()


def _letters(escaped: re.Match[str]) -> str:
    return bytes.fromhex(escaped[0].replace("\\u", "")).decode("utf-16-be", "replace")
