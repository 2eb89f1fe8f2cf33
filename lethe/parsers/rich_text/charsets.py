"""Decodes the bytes of an rtf file: code pages, charsets of fonts, and symbol fonts."""

import codecs

_BY_CHARSET = {
    77: "mac_roman", 78: "shift_jis", 79: "euc_kr", 80: "gb2312", 81: "big5", 83: "mac_greek", 84: "mac_turkish",
    85: "mac_greek", 88: "mac_latin2", 89: "mac_cyrillic", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk",
    136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
SYMBOLS = 2
"""The charset of symbol fonts."""
_BY_PAGE = {
    936: "gbk", 1361: "johab", 10000: "mac_roman", 10001: "shift_jis", 10002: "big5", 10003: "euc_kr",
    10006: "mac_greek", 10007: "mac_cyrillic", 10008: "gb2312", 10029: "mac_latin2", 10081: "mac_turkish",
    54936: "gb18030", 65001: "utf-8",
}  # fmt: skip
_DOUBLE = frozenset(
    {"cp932", "cp949", "cp950", "gbk", "johab", "shift_jis", "euc_kr", "gb2312", "big5", "gb18030"}
)
WESTERN = "cp1252"


def by_charset(charset: int) -> str | None:
    """The encoding of a font's charset; None for the document's encoding."""
    return _BY_CHARSET.get(charset)


def by_page(page: int) -> str | None:
    """The encoding of a code page; None if it is unknown."""
    name = _BY_PAGE.get(page, f"cp{page}")
    try:
        codecs.lookup(name)
    except LookupError:
        return None
    return name


def decode(data: bytes, encoding: str | None, document: str) -> str:
    """`data` in the font's encoding; without one in the document's, or Western if that is double-byte and invalid."""
    if encoding is None:
        try:
            return data.decode(document)
        except UnicodeDecodeError:
            encoding = WESTERN if document in _DOUBLE else document
    return data.decode(encoding, "replace")
