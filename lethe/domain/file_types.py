"""The types of files that Lethe reads, and which of them a name tells."""

import re
from dataclasses import dataclass

from lethe.domain.errors import InputRejected

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
MEDIA_TYPES = {
    "txt": "text/plain",
    "md": "text/markdown",
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": _OFFICE + "wordprocessingml.document",
    "pptx": _OFFICE + "presentationml.presentation",
    "xlsx": _OFFICE + "spreadsheetml.sheet",
    "doc": "application/msword",
    "ppt": "application/vnd.ms-powerpoint",
    "xls": "application/vnd.ms-excel",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "xml": "application/xml",
    "eml": "message/rfc822",
    "epub": "application/epub+zip",
    "rtf": "application/rtf",
    "odt": _OPEN + "text",
    "ods": _OPEN + "spreadsheet",
    "odp": _OPEN + "presentation",
    "odg": _OPEN + "graphics",
    "ott": _OPEN + "text-template",
    "ots": _OPEN + "spreadsheet-template",
    "otp": _OPEN + "presentation-template",
    "fodt": _OPEN + "text-flat-xml",
    "fods": _OPEN + "spreadsheet-flat-xml",
    "fodp": _OPEN + "presentation-flat-xml",
}
_PLACES = {
    "pdf": "page",
    **dict.fromkeys(("pptx", "ppt", "odp"), "slide"),
    **dict.fromkeys(("xlsx", "xls", "ods"), "sheet"),
}
_OTHER_NAMES = {
    "markdown": "md", "htm": "html", "docm": "docx", "dotx": "docx", "dotm": "docx", "pptm": "pptx", "ppsx": "pptx",
    "ppsm": "pptx", "potx": "pptx", "potm": "pptx", "dot": "doc", "pps": "ppt", "pot": "ppt",
}  # fmt: skip
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,10})$")

SUPPORTED = ", ".join([*MEDIA_TYPES, *_OTHER_NAMES])
"""All extensions, for a sentence."""


@dataclass(frozen=True, slots=True)
class FileType:
    """A type that Lethe reads: its canonical extension ("md", never "markdown") and its media type."""

    extension: str
    media_type: str


def place_kind(file_type: str) -> str:
    """What the places of such a file are: pages, slides, sheets, or parts as of a book or a message."""
    return _PLACES.get(file_type, "part")


def named_type(file_name: str | None) -> str | None:
    """The canonical extension of the type that a file's name tells; None when it tells none.

    Raises InputRejected when the extension is that of no supported type.
    """
    match = _EXTENSION.search(file_name or "")
    if match is None:
        return None
    extension = match[1].lower()
    extension = _OTHER_NAMES.get(extension, extension)
    if extension not in MEDIA_TYPES:
        raise InputRejected(
            f"'{(file_name or '')[:200]}' has the unsupported type '{extension}'; supported are {SUPPORTED}."
        )
    return extension
