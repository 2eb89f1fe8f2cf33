"""Text out of bytes: its encoding, its line ends, nothing that a database or a reader trips over."""

import re

from lethe.adapters.parsers.plain.encodings import encoding_of, marked_encoding, wide_encoding
from lethe.adapters.parsers.source import Source

# C0 controls but tab and newline, and DEL. Vertical tab and form feed stand between words: they become line ends.
_CONTROLS = bytes([*range(9), *range(13, 32), 127])
_BREAKS = bytes.maketrans(b"\x0b\x0c", b"\n\n")
_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_COLOURS = re.compile(rb"\x1b\[[0-9;?]{0,30}[ -/]{0,3}[@-~]")
"""What moves the cursor and colours the text of a terminal."""
_WIDE_BREAKS = ((b"\xc2\x85", b"\n"), (b"\xe2\x80\xa8", b"\n"), (b"\xe2\x80\xa9", b"\n\n"))
"""U+0085, U+2028 and U+2029 in UTF-8: ends of a line, a line and a paragraph."""


def decode(source: Source, data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of `data`, cleaned, and warnings: UTF-8, UTF-16 and UTF-32, else the old encoding that fits best.

    Bytes that do not belong to the encoding become U+FFFD, and a warning tells their number; a byte order mark tells
    the encoding and is left out. `source` is the file that `data` is of.
    """
    del source  # none is refused any more; kept, as all readers of bytes have it
    wide = wide_encoding(data[:4096])
    encoding = wide or marked_encoding(data[:4]) or encoding_of(data)
    warnings = []
    if encoding == "utf-8-sig":
        data, encoding = data[3:], "utf-8"
    if encoding != "utf-8":
        if marked_encoding(data[:4]) is None:
            warnings.append(f"The text is not UTF-8; it was read as {encoding}.")
        text, unread = _read_as(data, encoding)
        text = clean(text)
    else:  # as bytes, where a character takes one to four of them and not always four
        text, unread = _read_as(_clean_bytes(data), encoding)
    if unread:
        few = "1 byte" if unread == 1 else f"{unread:,} bytes"
        warnings.append(f"{few} of the text could not be read as {encoding}: U+FFFD stands in the place.")
    return text, tuple(warnings)


def clean(text: str) -> str:
    """`text` with LF line ends and without controls but tab and newline, surrogates replaced."""
    if not _UNCLEAN.search(text):  # most are clean, and a copy of a long one costs four bytes a character
        return text
    return _clean_bytes(_SURROGATE.sub("\ufffd", text).encode()).decode()


def _read_as(data: bytes, encoding: str) -> tuple[str, int]:
    """The text, and how many bytes of it could not be read (about, but in UTF-8)."""
    try:
        return data.decode(encoding), 0
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
    if encoding != "utf-8":
        return text, max(1, text.count("\ufffd"))
    replaced = text.count("\ufffd") - data.count("\ufffd".encode())
    return text, len(data) - len(text.encode()) + replaced * len("\ufffd".encode())


def _clean_bytes(data: bytes) -> bytes:
    """`data` is UTF-8, in which these bytes never are a part of another character."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\x1b[" in data:
        data = _COLOURS.sub(b"", data)
    for wide, narrow in _WIDE_BREAKS:
        if wide in data:
            data = data.replace(wide, narrow)
    return data.translate(_BREAKS, _CONTROLS)
