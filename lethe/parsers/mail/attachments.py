"""Files attached to an e-mail. Those of a supported type are read like any other file."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from lethe.domain.errors import InputRejected
from lethe.domain.file_types import MEDIA_TYPES, named_type
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile
from lethe.parsers.markdown.inline import literal
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.source import Reading, Source, in_memory

Parse = Callable[[Path, str | None, Limits], ParsedFile]

_MOST_READ = 100
"""The most attachments that are read; a mailbox may have thousands."""
_SECONDS = 60.0
"""The part of `limits.parse_cpu_seconds` that attachments may use."""
_EXTENSIONS = {media_type: extension for extension, media_type in MEDIA_TYPES.items()}
_EXTENSIONS |= {
    "application/x-pdf": "pdf",
    "text/rtf": "rtf",
    "text/xml": "xml",
    "application/xhtml+xml": "html",
}
_TEXT_OF_ITS_OWN = ("txt", "csv", "tsv", "md")


class Attachments:
    """Reads attachments into `writer`, within the limits on number and time. Those that are not read are listed by name
    at the end, with a warning each."""

    def __init__(self, source: Source, writer: Writer, parse: Parse) -> None:
        self._source, self._writer, self._parse = source, writer, parse
        self._unread: list[str] = []
        self._seen: set[tuple[str, bytes]] = set()
        self._read = 0
        self._deadline = time.process_time() + _SECONDS

    def add(self, name: str, media_type: str, data: bytes, text: str | None) -> None:
        """Reads a file, or lists it. `text` is its content if the e-mail gives its charset."""
        known = len(self._seen)
        self._seen.add((name, hashlib.sha256(data).digest()))
        if len(self._seen) == known:  # invitations come twice
            return
        try:
            extension = named_type(name) or _EXTENSIONS.get(media_type)
        except InputRejected:
            extension = None
        if extension is None or not data.strip():
            self.leave_out(name, f"({media_type}) is not read" if data.strip() else "is empty")
        elif self._read >= _MOST_READ or time.process_time() > self._deadline:
            self.leave_out(name, "is not read: the e-mail's attachments are too many or too large")
        else:
            self._read += 1
            if text is not None and extension in _TEXT_OF_ITS_OWN:
                data = text.encode("utf-8", "replace")
            self._read_file(name if _ends_as_type(name) else f"{name}.{extension}", name, data)

    def leave_out(self, name: str, reason: str) -> None:
        """Lists a file by name, and warns of it."""
        self._unread.append(name)
        self._writer.warn(f"The attachment '{name[:200]}' {reason}.")

    def finish(self) -> None:
        """Writes the names of the files that were not read."""
        if self._unread:
            self._writer.paragraph("**Attachments**:")
            for name in self._unread:
                self._writer.item(literal(name))

    def _read_file(self, file_name: str, name: str, data: bytes) -> None:
        try:
            with in_memory(data) as path:
                parsed = self._parse(path, file_name, self._source.limits)
        except InputRejected as refusal:
            self._unread.append(name)
            self._writer.warn(f"An attachment was not read: {refusal}")
            return
        self._writer.next_place(name)
        self._writer.heading(2, literal(name))
        self._writer.include(
            Reading(parsed.markdown, warnings=tuple(f"{name}: {said}" for said in parsed.warnings))
        )


def _ends_as_type(name: str) -> bool:
    try:
        return named_type(name) is not None
    except InputRejected:
        return False
