"""The text of a page out of its bytes: by what the page declares where a page declares it, else by evidence."""

import codecs
import re

from lethe.adapters.parsers.source import Source
from lethe.adapters.parsers.text import decode

_DECLARED_WITHIN = 16 * 1024
"""Bytes at the start in which a declaration counts. Browsers stop at 1,024, and pages put long comments first."""
_IGNORED = re.compile(rb"<!--.*?(?:-->|\Z)|<(script|style|title)\b.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL)
_META = re.compile(rb"<meta\b[^>]{0,2000}", re.IGNORECASE)
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_XML = re.compile(rb"""<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]{1,40})""")
_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
_WIDER = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso8859-8": "cp1255",
}
"""What browsers read instead, since it holds more and pages declare the smaller one for it."""
_OTHER_NAMES = {
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "macintosh": "mac_roman",
    "unicode-1-1-utf-8": "utf-8",
    "unicode": "utf-16",
    "utf8mb4": "utf-8",
    "x-user-defined": "cp1252",
    "iso-8859-8-i": "cp1255",
    "iso-8859-8-e": "cp1255",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-6-e": "iso8859-6",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "ks_c_5601": "cp949",
    "x-windows-949": "cp949",
    "windows-31j": "cp932",
    "cp-850": "cp850",
    "x-euc-jp": "euc_jp",
    "x-euc-kr": "cp949",
    "x-big5": "big5hkscs",
    "x-gb2312": "gb18030",
    "chinesebig5": "big5hkscs",
    "dos-874": "cp874",
    "windows-874": "cp874",
    "x-windows-874": "cp874",
    "ansi": "cp1252",
    "x-ansi": "cp1252",
}
"""Names that pages and mails use and Python does not know."""
_NOT_TEXT = frozenset({"base64", "hex", "bz2", "zlib", "quopri", "uu", "rot13", "idna", "punycode", "mbcs"})
_NOT_TEXT |= {"unicode_escape", "raw_unicode_escape", "undefined", "oem"}


def page_text(source: Source, data: bytes) -> tuple[str, tuple[str, ...]]:
    """The page's text and warnings. A declared encoding that does not fit the bytes is not believed."""
    if data.startswith(_MARKS):
        return decode(source, data)
    if (wide := _utf16_without_mark(data)) is not None:
        return decode(source, wide)
    encoding = known_encoding(_declared(data))
    if encoding and not encoding.startswith(
        ("utf-16", "utf-32")
    ):  # a page that could be read so far is neither
        text = fitting(data, encoding)
        if text is not None:
            return decode(source, text.encode("utf-8", "replace"))
    return decode(source, data)


def fitting(data: bytes, encoding: str) -> str | None:
    """`data` in this encoding, where not more than a few bytes fall out of it; None where it is another one."""
    try:
        return data.decode(encoding)
    except UnicodeError:
        pass
    text = data.decode(encoding, "replace")
    return text if text.count("\ufffd") * 1000 < len(text) else None


def known_encoding(name: str | None) -> str | None:
    """Python's name of the text encoding that a page or a mail calls `name`; None when there is none."""
    name = (name or "").strip().strip("\"'").lower()
    try:
        found = codecs.lookup(_OTHER_NAMES.get(name, name)).name
    except (LookupError, ValueError):
        return None
    return None if found in _NOT_TEXT else _WIDER.get(found, found)


def _declared(data: bytes) -> str | None:
    """What the XML declaration or the first `<meta>` with a charset says; nothing else on a page declares it."""
    head = data[:_DECLARED_WITHIN]
    if (xml := _XML.match(head.lstrip())) is not None:
        return xml[1].decode()
    for meta in _META.finditer(_IGNORED.sub(b" ", head)):
        if (charset := _CHARSET.search(meta[0])) is not None:
            return charset[1].decode()
    return None


def _utf16_without_mark(data: bytes) -> bytes | None:
    """UTF-8 of a page whose every second byte at the start is NUL."""
    head = data[:200]
    for encoding, nuls in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if len(nuls) > 3 and nuls.count(0) > 0.8 * len(nuls):
            return data.decode(encoding, "replace").encode("utf-8", "replace")
    return None
