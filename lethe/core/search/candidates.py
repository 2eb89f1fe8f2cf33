"""Chooses which chunks a search by words must score, so that its cost is bounded even if a word is in half of them.

A chunk's score is the sum over the query's terms of idf times a factor under 1. So the chunks with a rare term
are scored first. The score of the last wanted result then tells which combinations of common terms could still
do better, and only chunks with such a combination are scored afterwards.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lethe.text.lexemes import Term

MAX_TERMS = 32
"""The number of terms scored, rarest first. A question has about 8."""

FIRST_CHUNKS = 2_000
"""About how many chunks are scored first."""

REACH = 0.8
"""The largest share of its idf that a term contributes in practice: 0.8 is eight uses in a chunk of average length."""

_LEVELS = 16
_MAX_PARTS = 120
"""The most terms in a later query; beyond that, a simpler query is used, which finds more chunks."""


@dataclass(frozen=True, slots=True)
class FallbackQuery:
    """The chunks to score next if the last wanted result so far scored `above` or more; None for no more."""

    above: float
    query: str | None


@dataclass(frozen=True, slots=True)
class Candidates:
    """Terms with their weighted idf, and the tsqueries of the chunks to score: `first`, then one of `later`, chosen by
    its `above`. `most` is the highest possible score."""

    terms: tuple[Term, ...]
    idf: tuple[float, ...]
    most: float
    first: str
    later: tuple[FallbackQuery, ...]


def tsquery(term: Term) -> str:
    """A term as a tsquery. Lexemes contain no quotes or backslashes, so nothing needs escaping."""
    return _any([f"'{lexeme}'" for lexeme in term.lexemes])


def any_of(terms: Sequence[Term]) -> str:
    """A tsquery for texts that contain at least one of the terms."""
    return _any([tsquery(term) for term in terms])


def plan(terms: Sequence[Term], chunks_with: Mapping[str, int], chunks: float) -> Candidates:
    """What to score in a large company.

    Args:
        terms: at least one.
        chunks_with: the number of chunks that contain each lexeme; missing lexemes are assumed to be rare.
        chunks: the total number of chunks.
    """
    found = {t: min(chunks, max(1, sum(chunks_with.get(x, 0) for x in t.lexemes))) for t in terms}
    weighed = {t: t.weight * math.log(1 + (chunks - n + 0.5) / (n + 0.5)) for t, n in found.items()}
    rarest_first = sorted(terms, key=lambda term: found[term])[:MAX_TERMS]
    idf, most = tuple(weighed[term] for term in rarest_first), sum(weighed.values())
    count, some = 0, 0
    while count < len(rarest_first) and some + found[rarest_first[count]] <= FIRST_CHUNKS:
        some += int(found[rarest_first[count]])
        count += 1
    reach = [(tsquery(t), REACH * w) for t, w in zip(rarest_first, idf, strict=True)]
    if count == len(reach):
        return Candidates(tuple(rarest_first), idf, most, any_of(rarest_first), ())
    if count:
        first, rest = any_of(rarest_first[:count]), reach[count:]
    elif len(reach) == 1:
        return Candidates(tuple(rarest_first), idf, most, reach[0][0], ())
    else:
        first, rest = f"{reach[0][0]} & {any_of(rarest_first[1:])}", reach
    return Candidates(tuple(rarest_first), idf, most, first, _later(rest))


def _later(weighed: Sequence[tuple[str, float]]) -> tuple[FallbackQuery, ...]:
    most = sum(weight for _, weight in weighed)
    levels = [most * level / _LEVELS for level in range(_LEVELS)]
    return (*(FallbackQuery(level, _over(weighed, level)) for level in levels), FallbackQuery(most, None))


def _over(weighed: Sequence[tuple[str, float]], level: float) -> str:
    """A tsquery for texts whose terms weigh more than `level`; it also matches others if it would be too long."""
    left = [_MAX_PARTS]
    sums = [sum(weight for _, weight in weighed[start:]) for start in range(len(weighed) + 1)]

    def over(start: int, need: float) -> str | None:
        """A tsquery for what the terms from `start` on must match to weigh more than `need`; None if they cannot."""
        if need >= sums[start]:
            return None
        left[0] -= 1
        if left[0] < 0:
            return _any([term for term, _ in weighed[start:]])
        term, weight = weighed[start]
        if weight > need:
            with_it: str | None = term
        else:
            rest = over(start + 1, need - weight)
            with_it = None if rest is None else f"{term} & {rest}"
        without = over(start + 1, need)
        return _any([query for query in (with_it, without) if query])

    return over(0, level) or _any([term for term, _ in weighed])


def _any(queries: Sequence[str]) -> str:
    return queries[0] if len(queries) == 1 else f"({' | '.join(queries)})"
