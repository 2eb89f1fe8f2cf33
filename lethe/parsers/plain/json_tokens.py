"""Tokens of JSON as it is written: numbers, keys and values in order, without building Python objects.

No library preserves `1.10` and repeated keys and reads 100 MB in little memory. Common extensions are read too: JSON
lines, and JSON5's comments, trailing commas, bare keys, single quotes, hexadecimal and infinite numbers.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r"""[\s\ufeff\x1e]*+(?:(?P<space>//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/|\Z)"""
    r"""|(?P<mark>[{}\[\]:,])"""
    r"""|(?P<text>"(?:[^"\\]++|\\.)*+"|'(?:[^'\\]++|\\.)*+')"""
    r"""|(?P<word>[^\s{}\[\]:,"'/]++))""",
    re.DOTALL,
)
_NUMBER = re.compile(
    r"[+-]?(?:(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+|0[xX][0-9a-fA-F]++|Infinity|NaN|inf|nan)"
)
_CONSTANTS = frozenset({"true", "false", "null", "True", "False", "None", "undefined"})
_BARE_KEY = re.compile(r"[^\W\d][\w$-]*|\$[\w$-]*|\d+")
_ESCAPE = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})(?:\\u([dD][c-fC-F][0-9a-fA-F]{2}))?|x([0-9a-fA-F]{2})|\r?(.))", re.DOTALL
)
_SHORT = {"n": "\n", "t": "\t", "r": "\n", "b": "", "f": "\n", "v": "\n", "0": "", "\n": ""}


class NotJson(ValueError):
    """Invalid JSON. The message says what is wrong and where, as part of a sentence."""


class Token(NamedTuple):
    """A piece of JSON. `kind` is "{", "[", "}", "]", "key" or "value"; `text` is the readable text of a key or
    value."""

    kind: str
    text: str = ""


def tokens(text: str) -> Iterator[Token]:
    """The pieces of all values in `text`, in order. Raises NotJson."""
    grammar = _Grammar()
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise _wrong(text, position)
        kind = found.lastgroup
        if kind != "space":
            token = grammar.take(found)
            if token is not None:
                yield token
            elif kind != "mark" or not grammar.part(found["mark"]):
                raise _wrong(text, position)
        position = found.end()
    if not grammar.is_whole:
        raise NotJson("it ends before its last value")


class _Grammar:
    """Checks which piece may follow which."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._wanted = "value"  # or "key", ":", ","

    @property
    def is_whole(self) -> bool:
        return not self._open and self._wanted == ","

    def take(self, found: re.Match[str]) -> Token | None:
        """The token that is `found`; None if it is not allowed here or is only a separator."""
        piece = found["mark"] or "value"
        if self._wanted == "," and not self._open:
            self._wanted = "value"  # another value after the first
        if piece in ("}", "]"):
            return self._close(piece)
        token = None
        if self._wanted == "key":
            token = _key(found)
            self._wanted = ":" if token else "key"
        elif self._wanted == "value" and piece in ("{", "["):
            self._open.append(piece)
            self._wanted = "key" if piece == "{" else "value"
            token = Token(piece)
        elif self._wanted == "value":
            token = _value(found)
            self._wanted = "," if token else "value"
        return token

    def part(self, mark: str) -> bool:
        """Accepts a colon or a comma; False if it is not allowed here."""
        if mark != self._wanted or not self._open:
            return False
        self._wanted = "value" if mark == ":" or self._open[-1] == "[" else "key"
        return True

    def _close(self, bracket: str) -> Token | None:
        """Accepts a closing bracket after a value or a comma, but not after a key."""
        ends = ("{", "key") if bracket == "}" else ("[", "value")
        if not self._open or self._open[-1] != ends[0] or self._wanted not in (ends[1], ","):
            return None
        self._open.pop()
        self._wanted = ","
        return Token(bracket)


def _value(found: re.Match[str]) -> Token | None:
    if found["text"] is not None:
        return Token("value", _unescaped(found["text"]))
    word = found["word"]
    if word and (word in _CONSTANTS or _NUMBER.fullmatch(word)):
        return Token("value", word)
    return None


def _key(found: re.Match[str]) -> Token | None:
    if found["text"] is not None:
        return Token("key", _unescaped(found["text"]))
    return Token("key", found["word"]) if found["word"] and _BARE_KEY.fullmatch(found["word"]) else None


def _unescaped(quoted: str) -> str:
    if "\\" not in quoted:
        return quoted[1:-1]
    if quoted[0] == '"':
        try:
            read: str = json.loads(quoted, strict=False)
        except ValueError:  # an escape of JSON5
            pass
        else:
            return read
    return _ESCAPE.sub(_character, quoted[1:-1])


def _character(escape: re.Match[str]) -> str:
    unit, second, short, one = escape.groups()
    if unit and second:
        return bytes.fromhex(unit + second).decode("utf-16-be", "replace")
    if unit or short:
        return chr(int(unit or short, 16))
    return _SHORT.get(one, one)


def _wrong(text: str, position: int) -> NotJson:
    position += len(text[position:]) - len(text[position:].lstrip())
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    shown = text[position : position + 20].split("\n", maxsplit=1)[0]
    return NotJson(f"line {line:,}, column {column:,}: unexpected {shown!r}")
