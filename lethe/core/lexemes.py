"""Words as they are indexed and searched: folded, without function words, stemmed; identifiers as written too.

The document side (`analyse`) and the query side (`query_terms`) share every step, so that what is in a text is
found whatever its accents and case.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
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
_TOKEN = re.compile(rf"_*({_WORD}(?:(?:[-.@]|_+){_WORD})*)")
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
    `ZX-4417`, `foo_bar.baz` or `v1.2.3` counts as its words and is also a lexeme as written, in lower case and
    at the position of its first word. Runs of Chinese, Japanese, Thai, Lao, Khmer or Burmese are words of two
    characters that overlap. The literal keeps the bounds of PostgreSQL: positions past 16,383 are 16,383, a
    lexeme has at most 255, and words that would make it larger than 900 KB are left out.
    """
    words = list(_words(text))
    stems = _stems({word for word, _, is_word in words if is_word}, language)
    positions: dict[str, list[int]] = {}
    length = 0
    for word, position, is_word in words:
        lexeme = stems[word] if is_word else word
        if lexeme is None:
            continue
        length += is_word
        seen = positions.setdefault(lexeme, [])
        at = min(position, _MAX_POSITION)
        if len(seen) < _MAX_POSITIONS and not (seen and seen[-1] == at):
            seen.append(at)
    return Lexemes(length, _literal(positions))


def query_terms(query: str, languages: Sequence[str]) -> list[tuple[str, ...]]:
    """The words of a query in order, without repetition: for each the lexemes it may have in a text of one of
    `languages`, normalised as `analyse` does.

    A word that is a function word in every one of the languages is left out. Only the first 64 terms count.
    """
    words = dict.fromkeys((word, is_word) for word, _, is_word in _words(query))
    stems = [_stems({word for word, is_word in words if is_word}, language) for language in languages]
    terms: dict[tuple[str, ...], None] = {}
    for word, is_word in words:
        lexemes = (stem[word] for stem in stems) if is_word else iter((word,))
        term = tuple(dict.fromkeys(lexeme for lexeme in lexemes if lexeme is not None))
        if term:
            terms[term] = None
    return list(terms)[:MAX_QUERY_TERMS]


def _words(text: str) -> Iterator[tuple[str, int, bool]]:
    """Each word with its position from 1, and whether it is a word; if not, it is an identifier as written."""
    position = 0
    for token in _TOKEN.findall(fold(text)):
        if token.isalnum() and (token.isascii() or not _UNSPACED.search(token)):
            position += 1
            yield token[:_MAX_WORD], position, True
            continue
        if _is_identifier(token):
            yield token, position + 1, False
        for word in _PART.findall(token):
            for piece in _pieces(word):
                position += 1
                yield piece[:_MAX_WORD], position, True


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


def _literal(positions: dict[str, list[int]]) -> str:
    """A tsvector literal. Lexemes hold letters, digits, marks and `-._@`, so there is nothing to escape."""
    entries: list[str] = []
    size = 0
    for lexeme, places in positions.items():
        entry = f"'{lexeme}':{','.join(map(str, places))}"
        size += len(entry.encode()) + 1
        if size > _MAX_LITERAL:
            break
        entries.append(entry)
    return " ".join(entries)
