"""Decodes a page by its declared encoding, else by the best guess."""

import re

from lethe.parsers.charsets import fitting, known_encoding, unread
from lethe.parsers.plain.encodings import marked_encoding, wide_encoding
from lethe.parsers.text import decode

_DECLARED_WITHIN = 16 * 1024
"""How many bytes at the start are searched for a declaration. Browsers stop at 1,024, but some pages begin with long
comments."""
_IGNORED = re.compile(rb"<!--.*?(?:-->|\Z)|<(script|style|title)\b.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL)
_META = re.compile(rb"<meta\b[^>]{0,2000}", re.IGNORECASE)
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_XML = re.compile(rb"""<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]{1,40})""")


def page_text(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The page's text and warnings. A declared encoding that does not fit the bytes is ignored."""
    encoding = known_encoding(_declared(data))
    if encoding and not encoding.startswith(("utf-16", "utf-32")) and not wide_encoding(data[:4096]):
        text = None if marked_encoding(data[:4]) else fitting(data, encoding)
        if text is not None:
            readable, _ = decode(text.encode("utf-8", "replace"))
            return readable, unread(data, text, encoding)
    return decode(data)


def _declared(data: bytes) -> str | None:
    """The encoding in the XML declaration or in the first `<meta>` with a charset. Nothing else counts."""
    head = data[:_DECLARED_WITHIN]
    if (xml := _XML.match(head.lstrip())) is not None:
        return xml[1].decode()
    for meta in _META.finditer(_IGNORED.sub(b" ", head)):
        if (charset := _CHARSET.search(meta[0])) is not None:
            return charset[1].decode()
    return None
