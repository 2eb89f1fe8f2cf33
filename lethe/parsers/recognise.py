"""Tells a file's type by its name and by its bytes."""

import re

from lethe.domain.file_types import (
    BINARY_WORKBOOK,
    MEDIA_TYPES,
    NO_OCR,
    ONE_BY_ONE,
    SUPPORTED,
    FileType,
    ending,
    file_type,
    named_type,
    unsupported_type,
)
from lethe.parsers.containers import check_container, open_container, texts
from lethe.parsers.old_office.ole import SIGNATURE, ole_kind
from lethe.parsers.openxml.package import Package
from lethe.parsers.plain.encodings import wide_encoding
from lethe.parsers.source import Source

_ZIPPED = frozenset({"docx", "pptx", "xlsx", "epub", "odt", "ods", "odp", "odg"})
_BINARY = _ZIPPED | {"pdf", "rtf", "doc", "ppt", "xls"}
_TEMPLATES = {"ott": "odt", "ots": "ods", "otp": "odp"}

# What tells, from which byte on, that a file is of a kind that is often uploaded under a wrong name. Two-byte
# signatures are left out: a text may begin with them.
_SIGNATURES = (
    (0, b"%PDF-", "pdf"),
    (0, b"{\\rtf", "rtf"),
    (0, b"\x89PNG\r\n\x1a\n", "a png image"),
    (0, b"\xff\xd8\xff", "a jpeg image"),
    (0, b"GIF8", "a gif image"),
    (0, b"II*\x00", "a tiff image"),
    (0, b"MM\x00*", "a tiff image"),
    (8, b"WEBPVP8", "a webp image"),
    (0, b"RIFF", "a riff file (wav or avi)"),
    (0, b"BZh91AY&SY", "a bzip2 archive"),
    (0, b"\x1f\x8b\x08", "a gzip archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a rar archive"),
    (0, b"\xfd7zXZ\x00", "an xz archive"),
    (0, b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ\x90\x00", "a program"),
    (0, b"SQLite format 3\x00", "an SQLite database"),
    (0, b"OggS", "an ogg file"),
    (0, b"ID3\x03", "an mp3 file"),
    (0, b"ID3\x04", "an mp3 file"),
    (4, b"ftypheic", "a heic image"),
    (4, b"ftypheix", "a heic image"),
    (4, b"ftypmif1", "a heic image"),
    (4, b"ftypavif", "an avif image"),
    (6, bytes(4) + b"\x36\0\0\0\x28\0\0\0", "a bmp image"),
    (257, b"ustar", "a tar archive"),
)
_MEMBER_OF = {
    "word/document.xml": "docx",
    "ppt/presentation.xml": "pptx",
    "xl/workbook.xml": "xlsx",
    "META-INF/container.xml": "epub",
}
_BODY = re.compile(rb"<(?:[\w.-]+:)?body[^>]*>\s*<(?:[\w.-]+:)?(\w+)")
_BODIES = {b"text": "odt", b"spreadsheet": "ods", b"presentation": "odp", b"drawing": "odg"}
_PROLOG = re.compile(
    rb"\s*(?:<\?[^>]*>\s*|<!--(?:[^-]|-(?!->))*-->\s*)*<(?:!doctype\s+)?html[\s>]", re.IGNORECASE
)
_CONTROLS = bytes([*range(8), *range(14, 27), *range(28, 32)])


def recognise(source: Source) -> FileType:
    """The file's type, on which name and content must agree. Text whose name has no known extension is markdown.

    Zip containers are checked before they are listed. Raises InputRejected for unsupported content (images, archives,
    other binary files), for content that contradicts the name (naming both), for encrypted files, and for text with
    NULs.
    """
    named, found = named_type(source.name), _by_content(source)
    if named is None:
        return file_type(_unnamed(source, found))
    kind = _TEMPLATES.get(named, named)
    if kind in _BINARY or found not in ("text", "html", "xml"):
        if kind != found:
            shown = "plain text" if found == "text" else found
            raise source.rejected(f"is named as {named} but its content is {shown}")
    elif _holds_nul(source) and not wide_encoding(source.head):
        raise source.rejected(f"contains NUL bytes, so it is not the text that {named} should be")
    if named == "xml" and found == "html":
        return file_type("html")
    return file_type(named)


def _unnamed(source: Source, found: str) -> str:
    """The type of a file whose name does not tell it, by what was `found` in it."""
    if found in MEDIA_TYPES:
        return found
    extension = ending(source.name)
    if found != "text":
        if "image" in found:
            raise source.rejected(f"is {found}: {NO_OCR}")
        if "archive" in found:
            raise source.rejected(f"is {found}: {ONE_BY_ONE}; supported are {SUPPORTED}")
        raise source.rejected(f"is {found}, which is not supported; supported are {SUPPORTED}")
    controls = len(source.head) - len(source.head.translate(None, _CONTROLS))
    if not wide_encoding(source.head) and (10 * controls > len(source.head) or _holds_nul(source)):
        if extension:
            raise source.rejected(f"has the {unsupported_type(extension)}")
        raise source.rejected("contains NUL bytes or other control characters, so it is not text")
    return "md"


def _by_content(source: Source) -> str:
    """A supported type that the first bytes reveal, "text", or a phrase that says what the file is instead."""
    head = source.head
    if head.startswith(SIGNATURE):
        return ole_kind(source)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _by_members(source)
    for offset, signature, kind in _SIGNATURES:
        if head.startswith(signature, offset):
            return kind
    if b"%PDF-" in head[:1024] and _holds_nul(source):  # some writers put a few bytes before the header
        return "pdf"
    wide = wide_encoding(head)
    start = head[:4096].decode(wide, "ignore").encode() if wide else head
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:4096]
    if _PROLOG.match(start):
        return "html"
    return "xml" if start.startswith(b"<?xml") else "text"


def _by_members(source: Source) -> str:
    check_container(source)
    with Package(source) as package:
        kind = package.kind()
    if kind == "xlsb":
        raise source.rejected(BINARY_WORKBOOK)
    if kind is not None:
        return kind
    with open_container(source) as archive:
        names = set(archive.namelist())
    for member, extension in _MEMBER_OF.items():
        if member in names:
            return extension
    return _open_document(source) or "a zip archive"


def _open_document(source: Source) -> str | None:
    """The type of an OpenDocument container, by its body: the member that declares it may be missing or wrong."""
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
