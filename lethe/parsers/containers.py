"""Zip containers (docx, pptx, xlsx, epub, odt), read so that none can exceed the limit on unpacked size."""

import unicodedata
import zipfile
import zlib
from collections.abc import Iterator

from lethe.domain.limits import MIB
from lethe.parsers.source import Source

MOST_MEMBERS = 10_000
"""The most members of one container. A large epub has a few hundred; listing 2 million would take 1 GB."""
_RATIO_COUNTS_FROM = 16 * MIB
_PIECE = MIB
_ENTRY = b"PK\x01\x02"
_TEXT_SUFFIXES = (".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", "mimetype")
_LOCAL_HEADER = 30
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def open_container(source: Source) -> zipfile.ZipFile:
    """Opens the container. Raises InputRejected if it is damaged or has too many members, which are counted before
    `zipfile` makes an object of each."""
    if source.read().count(_ENTRY) > MOST_MEMBERS:
        raise source.rejected(f"is a zip container with more than {MOST_MEMBERS:,} members: split it")
    try:
        return zipfile.ZipFile(source.path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as exc:
        raise source.rejected("is damaged: its zip container cannot be read to the end") from exc


def check_container(source: Source) -> None:
    """Raises InputRejected for a container that is damaged, encrypted, has too many or overlapping members,
    or declares that it unpacks to more than `limits` allow."""
    with open_container(source) as archive:
        entries = archive.infolist()
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise source.rejected("is encrypted: save it without a password and send it again")
    if any(entry.compress_type not in _METHODS for entry in entries):
        raise source.rejected(
            "is compressed by a method other than deflate: save it again in the program that made it"
        )
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise source.rejected("is a zip bomb: its members overlap")
        end = entry.header_offset + _LOCAL_HEADER + entry.compress_size
    check_unpacked(source, sum(entry.file_size for entry in entries), "zip")
    _check_encryption_notes(source)


def texts(source: Source, under: str | tuple[str, ...] = "", suffix: str = "") -> Iterator[tuple[str, bytes]]:
    """Name and content of each text member whose name begins with `under` and ends with `suffix`, in the container's
    order.

    Images, fonts and embedded files are not unpacked. The actual bytes are counted, as declared sizes can be false.
    Raises InputRejected for damage or too much content.
    """
    unpacked = 0
    with open_container(source) as archive:
        for entry in archive.infolist():
            name = entry.filename
            if not (name.startswith(under) and name.endswith(suffix)):
                continue
            if not name.lower().endswith(_TEXT_SUFFIXES):
                continue
            content = _unpack(source, archive, entry, unpacked)
            unpacked += len(content)
            yield name, content


class Members:
    """The members of a checked container by name. They are unpacked on demand, and their total size is counted."""

    def __init__(self, source: Source, archive: zipfile.ZipFile) -> None:
        self._source, self._archive = source, archive
        self._unpacked = 0
        self._entries = {entry.filename: entry for entry in archive.infolist() if not entry.is_dir()}
        self._loose = {_loose(name): name for name in self._entries}

    def find(self, *names: str) -> str | None:
        """The first of the names that exists in the container; else a member whose name differs only in case, in the
        encoding of accents or in the direction of slashes."""
        for name in names:
            if name in self._entries:
                return name
        return next((self._loose[_loose(name)] for name in names if _loose(name) in self._loose), None)

    def ending(self, suffix: str) -> str | None:
        """The first member whose name ends with `suffix`."""
        return next((name for name in self._entries if name.lower().endswith(suffix)), None)

    def read(self, name: str) -> bytes:
        """A member's content. Raises InputRejected if it is damaged or exceeds the limits."""
        content = _unpack(self._source, self._archive, self._entries[name], self._unpacked)
        self._unpacked += len(content)
        return content


def _loose(name: str) -> str:
    return unicodedata.normalize("NFC", name.replace("\\", "/")).casefold()


def _unpack(source: Source, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, before: int) -> bytes:
    """A member's content; `before` bytes of others were unpacked already."""
    content = bytearray()
    try:
        with archive.open(entry) as member:
            while piece := member.read(_PIECE):
                content += piece
                check_unpacked(source, before + len(content), "zip")
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
    ) as exc:
        raise source.rejected("is damaged: a part of its zip container cannot be unpacked") from exc
    return bytes(content)


def _check_encryption_notes(source: Source) -> None:
    """Raises InputRejected if the text is encrypted: epub and odt encrypt members of a plain zip, and list them in
    META-INF."""
    notes = dict(texts(source, under="META-INF/"))
    text_is_locked = b"encryption-data" in notes.get("META-INF/manifest.xml", b"") or any(
        suffix in notes.get("META-INF/encryption.xml", b"") for suffix in (b".xhtml", b".html", b".htm")
    )
    if text_is_locked:
        raise source.rejected("is encrypted: save it without a password or rights management")


def check_unpacked(source: Source, unpacked: int, kind: str) -> None:
    """Raises InputRejected if the file unpacks to more bytes than `limits` allow for its size; `kind` is "zip"
    or "PDF"."""
    limits = source.limits
    if unpacked > limits.unpacked_bytes:
        raise source.rejected(f"is a {kind} bomb: it unpacks to more than {limits.unpacked_bytes:,} bytes")
    packed = source.path.stat().st_size
    if unpacked > _RATIO_COUNTS_FROM and unpacked > packed * limits.unpacked_ratio:
        raise source.rejected(
            f"is a {kind} bomb: it unpacks to more than {limits.unpacked_ratio} times its size"
        )
