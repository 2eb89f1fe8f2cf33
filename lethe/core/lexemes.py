"""Words as they are indexed and searched: folded, without function words, stemmed; identifiers as written.

The document side (`analyse`) and the query side (`query_terms`) share every step, so that what is in a text
is found whatever its accents and case.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice
from threading import Lock
from typing import NamedTuple

import Stemmer

from lethe.core.languages import STOP_WORDS, fold

MAX_QUERY_TERMS = 64
"""Words of a query after which the rest is ignored."""
_MAX_WORD = 100
"""Characters of a lexeme; a longer word is cut, alike on both sides. PostgreSQL allows 2,046 bytes."""
_MAX_POSITION = 16_383
_MAX_POSITIONS = 255
_MAX_LITERAL = 900_000
"""Bytes of a tsvector literal; PostgreSQL allows 1 MB of tsvector. Words past it are not indexed."""

_STEMMERS = {
    "es": "spanish",
    "en": "english",
    "pt": "portuguese",
    "fr": "french",
    "de": "german",
    "it": "italian",
}
_MARKS = r"\u0900-\u0963\u0966-\u0dff\u0e31\u0e34-\u0e4e\u0eb1-\u0ece\u1000-\u109f"
_WORD = rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*"
_TOKEN = re.compile(rf"{_WORD}(?:(?:[-.@]|_+){_WORD})*")
_JOINED = re.compile(r"[-._@]+")
_PART = re.compile(_WORD)
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]+"
)


class Lexemes(NamedTuple):
    """The words of a text. `length` is their number without function words, for BM25; `tsvector` a literal
    such as `'cancel':3,9 'polit':5`."""

    length: int
    tsvector: str


def analyse(text: str, language: str) -> Lexemes:
    """The lexemes of `text` with their positions, function words keeping theirs.

    `language` is a key of STOP_WORDS; with any other nothing is dropped or stemmed. An identifier such as
    `ZX-4417`, `foo_bar.baz` or `v1.2.3` counts as its words and is also a lexeme as written, in lower case
    and at the position of its first word. Runs of Chinese, Japanese, Thai, Lao, Khmer or Burmese are words of
    two characters that overlap. The literal keeps the bounds of PostgreSQL: positions past 16,383 are 16,383,
    a lexeme has at most 255, and lexemes that would make it larger than 900 KB are left out.
    """
    tokens = _TOKEN.findall(fold(text))
    words = {token: _split(token) for token in set(tokens)}
    stems = _stems({word for some in words.values() for word in some}, language)
    written = {token for token in words if not token.isalnum() and _is_identifier(token)}
    positions: dict[str, list[int]] = {}
    position = length = 0
    for token in tokens:
        if token in written:
            positions.setdefault(token, []).append(position + 1)
        for word in words[token]:
            position += 1
            lexeme = stems[word]
            if lexeme is not None:
                length += 1
                if lexeme in positions:
                    positions[lexeme].append(position)
                else:
                    positions[lexeme] = [position]
    if position > _MAX_POSITION:
        positions = {lexeme: _clamped(places) for lexeme, places in positions.items()}
    return Lexemes(length, _literal(positions))


def query_terms(query: str, languages: Sequence[str]) -> list[tuple[str, ...]]:
    """The words of a query in order, without repetition: for each the lexemes it may have in a text of one
    of `languages`, normalised as `analyse` does. An identifier as written is a term besides its words.

    A word that is a function word in every one of the languages is left out. Only the first 64 terms count.
    """
    tokens = list(
        islice(dict.fromkeys(match.group() for match in _TOKEN.finditer(fold(query))), MAX_QUERY_TERMS)
    )
    words = {token: _split(token)[:MAX_QUERY_TERMS] for token in tokens}
    stems = [_stems({word for some in words.values() for word in some}, language) for language in languages]
    terms: dict[tuple[str, ...], None] = {}
    for token in tokens:
        if _is_identifier(token):
            terms[(token,)] = None
        for word in words[token]:
            term = tuple(dict.fromkeys(lexeme for stem in stems if (lexeme := stem[word]) is not None))
            if term:
                terms[term] = None
    return list(terms)[:MAX_QUERY_TERMS]


def _split(token: str) -> list[str]:
    """The words of a token."""
    if token.isascii() and token.isalnum():
        return [token[:_MAX_WORD]]
    return [piece[:_MAX_WORD] for word in _PART.findall(token) for piece in _pieces(word)]


def _is_identifier(token: str) -> bool:
    """Joined words that are more than a hyphenated word: they hold a digit or another joint than hyphens."""
    joints = "".join(_JOINED.findall(token))
    return 0 < len(joints) < len(token) <= _MAX_WORD and (
        joints.strip("-") != "" or any(character.isdigit() for character in token)
    )


def _pieces(word: str) -> Iterable[str]:
    """A word in the pieces that are lexemes: itself, or pairs of characters where words are not spaced."""
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


_stemming = Lock()  # a Snowball stemmer holds one buffer and must not be used by two threads at once


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(_STEMMERS[language])


def _stems(words: Iterable[str], language: str) -> dict[str, str | None]:
    """The lexeme of each word, None for a function word."""
    stop_words = STOP_WORDS.get(language)
    if stop_words is None:
        return {word: word for word in words}
    stems: dict[str, str | None] = {word: None for word in words}
    kept = [word for word in stems if word not in stop_words]
    with _stemming:
        stemmed = _stemmer(language).stemWords([_respelt(word, language) for word in kept])
    stems.update(zip(kept, map(fold, stemmed), strict=True))
    return stems


def _respelt(word: str, language: str) -> str:
    """The word as Snowball needs it where its rules look for an accent that was folded away: Portuguese
    `cancelacao` and `cancelacoes` are `cancelação`, French `privee` and `privees` are `prive`."""
    if language == "pt":
        if word.endswith("oes"):
            word = word[:-3] + "ao"
        return word[:-3] + "ção" if word.endswith("cao") else word
    if language == "fr" and len(word) > 3:
        return word[:-1] if word.endswith("ee") else word[:-2] if word.endswith("ees") else word
    return word


def _clamped(places: list[int]) -> list[int]:
    return sorted({min(place, _MAX_POSITION) for place in places})


def _literal(positions: dict[str, list[int]]) -> str:
    """A tsvector literal. Lexemes hold letters, digits, marks and `-._@`, so there is nothing to escape."""
    entries = [
        f"'{lexeme}':{places[0] if len(places) == 1 else ','.join(map(str, places[:_MAX_POSITIONS]))}"
        for lexeme, places in positions.items()
    ]
    literal = " ".join(entries)
    if len(literal) <= _MAX_LITERAL // 4:
        return literal
    encoded = literal.encode()
    if len(encoded) > _MAX_LITERAL:
        encoded = encoded[:_MAX_LITERAL].rpartition(b" ")[0]
    return encoded.decode()
