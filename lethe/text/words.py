"""Splits a text into words and compounds: `e-mail` is two words, and also `email`."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from lethe.text.folding import fold

MAX_WORD = 100
"""The most characters of a word; longer words are truncated in texts and queries. PostgreSQL allows 2,046 bytes."""
MARKS = r"\u0900-\u0963\u0966-\u0dff\u0e31\u0e34-\u0e4e\u0eb1-\u0ece\u1000-\u109f"
"""The inside of a character class: marks that belong to the preceding letter."""
EMOJI = "\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
"""The inside of a character class: symbols that are words by themselves."""

_WORD = rf"[^\W_]+(?:[{MARKS}]+[^\W_]*)*"
_EMPHASIS = r"[*~^_]"
_SIGN = r"(?:-(?:\n[ \t]*)?|[.@'&/\\+]|(?<=\d)[,:](?=\d))"
_JOINT = rf"(?:{_EMPHASIS}+(?:{_SIGN}{_EMPHASIS}*)?|{_SIGN}{_EMPHASIS}*)"
_TOKEN = re.compile(rf"(?:(?<![\w.])\.(?=[^\W\d]))?{_WORD}(?:{_JOINT}{_WORD})*(?:\+\+|[+#](?!\w))?|[{EMOJI}]")
_PART = re.compile(_WORD)
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]+"
)
_BETWEEN_NAMES = re.compile(r"[/\\@]")
_GROUPED = re.compile(r"(\d{1,3}(?:[.,']\d{3})+)(?:[.,](\d+))?")
_SPACED = re.compile(r" (?=\d{3}(?!\d))(?<=\d )(?<!\d{4} )")
"""A space between the groups of a number, as in `1 234 567`, or between two numbers that look like one."""
_LONG_NUMBER = re.compile(r"(?=(?:-?\d){7})\d+(?:-\d+){2,}")


class Token(NamedTuple):
    """A stretch of text without a gap.

    `words` are its words, in order. `wholes` are its forms as a whole: `zx4417` for `ZX-4417`, `c++`, `3.5` for `3,5`,
    `10^6` for `10⁶`, `98765` for `98.765,40`. `elided`: it contains an apostrophe, possibly after an article.
    """

    words: tuple[str, ...]
    wholes: tuple[str, ...]
    elided: bool


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text in order."""
    return map(_token, _TOKEN.findall(_SPACED.sub(",", fold(text))))


def forget_tokens() -> None:
    """Clear the cache of tokens; see `lexemes.forget_words`."""
    _token.cache_clear()


@lru_cache(maxsize=1 << 14)
def _token(text: str) -> Token:
    if text.isascii() and text.isalnum():
        return Token((text[:MAX_WORD],), (), elided=False)
    parts = _PART.findall(text)
    if not parts:
        return Token((text,), (), elided=False)
    words = tuple(piece[:MAX_WORD] for part in parts for piece in _pieces(part))
    wholes = () if text.isalnum() else tuple(dict.fromkeys(_wholes(text)))
    return Token(words, tuple(w for w in wholes if len(w) <= MAX_WORD), "'" in text)


def _pieces(word: str) -> Iterator[str]:
    """The searchable pieces of a word: the word itself, or pairs of characters in scripts without spaces."""
    end = 0
    for run in _UNSPACED.finditer(word):
        if run.start() > end:
            yield word[end : run.start()]
        characters, end = run.group(), run.end()
        if len(characters) == 1:
            yield characters
        for index in range(len(characters) - 1):
            yield characters[index : index + 2]
    if end < len(word):
        yield word[end:]


def _wholes(text: str) -> Iterator[str]:
    """A compound as one word, and likewise each name in a path or address."""
    if len(text) > 2 * MAX_WORD or _UNSPACED.search(text):
        return
    names = [name for name in _BETWEEN_NAMES.split(text) if not name.isalnum()]
    for name in dict.fromkeys((text, *names)):
        whole = _closed(name)
        if not whole.isalnum() or whole != name:
            yield whole
        if grouped := _GROUPED.fullmatch(name):
            digits = re.sub(r"\D", "", grouped[1])
            if grouped[2]:
                yield f"{digits}.{grouped[2]}"
            yield digits
        elif _LONG_NUMBER.fullmatch(name):
            yield name.replace("-", "")


def _closed(name: str) -> str:
    """A name without the characters that join its words, except between digits, where they tell numbers apart."""
    closed, end = "", 0
    for part in _PART.finditer(name):
        joint = name[end : part.start()]
        if not closed:
            closed = "." if joint.startswith(".") else ""
        elif joint == "^-":
            closed += joint
        elif closed[-1].isdigit() and part[0][0].isdigit():
            closed += "^" if "^" in joint else "." if joint in (".", ",") else "-"
        closed, end = closed + part[0], part.end()
    return closed + name[end:].rstrip("*~^_'")
