"""Guesses the encoding of bytes.

chardet ranks encodings by how likely the letters are to follow each other in some language. With few letters outside
ASCII the ranks are close together, so text that nobody would write is marked down: words in two scripts, signs between
letters, capitals within a word. docs/dependencies.md has the figures.
"""

import codecs
import re
import unicodedata

import chardet

_SAMPLE = 32_000
_ONE_BYTE = """cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874 koi8-r koi8-u iso8859-1 iso8859-2
    iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-13 iso8859-14 iso8859-15
    iso8859-16 mac-roman mac-cyrillic mac-greek mac-latin2 cp437 cp737 cp775 cp850 cp852 cp855 cp857 cp862 cp865
    cp866 cp1125"""
_OF_MORE_BYTES = ["gb18030", "big5hkscs", "cp932", "euc_jis_2004", "cp949"]
_USUAL = {
    "cp1252": 15,
    "iso8859-1": 10,
    "iso8859-15": 8,
    "cp1251": 8,
    "cp1257": 4,
    "koi8-r": 4,
    "mac-roman": 4,
}
_USUAL |= {"cp850": 4, "cp866": 4, "cp437": 3, "iso8859-2": 3, "cp852": 2}
_USUAL |= dict.fromkeys(["cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "cp874", *_OF_MORE_BYTES], 6)
"""A bonus for common encodings, in thousandths of chardet's confidence, which decides near ties."""
_ESCAPES = re.compile(rb"\x1b(?:\$[@B]|\([BJI]|\$\))")
_ISO_2022 = ("iso2022_jp", "iso2022_jp_ext", "iso2022_kr")

_LATIN = "A-Za-zªºÀ-ÖØ-öø-\u024f\u1e00-\u1eff"
_SCRIPTS = [
    _LATIN,
    "\u0370-\u03ff",
    "\u0400-\u052f",
    "\u0590-\u05ff",
    "\u0600-\u06ff\ufb50-\ufeff",
    "\u0e00-\u0e7f",
]
_OTHERS = "".join(_SCRIPTS[1:])
_TWO_SCRIPTS = re.compile(
    "|".join(f"[{one}](?=[{''.join(other for other in _SCRIPTS if other != one)}])" for one in _SCRIPTS)
)
_LETTERS = "A-Za-zÀ-ÖØ-öø-\u024f\u0370-\u06ff"
_SIGN_IN_WORD = re.compile(
    rf"[{_LETTERS}][¡-©«-³µ¶¸¹»-¿\u02c6-\u02dd\u2200-\u25ff\u20a0-\u20bf×÷†‡‰‚„“”…•‹›™‘](?=[{_LETTERS}])"
    "|[\x80-\x9f\ue000-\uf8ff]|[A-Za-z][\u3400-\ud7af](?=[A-Za-z])|[A-Za-z][\uff61-\uff9f]"
)
_ODD = re.compile(rf"[\u2200-\u25ff¤¦¨¯¸]|[A-Za-z]–[a-z]|(?<![0-9A-Za-z])[‚„†‡‰‹](?![{_LETTERS}0-9])")
_CAPITAL_IN_WORD = re.compile(r"[a-z\u00df-\u00ff](?=[\u00c0-\u00de])|[\u00df-\u00ff](?=[A-Z])")
_OTHER_LETTER, _LATIN_LETTER = re.compile(f"[{_OTHERS}]"), re.compile(f"[{_LATIN}]")
_OTHER_WORD = re.compile(f"[{_OTHERS}]{{3}}")
_HIGH = re.compile(rb"[\x80-\xff]")
_OUTSIDE_ASCII = re.compile("[^\x00-\x7f]")
_KANA = re.compile("[\u3041-\u30fe]")
_TYPOGRAPHY = re.compile(r"[\s!-~£©«®°»½±§·¿¡–—‘’“”•…€™\xa0]*")
_ICELANDIC = re.compile("[ðþÝÞ]")
_UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufffe\uffff]")
_PRINTABLE_ASCII, _MOSTLY = re.compile(rb"[\n\r -~]"), 0.9
_BYTES_OF_A_LINE = 400
"""UTF-16 text has a space or a line end, and so a NUL, at least once in this many bytes."""
_MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]


def marked_encoding(head: bytes) -> str | None:
    """The encoding given by a byte order mark at the start; None without one."""
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)


def wide_encoding(head: bytes) -> str | None:
    """UTF-16 or UTF-32, with or without a byte order mark; None if the NULs do not fit either."""
    marked = marked_encoding(head)
    if marked:
        return None if marked == "utf-8-sig" else marked
    if b"\0" not in head or len(head) % 2:
        return None
    whole, head = head[:4096], head[: min(len(head) // 4 * 4 or 2, 4096)]
    for encoding, unit in (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2)):
        high = unit - 1 if encoding.endswith("le") else 0
        if any(head[1 if high == 0 else 0 :: 2]) and not any(head[high::unit]):
            try:
                text = codecs.getincrementaldecoder(encoding)().decode(head)
            except UnicodeDecodeError:
                continue
            if text and not _UNPRINTABLE.search(text):
                return encoding
    return _wide_of_other_letters(whole)


def _wide_of_other_letters(head: bytes) -> str | None:
    """UTF-16 in which few characters have a NUL. Whether NULs are at even or at odd places gives the byte order."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if len(head) < 8 or (even + odd) * _BYTES_OF_A_LINE < len(head) or _is_text_with_nuls(head):
        return None
    for encoding in ("utf-16-le", "utf-16-be") if odd >= even else ("utf-16-be", "utf-16-le"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        kinds = [unicodedata.category(character) for character in text]
        usual = sum(kind[0] in "LM" or sign.isascii() for kind, sign in zip(kinds, text, strict=True))
        known = not {"Cn", "Co", "Cs"}.intersection(kinds)
        if known and 4 * usual > 3 * len(text) and not _UNPRINTABLE.search(text):
            return encoding
    return None


def _is_text_with_nuls(head: bytes) -> bool:
    """Whether the bytes are ASCII or UTF-8 with stray NULs: two letters of ASCII make a Chinese one in UTF-16."""
    rest = head.replace(b"\0", b"")
    if len(_PRINTABLE_ASCII.findall(rest)) > _MOSTLY * len(rest):
        return True
    try:
        return not _UNPRINTABLE.search(codecs.getincrementaldecoder("utf-8")().decode(rest))
    except UnicodeDecodeError:
        return False


def is_utf8(data: bytes) -> bool:
    """Whether most bytes outside ASCII are UTF-8; a few may be damaged."""
    try:
        data.decode()
    except UnicodeDecodeError as exc:
        sample = data[max(0, exc.start - 2 * _SAMPLE) : exc.start + 2 * _SAMPLE]
    else:
        return True
    whole = _UTF8_CHARACTER.findall(sample)
    return len(whole) >= 2 * (len(_HIGH.findall(sample)) - sum(map(len, whole)))


def encoding_of(data: bytes) -> str:
    """The Python codec for `data` without a byte order mark: "utf-8", or the one that fits best."""
    if _ESCAPES.search(data):
        for encoding in _ISO_2022:
            if _decoded(data, encoding) is not None:
                return encoding
    return "utf-8" if is_utf8(data) else old_encoding(data)


def old_encoding(data: bytes) -> str:
    """The most likely encoding of bytes that are not UTF-8; "cp1252" if none is likely."""
    first = _HIGH.search(data)
    start = max(0, first.start() - 1000) if first else 0
    sample = data[start : start + _SAMPLE]
    western = _decoded(sample, "cp1252")
    if western and _TYPOGRAPHY.fullmatch(western) and not _SIGN_IN_WORD.search(western):
        return "cp1252" if not _ODD.search(western) else _ranked(sample)
    for encoding in ("cp932", "euc_jp"):
        text = _decoded(sample, encoding)
        if text and len(_KANA.findall(text)) > 0.2 * len(_OUTSIDE_ASCII.findall(text)):
            return encoding
    return _ranked(sample)


def _ranked(sample: bytes) -> str:
    best, most = "cp1252", 0.0
    candidates = chardet.detect_all(
        sample,
        ignore_threshold=True,
        compat_names=False,
        include_encodings=[*_ONE_BYTE.split(), *_OF_MORE_BYTES],
    )
    for candidate in candidates:
        encoding = candidate["encoding"] or best
        text = _decoded(sample, encoding)
        if text is None:
            continue
        rank = (candidate["confidence"] + _USUAL.get(encoding, 0) / 1000) * _plausible(text)
        if encoding in ("cp1252", "iso8859-1", "iso8859-15") and _ICELANDIC.search(text):
            rank *= 0.8  # the same bytes are Turkish letters, which are far more common
        if rank > most:
            best, most = encoding, rank
    return best


def _plausible(text: str) -> float:
    """How plausible the text is, from 0 (nobody would write it) to 1; each odd character outside ASCII lowers it."""
    if _TWO_SCRIPTS.search(text):
        return 0
    if _OTHER_LETTER.search(text) and _LATIN_LETTER.search(text) and not _OTHER_WORD.search(text):
        return 0
    high = len(_OUTSIDE_ASCII.findall(text)) or 1
    odd = (3, _SIGN_IN_WORD), (1, _ODD), (2, _CAPITAL_IN_WORD)
    share = 1.0
    for weight, pattern in odd:
        share *= max(0.0, 1 - weight * len(pattern.findall(text)) / high)
    return share


def _decoded(data: bytes, encoding: str) -> str | None:
    """`data` decoded; None if it is not valid in `encoding`. The last character of a sample may be cut off."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=len(data) != _SAMPLE)
    except (UnicodeDecodeError, LookupError):
        return None
