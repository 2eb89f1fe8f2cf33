"""Joins drop caps (large first letters beside several lines of text) with the words that they begin."""

from collections.abc import Sequence

from lethe.parsers.pdf.drawn.words import Word

_LARGER = 1.7
"""A drop cap is more than this many times larger than the text."""
_MOST = 20
"""The most large letters examined in a frame. More are part of a drawing."""


def join_initials(words: Sequence[Word]) -> list[Word]:
    """The words of a frame, with drop caps moved into the words that they begin."""
    if not words:
        return []
    usual = sorted(word.size for word in words)[len(words) // 2]
    large = [
        word
        for word in words
        if word.size > _LARGER * usual and len(word.units) == 1 and word.units[0].isalpha()
    ]
    joined = {id(letter) for letter in large[:_MOST] if _joined(letter, words)}
    return [word for word in words if id(word) not in joined]


def _joined(letter: Word, words: Sequence[Word]) -> bool:
    """Moves the letter to the start of the topmost line that begins beside it. Returns whether there is one."""
    beside = [
        word
        for word in words
        if _LARGER * word.size < letter.size
        and -0.3 < (word.x0 - letter.x1) / word.size < 0.8
        and letter.y - 0.3 * letter.size < word.y < letter.y + letter.size
    ]
    if len(beside) < 2:
        return False
    first = max(beside, key=lambda word: word.y)
    above = letter.y + 0.7 * letter.size - (first.y + 0.7 * first.size)
    if abs(above) > 0.7 * first.size or not first.units[0].isalpha():
        return False
    first.units = [*letter.units, *([" "] if first.spaced else []), *first.units]
    return True
