"""Zip containers (docx, pptx, xlsx, epub, odt), read so that none can unpack to more than it may."""

import zipfile
import zlib
from collections.abc import Iterator

from lethe.adapters.parsers.source import Source
from lethe.domain.limits import MIB

MOST_MEMBERS = 10_000
"""Members of one container. A large epub has a few hundred; a directory of 2 million takes 1 GB to list."""
_RATIO_COUNTS_FROM = 16 * MIB
_PIECE = MIB
_ENTRY = b"PK\x01\x02"
_TEXT_SUFFIXES = (".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", "mimetype")
_LOCAL_HEADER = 30
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def open_container(source: Source) -> zipfile.ZipFile:
    """The container's list of members. Raises InputRejected for damage and for too many members, which are
    counted in the bytes before `zipfile` makes an object of each."""
    if source.read().count(_ENTRY) > MOST_MEMBERS:
        raise source.rejected(f"is a zip container of more than {MOST_MEMBERS:,} members")
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
        raise source.rejected("is packed by a method other than deflate: save it again with its own program")
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise source.rejected("is a zip bomb: its members overlap")
        end = entry.header_offset + _LOCAL_HEADER + entry.compress_size
    check_unpacked(source, sum(entry.file_size for entry in entries), "zip")
    _check_encryption_notes(source)


def texts(source: Source, under: str | tuple[str, ...] = "", suffix: str = "") -> Iterator[tuple[str, bytes]]:
    """Name and content of the members that hold text, whose name begins with `under` and ends with `suffix`, one
    at a time, in the container's order.

    Images, fonts and files within the file are not unpacked. What really comes out is counted, as declared
    sizes can lie. Raises InputRejected for damage and past the limits.
    """
    unpacked = 0
    with open_container(source) as archive:
        for entry in archive.infolist():
            name = entry.filename
            if not (name.startswith(under) and name.endswith(suffix)):
                continue
            if not name.lower().endswith(_TEXT_SUFFIXES):
                continue
            content = bytearray()
            try:
                with archive.open(entry) as member:
                    while piece := member.read(_PIECE):
                        content += piece
                        check_unpacked(source, unpacked + len(content), "zip")
            except (
                zipfile.BadZipFile,
                zlib.error,
                EOFError,
                OSError,
                RuntimeError,
                ValueError,
            ) as exc:
                raise source.rejected("is damaged: a part of its zip container cannot be unpacked") from exc
            unpacked += len(content)
            yield name, bytes(content)


def _check_encryption_notes(source: Source) -> None:
    """epub and odt encrypt within a plain zip and tell so in their own notes."""
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
