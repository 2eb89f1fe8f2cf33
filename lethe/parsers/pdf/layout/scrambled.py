"""Detects pages whose fonts map to wrong letters. Their true text is unknown, so it is kept in drawing order."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from lethe.parsers.markdown.inline import literal
from lethe.parsers.pdf.drawn.words import Word
from lethe.parsers.pdf.layout.blocks import TextFlow, TextLine

_FEWEST, _SHARE = 10, 0.2
"""A page is scrambled if at least this many words, and more than this share of the non-Latin ones, mix scripts."""
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_OF_CJK = frozenset({"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "IDEOGRAPHIC", "HALFWIDTH"})
_OF_LATIN = frozenset(
    {"GREEK", "MICRO", "FULLWIDTH", "MATHEMATICAL", "MODIFIER", "FEMININE", "MASCULINE", "SCRIPT"}
)
"""First words of the Unicode names of letters that are used together with Chinese signs or Latin letters."""


def is_scrambled(words: Iterable[Word]) -> bool:
    """Whether so many words mix scripts that their letters must be glyph numbers of a font."""
    foreign = mixed = 0
    for word in words:
        if word.text.isascii():
            continue
        scripts = {_script(letter) for letter in word.text if letter.isalpha()}
        foreign += scripts != {"LATIN"}
        mixed += len(scripts) > 1
    return mixed >= _FEWEST and mixed > _SHARE * foreign


@lru_cache(maxsize=10_000)
def _script(letter: str) -> str:
    first = unicodedata.name(letter, "").partition(" ")[0]
    return "CJK" if first in _OF_CJK else "LATIN" if first in _OF_LATIN else first


def as_drawn(text_page: Any) -> TextFlow:
    """The page's text in the order in which it was drawn."""
    drawn = _CONTROLS.sub(" ", text_page.get_text_bounded())
    rows = [literal(" ".join(row.split())) for row in drawn.splitlines()]
    shown = [row for row in rows if row]
    lines = [
        TextLine(row, 0.0, 1.0, -12.0 * number, 10.0, cells=[(0.0, 1.0, row)])
        for number, row in enumerate(shown)
    ]
    return TextFlow(lines)
