"""Decodes bytes to text with plain line ends, without characters that a database or a reader cannot handle."""

from lethe.domain.clean_text import clean, clean_bytes
from lethe.parsers.plain.encodings import encoding_of, marked_encoding, wide_encoding

__all__ = ["clean", "decode"]


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The cleaned text of `data`, and warnings. Reads UTF-8, UTF-16 and UTF-32, else the legacy encoding that fits
    best.

    Invalid bytes become U+FFFD, and a warning gives their number. A byte order mark decides the encoding and is
    removed.
    """
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
    else:  # cleaned as bytes, which take less memory than a string
        text, unread = _read_as(clean_bytes(data), encoding)
    if unread:
        few = "1 byte" if unread == 1 else f"{unread:,} bytes"
        warnings.append(f"{few} of the text could not be read as {encoding}: U+FFFD replaces it.")
    return text, tuple(warnings)


def _read_as(data: bytes, encoding: str) -> tuple[str, int]:
    """The text, and how many bytes could not be read (exact for UTF-8, else approximate)."""
    try:
        return data.decode(encoding), 0
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
    if encoding != "utf-8":
        return text, max(1, text.count("\ufffd"))
    replaced = text.count("\ufffd") - data.count("\ufffd".encode())
    return text, len(data) - len(text.encode()) + replaced * len("\ufffd".encode())
