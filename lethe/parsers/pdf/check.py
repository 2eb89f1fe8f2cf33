"""Checks that a PDF is complete, unencrypted and within the limits."""

import re

import pypdfium2

from lethe.parsers.pdf.streams import check_streams
from lethe.parsers.source import Source

_END_WINDOW = 1024
"""How many bytes at the end of the file are searched for the end mark."""
_START = re.compile(rb"startxref\s+(\d{1,12})")
_TABLE = re.compile(rb"\s*(?:xref|\d+\s+\d+\s+obj)")


def check_pdf(source: Source) -> None:
    """Raises InputRejected for a PDF that is damaged, cut off or encrypted, or has no or too many pages, or streams
    that unpack to more than `limits` allow."""
    data = source.read()
    if not _is_whole(data):
        raise source.rejected("is damaged: the PDF ends before its end mark")
    check_streams(source, data)
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as exc:
        if "password" in str(exc).lower():
            raise source.rejected("is encrypted: save it without a password and send it again") from exc
        raise source.rejected("is damaged: it cannot be read as PDF") from exc
    with document:
        pages = len(document)
    if pages == 0:
        raise source.rejected("is damaged: the PDF has no pages")
    if pages > source.limits.pages:
        raise source.rejected(
            f"has {pages:,} pages, which is over the limit of {source.limits.pages:,}: split it"
        )


def _is_whole(data: bytes) -> bool:
    """Whether the file has an end mark, or at least a pointer to its object table after the last object."""
    if b"%%EOF" in data.rstrip(b"\0 \t\r\n")[-_END_WINDOW:]:
        return True
    last = data.rfind(b"startxref")
    found = _START.match(data, last) if last >= 0 else None
    if found is None or b"endobj" in data[last:]:
        return False
    return 0 < int(found[1]) < last and _TABLE.match(data, int(found[1])) is not None
