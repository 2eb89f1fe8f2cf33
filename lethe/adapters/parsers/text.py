"""Text out of bytes: its encoding, its line ends, nothing that a database or a reader trips over."""

import re

import charset_normalizer

from lethe.adapters.parsers.source import Reading, Source

# C0 controls but tab and newline, and DEL. Vertical tab and form feed stand between words: they become line ends.
_CONTROLS = bytes([*range(9), *range(13, 32), 127])
_BREAKS = bytes.maketrans(b"\x0b\x0c", b"\n\n")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_HIGH = re.compile(rb"[\x80-\xff]")
_LATIN_SHARE = 0.4


def decode(source: Source, data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of `data`, cleaned, and warnings: UTF-8, UTF-16 with a byte order mark, else an old one-byte
    encoding, cp1252 unless most letters are outside ASCII.

    It works on bytes as long as it can, where a character takes one to four bytes and not always four.
    Raises InputRejected for text that is cut inside a UTF-16 character.
    """
    if data.startswith(_UTF16):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeError as exc:
            raise source.rejected("is damaged: it is not the UTF-16 text that it begins as") from exc
    data = _clean_bytes(data.removeprefix(b"\xef\xbb\xbf"))
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        encoding = _one_byte_encoding(data)
    text = data.decode(encoding, "replace")
    return text, (f"The text is not UTF-8; it was read as {encoding}.",)


def read_text(source: Source) -> Reading:
    """A plain text or markdown file as it is, but for its encoding and line ends."""
    text, warnings = decode(source, source.read())
    return Reading(text, warnings=warnings)


def clean(text: str) -> str:
    """`text` with LF line ends and without controls but tab and newline, surrogates replaced."""
    if not _UNCLEAN.search(text):  # most are clean, and a copy of a long one costs four bytes a character
        return text
    return _clean_bytes(text.encode("utf-8", "replace")).decode()


def _clean_bytes(data: bytes) -> bytes:
    """In UTF-8 and the one-byte encodings these bytes never are a part of another character."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data.translate(_BREAKS, _CONTROLS)


def _one_byte_encoding(data: bytes) -> str:
    first = _HIGH.search(data)
    start = max(0, first.start() - 1000) if first else 0
    sample = data[start : start + 32_000]
    letters = sum(1 for byte in sample if byte >= 128 or chr(byte).isalpha())
    high = len(_HIGH.findall(sample))
    if high > _LATIN_SHARE * letters:
        best = charset_normalizer.from_bytes(sample).best()
        if best is not None and best.encoding != "utf_8":
            return best.encoding
    return "cp1252"
