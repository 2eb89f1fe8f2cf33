"""Which type a file has, by its name and by its bytes."""

import re

from lethe.adapters.parsers.containers import check_container, open_container, texts
from lethe.adapters.parsers.office.ole import SIGNATURE, ole_kind
from lethe.adapters.parsers.office.package import Package
from lethe.adapters.parsers.source import Source
from lethe.domain.file_types import MEDIA_TYPES, SUPPORTED, FileType, named_type

_ZIPPED = frozenset({"docx", "pptx", "xlsx", "epub", "odt", "ods", "odp", "odg"})
_BINARY = _ZIPPED | {"pdf", "rtf", "doc", "ppt", "xls"}
_TEMPLATES = {"ott": "odt", "ots": "ods", "otp": "odp"}

# The first bytes of what is often uploaded under a wrong name. Two-byte signatures are left out: a text may
# begin with them.
_SIGNATURES = (
    (b"%PDF-", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"\x89PNG\r\n\x1a\n", "a png image"),
    (b"\xff\xd8\xff", "a jpeg image"),
    (b"GIF8", "a gif image"),
    (b"II*\x00", "a tiff image"),
    (b"MM\x00*", "a tiff image"),
    (b"RIFF", "a riff file (webp, wav or avi)"),
    (b"\x1f\x8b\x08", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a rar archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"OggS", "an ogg file"),
    (b"ID3\x03", "an mp3 file"),
    (b"ID3\x04", "an mp3 file"),
)
_MEMBER_OF = {
    "word/document.xml": "docx",
    "ppt/presentation.xml": "pptx",
    "xl/workbook.xml": "xlsx",
    "META-INF/container.xml": "epub",
}
_BODY = re.compile(rb"<(?:[\w.-]+:)?body[^>]*>\s*<(?:[\w.-]+:)?(\w+)")
_BODIES = {b"text": "odt", b"spreadsheet": "ods", b"presentation": "odp", b"drawing": "odg"}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def recognise(source: Source) -> FileType:
    """The file's type, where its name and its content agree. A text without an extension is markdown.

    A zip container is checked on the way, before it is listed. Raises InputRejected for an unknown extension,
    for content of another type (naming both), for an encrypted file, and for a text with NULs.
    """
    named, found = named_type(source.name), _by_content(source)
    if named is None:
        if found in _BINARY:
            return _file_type(found)
        if found not in ("text", "html", "xml"):
            raise source.rejected(f"is {found}, which is not supported; supported are {SUPPORTED}")
        named = "md" if found == "text" else found
    kind = _TEMPLATES.get(named, named)
    if kind in _BINARY or found not in ("text", "html", "xml"):
        if kind != found:
            shown = "plain text" if found == "text" else found
            raise source.rejected(f"is named as {named} but its content is {shown}")
    elif not source.head.startswith(_UTF16) and _holds_nul(source):
        raise source.rejected(f"contains NUL bytes, so it is not the text that {named} should be")
    return _file_type(named)


def _file_type(extension: str) -> FileType:
    return FileType(extension, MEDIA_TYPES[extension])


def _by_content(source: Source) -> str:
    """A supported binary type, "text", "html", "xml", or a phrase for what it is instead."""
    head = source.head
    if head.startswith(SIGNATURE):
        return ole_kind(source)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _by_members(source)
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if b"%PDF-" in head[:1024] and _holds_nul(source):  # some writers put a few bytes before the header
        return "pdf"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    return "xml" if start.startswith(b"<?xml") else "text"


def _by_members(source: Source) -> str:
    check_container(source)
    with Package(source) as package:
        kind = package.kind()
    if kind is not None:
        return kind
    with open_container(source) as archive:
        names = set(archive.namelist())
    for member, extension in _MEMBER_OF.items():
        if member in names:
            return extension
    return _open_document(source) or "a zip archive"


def _open_document(source: Source) -> str | None:
    """The type of an OpenDocument container: by its body, as the member that declares it may be missing or wrong."""
    members = dict(texts(source, under=("content.xml", "mimetype")))
    if body := _BODY.search(members.get("content.xml", b"")):
        return _BODIES.get(body[1])
    declared = members.get("mimetype", b"").strip().decode("ascii", "replace").removesuffix("-template")
    return next((kind for kind in _BODIES.values() if MEDIA_TYPES[kind] == declared), None)


def _holds_nul(source: Source) -> bool:
    with source.path.open("rb") as file:
        while piece := file.read(1 << 20):
            if b"\0" in piece:
                return True
    return False
