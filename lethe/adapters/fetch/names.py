"""The name and media type of a fetched file. Both come from outside and are never used as paths."""

import re
import unicodedata
from dataclasses import dataclass
from email.message import Message

from lethe.domain.file_types import MEDIA_TYPES

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
NAME_CHARACTERS = 255
HEADER_CHARACTERS = 2048
"""A longer header is ignored. A server may send 100 kB, and parsing time grows quadratically with the length."""

_NAMED = "csv doc docx eml epub html json md odp ods odt pdf ppt pptx rtf tsv txt xls xlsx xml"
EXTENSIONS = {
    **{MEDIA_TYPES[extension]: extension for extension in _NAMED.split()},
    "application/vnd.ms-outlook": "msg",
    "application/xhtml+xml": "html",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tiff",
    "text/rtf": "rtf",
    "text/xml": "xml",
}
_KNOWN = frozenset(EXTENSIONS.values()) | {"htm", "jpeg", "markdown", "tif", "yaml", "yml", "rst", "log"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched file: its name and media type as the source gives them, and its size in bytes."""

    file_name: str | None
    media_type: str | None
    size: int


def media_type(content_type: str) -> str | None:
    """The media type of a Content-Type header, in lower case and without parameters; None if it is malformed."""
    if len(content_type) > HEADER_CHARACTERS:
        return None
    kind = content_type.partition(";")[0].strip().lower()
    return kind if _MEDIA_TYPE.fullmatch(kind) else None


def file_name(path: str, kind: str | None, disposition: str = "") -> str | None:
    """The name of a file from a Content-Disposition header, or else from the last segment of `path`.

    If Lethe does not know the name's extension but knows the media type `kind`, the type's extension is added:
    "/pdf/2310.06825" sent as application/pdf is "2310.06825.pdf". None when neither gives a name.
    """
    name = _clean(_from_disposition(disposition)) or _clean(path)
    extension = EXTENSIONS.get(kind or "")
    if extension is None or name.rpartition(".")[2].lower() in _KNOWN:
        return name or None
    return f"{(name or 'document')[: NAME_CHARACTERS - 1 - len(extension)]}.{extension}"


def _from_disposition(disposition: str) -> str:
    if len(disposition) > HEADER_CHARACTERS:
        return ""
    header = Message()
    header["Content-Disposition"] = "".join(c for c in disposition if c.isprintable())
    try:
        return header.get_filename() or ""
    except (ValueError, LookupError, TypeError):  # RFC 2231 parts that contradict each other
        return ""


def _clean(name: str) -> str:
    """The last segment, without control characters, separators and surrogates; "" if no name is left."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp")).strip()
    if not kept.strip("."):
        return ""
    stem, dot, extension = kept.rpartition(".")
    if len(kept) > NAME_CHARACTERS and dot and len(extension) <= 16:
        return stem[: NAME_CHARACTERS - 1 - len(extension)] + dot + extension
    return kept[:NAME_CHARACTERS]
