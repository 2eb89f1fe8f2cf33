"""The words of a query that are worth looking for."""

import re
from collections import Counter
from collections.abc import Sequence

from lethe.core.languages import SIMPLE, STOP_WORDS, fold
from lethe.core.lexemes import query_terms
from lethe.core.search.candidates import Term

LANGUAGES = (*STOP_WORDS, SIMPLE)
"""Every language that a document may have."""

_ALONE = re.compile(r"(?<![^\W_])(?<![^\W_][-._@])[^\W_]+(?![-._@]*[^\W_])")
"""A word that is no part of an identifier."""


def asked_terms(query: str, languages: Sequence[str]) -> list[Term]:
    """The terms of a query in texts of these languages, without the function words of the query's own language.

    Its language is the one with most function words in it, or those with as many. Without this a Spanish `de`
    would be a rare word among English texts, and decide the order.
    """
    query = fold(query)  # first, as a combining accent would end a word
    words = Counter(_ALONE.findall(query))
    hits = {language: sum(words[w] for w in words.keys() & stop) for language, stop in STOP_WORDS.items()}
    most = max(hits.values())
    if most == 0:
        return query_terms(query, languages)
    dropped = frozenset().union(*(STOP_WORDS[language] for language, n in hits.items() if n == most))
    kept = _ALONE.sub(lambda match: " " if match.group() in dropped else match.group(), query)
    return query_terms(kept, languages)
