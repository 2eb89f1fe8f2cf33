"""Pages whose fonts give wrong letters: what they say cannot be known, and is kept as it was drawn."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Any

from lethe.adapters.parsers.markdown.inline import literal
from lethe.adapters.parsers.pdf.blocks import TextFlow, TextLine
from lethe.adapters.parsers.pdf.words import Word

_FEWEST_LETTERS = 50
_SCRIPTS, _SHARE = 6, 0.02
"""A page in so many scripts, each with such a share of the letters, is in none of them."""
_TOGETHER = frozenset(
    {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "FULLWIDTH", "HALFWIDTH", "LATIN", "GREEK", "MATHEMATICAL"}
)


def is_scrambled(words: Iterable[Word]) -> bool:
    """Whether the letters are of so many scripts that they are numbers of a font's shapes instead."""
    letters = Counter(letter for word in words for letter in word.text if letter.isalpha())
    scripts: Counter[str] = Counter()
    for letter, count in letters.items():
        scripts[unicodedata.name(letter, "").partition(" ")[0]] += count
    total = letters.total()
    many = [script for script, count in scripts.items() if count > _SHARE * total and script not in _TOGETHER]
    return total >= _FEWEST_LETTERS and len(many) >= _SCRIPTS


def as_drawn(text_page: Any) -> TextFlow:
    """The page's text in the order in which it was drawn."""
    rows = [literal(" ".join(row.split())) for row in text_page.get_text_bounded().splitlines()]
    shown = [row for row in rows if row]
    lines = [
        TextLine(row, 0.0, 1.0, -12.0 * number, 10.0, cells=[(0.0, 1.0, row)])
        for number, row in enumerate(shown)
    ]
    return TextFlow(lines)
