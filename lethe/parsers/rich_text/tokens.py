"""The tokens of an rtf file."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    rb"(?P<text>[^\\{}\r\n]+)"
    rb"|(?P<brace>[{}])"
    rb"|\\(?P<word>[a-zA-Z]{1,32})(?P<digits>-?\d*) ?"
    rb"|(?P<coded>(?:\\'[0-9a-fA-F]{2}[\r\n]*+){1,1000}+)"
    rb"|\\(?P<symbol>[^a-zA-Z])"
    rb"|[\r\n]+",
    re.DOTALL,
)
"""Possessive, so that a long run of codes is not stored for backtracking."""
_BREAKS = re.compile(rb"[\r\n']|\\")
_MOST_DIGITS = 10


OPEN, CLOSE, WORD, SYMBOL, BYTES = range(5)
"""The kinds of tokens."""

Token = tuple[int, str, int | None, bytes]
"""The kind; a control word's name, or a control symbol's character; the word's number; the bytes of text."""

_OPENED: Token = (OPEN, "", None, b"")
_CLOSED: Token = (CLOSE, "", None, b"")


def tokens(data: bytes) -> Iterator[Token]:
    """All tokens in order, in linear time. The bytes that `\\bin` counts are skipped, if they exist."""
    position, end = 0, len(data)
    find = _TOKEN.match
    while position < end:
        match = find(data, position)
        if match is None:  # a backslash at the end
            return
        position = match.end()
        group = match.lastgroup
        if group == "text":
            yield BYTES, "", None, match["text"]
        elif group == "brace":
            yield _OPENED if match["brace"] == b"{" else _CLOSED
        elif group == "digits":
            number = _number(match["digits"])
            word = match["word"]
            if word == b"bin":
                position += number if number and 0 < number <= end - position else 0
            else:
                yield WORD, word.decode(), number, b""
        elif group == "coded":
            yield BYTES, "", None, bytes.fromhex(_BREAKS.sub(b"", match["coded"]).decode())
        elif group == "symbol":
            yield SYMBOL, match["symbol"].decode("latin-1"), None, b""


def _number(digits: bytes) -> int | None:
    return int(digits[: _MOST_DIGITS + 1]) if digits.strip(b"-") else None
