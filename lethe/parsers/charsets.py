"""The encodings that pages and e-mails declare, under any name."""

import codecs
import re

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
"""Supersets that browsers use in place of the declared encoding, since pages often declare the smaller one."""
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
_OUTSIDE_ASCII = re.compile("[^\x00-\x7f]")
_SHIFTED = re.compile(rb"\x1b(\([BIJ]|\$[@B])([^\x1b]*)")
"""A stretch of ISO-2022-JP, after the escape that chooses its letters."""
_PAIR = re.compile(rb"[!-~]{2}")
_KANA = bytes(letter | 0x80 if 0x20 < letter < 0x60 else letter for letter in range(256))
_NOT_TEXT = frozenset({"base64", "hex", "bz2", "zlib", "quopri", "uu", "rot13", "idna", "punycode", "mbcs"})
_NOT_TEXT |= {"unicode_escape", "raw_unicode_escape", "undefined", "oem"}


def fitting(data: bytes, encoding: str) -> str | None:
    """`data` decoded; None if more than 1 in 1,000 characters is invalid in this encoding. UTF-8 may have as many
    invalid as valid characters outside ASCII, since no other encoding looks like it."""
    try:
        return data.decode(encoding)
    except UnicodeError:
        pass
    shifts = encoding == "iso2022_jp"
    text = (
        _SHIFTED.sub(_of_microsoft, data).decode("cp932", "replace")
        if shifts
        else data.decode(encoding, "replace")
    )
    if shifts and "\x1b" in text:
        return None
    spoilt = text.count("\ufffd")
    whole = len(_OUTSIDE_ASCII.findall(text)) - spoilt if encoding == "utf-8" else 0
    return text if spoilt * 1000 < len(text) or spoilt <= whole else None


def _of_microsoft(shifted: re.Match[bytes]) -> bytes:
    """The letters after an escape of ISO-2022-JP as Shift JIS, whose Windows form has signs such as ① and ㈱ too."""
    kind, letters = shifted[1], shifted[2]
    if kind == b"(I":
        return letters.translate(_KANA)
    return _PAIR.sub(_pair, letters) if kind[:1] == b"$" else letters


def _pair(pair: re.Match[bytes]) -> bytes:
    row, cell = pair[0]
    high = (row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)
    return bytes((high, cell + (0x1F + (cell >= 0x60) if row % 2 else 0x7E)))


def unread(data: bytes, text: str, encoding: str) -> tuple[str, ...]:
    """A warning that counts the bytes of `data` decoded as U+FFFD in `text`; empty if there are none."""
    count = text.count("\ufffd") - (data.count("\ufffd".encode()) if encoding == "utf-8" else 0)
    if count < 1:
        return ()
    few = "1 byte" if count == 1 else f"{count:,} bytes"
    return (f"{few} of the text could not be read as {encoding}: U+FFFD replaces it.",)


def known_encoding(name: str | None) -> str | None:
    """Python's name for the text encoding that a page or e-mail calls `name`; None if unknown."""
    name = (name or "").strip().strip("\"'").lower()
    try:
        found = codecs.lookup(_OTHER_NAMES.get(name, name)).name
    except (LookupError, ValueError):
        return None
    return None if found in _NOT_TEXT else _WIDER.get(found, found)
