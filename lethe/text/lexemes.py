"""Words as they are indexed and searched: folded, stemmed, and compounds also written as one word.

Documents (`analyse`) and queries (`query_terms`) share every step, so that words are found whatever their accents,
case and spelling variants. What a word becomes depends on the text:

- in a text of a known language, its stem, `polici`; or, for a function word, `=the`, which is searched only by a
  query without other words;
- in a text too short to detect its language, the stems in all known languages, `~polici`;
- in any other text, the word itself.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache, lru_cache
from itertools import islice
from threading import Lock
from typing import NamedTuple

import Stemmer

from lethe.text.folding import fold
from lethe.text.languages import LANGUAGES, STOP_WORDS, UNKNOWN
from lethe.text.words import Token, forget_tokens, tokens

MAX_QUERY_TERMS = 64
"""The most words of a query; the rest are ignored."""
SOFT = 0.1
"""Weight of a word that is a function word in another language of the company."""
HALF = 0.5
"""Weight of a compound next to its words, and of a function word in texts where it is a function word."""
_MAX_POSITION = 16_383
_MAX_POSITIONS = 255
_MAX_LITERAL = 900_000
"""Bytes of a tsvector literal; PostgreSQL allows a tsvector of 1 MB. Words beyond it are not indexed."""

_STEMMERS = {
    "es": "spanish",
    "en": "english",
    "pt": "portuguese",
    "fr": "french",
    "de": "german",
    "it": "italian",
}
_FUNCTION, _ANY = "=", "~"
_TELLING = re.compile(r"[^\W\d_]{3}|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff]")


class Lexemes(NamedTuple):
    """The words of a text. `length` is their number without function words, for BM25; `tsvector` is a literal
    such as `'cancel':3,9 'polit':5`."""

    length: int
    tsvector: str


class Term(NamedTuple):
    """A word of a query: the lexemes that it may have in a text, and its weight relative to the other words."""

    lexemes: tuple[str, ...]
    weight: float = 1.0


def analyse(text: str, language: str) -> Lexemes:
    """The lexemes of `text` with their positions; a whole compound has the position of its first word.

    `language` comes from `languages.detect`. Runs of Chinese, Japanese, Thai, Lao, Khmer or Burmese become overlapping
    words of two characters. A text without a word of three letters, such as an emoji, has length 0: it has no meaning
    to compare. The literal respects PostgreSQL's limits: positions above 16,383 become 16,383, a lexeme has at most
    255 positions, and lexemes that would make the literal larger than 900 KB are left out.
    """
    positions = defaultdict[str, list[int]](list)
    position = length = 0
    for token in tokens(text):
        for whole in token.wholes:
            for lexeme in _forms_of_whole(whole, token, language):
                positions[lexeme].append(position + 1)
        for word in token.words:
            position += 1
            forms = _forms(word, language)
            length += forms[0][0] != _FUNCTION
            for lexeme in forms:
                places = positions[lexeme]
                if not places or places[-1] != position:
                    places.append(position)
    if position > _MAX_POSITION:
        positions.update((lexeme, _clamped(places)) for lexeme, places in positions.items())
    return Lexemes(length if _TELLING.search(text) else 0, _literal(positions))


def searched(headings: Iterable[str], text: str) -> str:
    """The text by which a chunk is found by words: the titles of the enclosing sections and its text."""
    return "\n".join((*headings, text))


def lexemes_of(text: str, language: str) -> frozenset[str]:
    """The lexemes of a text in this language."""
    return frozenset(
        lexeme
        for token in tokens(text)
        for word in (*token.wholes, *token.words)
        for lexeme in _forms_of(word, token, language)
    )


def query_lexemes(query: str) -> frozenset[str]:
    """Every lexeme that a word of the query may have in a text in any language."""
    words = _query_words(query)
    return frozenset(form for word in words for language in LANGUAGES for form in _forms(word, language))


def query_terms(query: str, languages: Collection[str], spoken: Collection[str] = ()) -> list[Term]:
    """The words of a query in order, without repetition, as they occur in texts in any of `languages`. A compound is
    also a term as a whole. Only the first 64 terms count.

    A function word of every known language among `languages` is left out. A function word of some of them, or of
    another language `spoken` in the company, has little weight: a Spanish `de` is rare among English texts, but `car`
    is only a French function word. If the query has no other words, all are searched as they are, and, with half the
    weight, in texts where they are function words.

    Args:
        languages: of the documents to search.
        spoken: of all documents of the company; empty means every known language.
    """
    words = _query_words(query)
    others = [language for language in spoken if language in STOP_WORDS]
    known = [STOP_WORDS[language] for language in languages if language in STOP_WORDS]
    anywhere = known + [STOP_WORDS[language] for language in others] or list(STOP_WORDS.values())
    soft = {word for word in words if any(word in some for some in anywhere)}
    telling = len(soft) < len(words)
    weights = defaultdict[tuple[str, ...], float](float)
    for word, token in words.items():
        if telling and known and all(word in some for some in known):
            continue
        forms = dict.fromkeys(
            form
            for language in dict.fromkeys((*languages, *others))
            for form in _forms_of(word, token, language)
        )
        content = tuple(form for form in forms if form[0] != _FUNCTION)
        if content:
            weight = (
                SOFT if telling and word in soft else HALF if word in token.wholes and word.isalpha() else 1.0
            )
            weights[content] = max(weights[content], weight)
        if not telling and len(content) < len(forms):
            function = tuple(form for form in forms if form[0] == _FUNCTION)
            weights[function] = HALF if content else 1.0
    return [Term(*term) for term in weights.items()]


def forget_words() -> None:
    """Clear the caches of analysed words. Call it after analysing documents outside a child process."""
    _forms.cache_clear()
    forget_tokens()


def _query_words(query: str) -> dict[str, Token]:
    """The first words of a query, compounds before their parts, each with its token."""
    words = ((w, t) for t in tokens(query) for w in (*t.wholes, *t.words[:MAX_QUERY_TERMS]))
    return dict(islice(words, MAX_QUERY_TERMS))


def _forms_of(word: str, token: Token, language: str) -> tuple[str, ...]:
    """The lexemes of a word or whole of a token in a text in this language."""
    return _forms_of_whole(word, token, language) if word in token.wholes else _forms(word, language)


def _forms_of_whole(whole: str, token: Token, language: str) -> tuple[str, ...]:
    """The lexemes of a compound as a whole; empty if it is an article and a word, as in `l'avion`."""
    if token.elided and not STOP_WORDS.get(language, frozenset()).isdisjoint(token.words):
        return ()
    return _forms(whole, language)


@lru_cache(maxsize=1 << 16)
def _forms(word: str, language: str) -> tuple[str, ...]:
    stop_words = STOP_WORDS.get(language)
    if stop_words is not None:
        return (_FUNCTION + word if word in stop_words else _stem(word, language),)
    if language == UNKNOWN and word.isascii() and word.isalpha():
        return tuple(dict.fromkeys(_ANY + _stem(word, known) for known in STOP_WORDS))
    return (word,)


_stemming = Lock()  # a Snowball stemmer holds one buffer and must not be used by two threads at once


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(_STEMMERS[language])


def _stem(word: str, language: str) -> str:
    """The stem of a word of letters only; any other word unchanged."""
    if not word.isalpha():
        return word
    with _stemming:
        return fold(_stemmer(language).stemWord(_respelt(word, language)))


def _respelt(word: str, language: str) -> str:
    """Restore a word for Snowball, whose rules expect accents that were folded away: Portuguese `cancelacao` and
    `cancelacoes` become `cancelação`, French `privee` and `privees` become `prive`."""
    if language == "pt":
        if word.endswith("oes"):
            word = word[:-3] + "ao"
        return word[:-3] + "ção" if word.endswith("cao") else word
    if language == "fr" and len(word) > 3:
        return word[:-1] if word.endswith("ee") else word[:-2] if word.endswith("ees") else word
    return word


def _clamped(places: list[int]) -> list[int]:
    return sorted({min(place, _MAX_POSITION) for place in places})


def _literal(positions: Mapping[str, list[int]]) -> str:
    """A tsvector literal. Lexemes contain no quote and no backslash, so nothing needs escaping."""
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
