"""Finds headings and their levels by comparing their size and weight with the body text."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lethe.parsers.pdf.layout.blocks import Paragraph

_LARGER = 1.15
"""A heading is at least this many times larger than the body text."""
_LONGEST, _LONGEST_STRONG = 200, 110
"""The most characters of a heading, and of one that is only bold."""
_MOST_LINES = 3
_LARGEST_SIZES = 5


@dataclass(slots=True)
class Sizes:
    """The number of characters of each size, in half points, and the number of bold ones."""

    letters: Counter[int]
    bold: int = 0

    @property
    def body(self) -> float:
        """The most frequent size, in points."""
        return self.letters.most_common(1)[0][0] / 2 if self.letters else 0.0


def is_large(block: Paragraph, body: float) -> bool:
    """Whether the block is a heading by the size of its letters."""
    return _could_be(block, _LONGEST) and block.size >= _LARGER * body


def is_strong(block: Paragraph, body: float) -> bool:
    """Whether the block is a heading by its weight: bold, short and not a sentence."""
    text = block.lines[-1].text.rstrip()
    return (
        _could_be(block, _LONGEST_STRONG)
        and all(line.bold for line in block.lines)
        and block.size >= 0.95 * body
        and not text.endswith((".", ",", ";"))
    )


def levels(sizes: Iterable[float]) -> dict[int, int]:
    """The level of each heading size, in half points: the largest is level 1."""
    out: dict[int, int] = {}
    level, last = 0, 0.0
    for size in sorted(set(sizes), reverse=True):
        if not level or (size < 0.93 * last and level < _LARGEST_SIZES):
            level, last = level + 1, size
        out[round(2 * size)] = level
    return out


def _could_be(block: Paragraph, longest: int) -> bool:
    return (
        block.kind == "text"
        and len(block.lines) <= _MOST_LINES
        and sum(len(line.text) for line in block.lines) <= longest
        and " … " not in block.lines[-1].text  # a line of a table of contents
        and any(character.isalpha() for line in block.lines for character in line.text)
    )
