"""Reorders letters from the drawn order, left to right, to reading order (the inverse of Unicode's UAX 9)."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import cycle

_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_NUMBER = frozenset({"EN", "AN"})
_IN_NUMBERS, _AT_NUMBERS = frozenset({"ES", "CS"}), "ET"
_BRACKETS = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_TURNED = re.compile("[\u0590-\u08ff\ufb1d-\ufefc]")
_OPENING, _CLOSING = "([{", ")]}"


def has_right_to_left(text: str) -> bool:
    """Whether `text` has any letter of Hebrew, Arabic or a related script."""
    return not text.isascii() and _TURNED.search(text) is not None


def reading_order(units: Sequence[str]) -> list[int]:
    """The indexes of `units` in reading order. The line runs from right to left if most of its words do; numbers and
    words of the other direction keep their own."""
    kinds = [_kind(unit) for unit in units]
    if "R" not in kinds:
        return list(range(len(units)))
    signs = (" " if unit.isspace() else kind.strip() or "." for unit, kind in zip(units, kinds, strict=True))
    words = ["R" if "R" in word else "L" if "L" in word else "" for word in "".join(signs).split()]
    base = "R" if words.count("R") >= words.count("L") else "L"
    levels = _levels(kinds, base)
    order = list(range(len(units)))
    if base == "R":
        order.reverse()
    out: list[int] = []
    for same, numbers in _runs(order, levels):
        out += reversed(numbers) if same != base else numbers
    if base == "R":
        return out
    return _numbers_forward(out, kinds)


def mended_brackets(text: str) -> str:
    """`text` with its brackets corrected, some or all of which may be mirrored, as drawn."""
    mirrored = text.translate(_BRACKETS)
    if _balanced(text) or _balanced(mirrored):
        return text if _balanced(text) else mirrored
    found = [letter for letter in text if letter in _OPENING + _CLOSING]
    if len(found) % 2 == 0 and set(found) <= set("()"):
        pairs = cycle("()")
        return "".join(next(pairs) if letter in "()" else letter for letter in text)
    return mirrored if found[0] in _CLOSING and any(letter in _OPENING for letter in found) else text


def _balanced(text: str) -> bool:
    """Whether each opening bracket is closed after it."""
    depth = 0
    for letter in text:
        depth += (letter in _OPENING) - (letter in _CLOSING)
        if depth < 0:
            return False
    return depth == 0


def _kind(unit: str) -> str:
    """R, L, N (number), S (sign within numbers), T (sign next to numbers, as in 5 %), or a blank for others."""
    for letter in unit:
        kind = unicodedata.bidirectional(letter)
        if kind in _RIGHT_TO_LEFT:
            return "R"
        if kind == "L":
            return "L"
        if kind in _NUMBER:
            return "N"
        if kind in _IN_NUMBERS:
            return "S"
        if kind == _AT_NUMBERS:
            return "T"
    return " "


def _levels(kinds: Sequence[str], base: str) -> list[str]:
    """The direction of each unit; signs and spaces follow their neighbours if these agree."""
    levels = ["L" if kind == "L" else "R" if kind == "R" else kind for kind in kinds]
    for number, kind in enumerate(kinds):
        beside = [kinds[at] for at in (number - 1, number + 1) if 0 <= at < len(kinds)]
        if (kind == "S" and beside == ["N", "N"]) or (kind == "T" and "N" in beside):
            levels[number] = "N"
    other = "L" if base == "R" else "R"
    if base == "R":
        levels = ["L" if level == "N" else level for level in levels]
    return _filled(levels, base, other)


def _filled(levels: list[str], base: str, other: str) -> list[str]:
    """Gives undecided units a direction: `other` if both neighbours have it, else the line's (`base`)."""
    start = 0
    while start < len(levels):
        if levels[start] in "LR":
            start += 1
            continue
        end = start
        while end < len(levels) and levels[end] not in "LR":
            end += 1
        between = start > 0 and end < len(levels) and levels[start - 1] == levels[end] == other
        levels[start:end] = [other if between else base] * (end - start)
        start = end
    return levels


def _runs(order: Sequence[int], levels: Sequence[str]) -> Iterator[tuple[str, list[int]]]:
    run: list[int] = []
    for number in order:
        if run and levels[run[-1]] != levels[number]:
            yield levels[run[-1]], run
            run = []
        run.append(number)
    if run:
        yield levels[run[-1]], run


def _numbers_forward(order: list[int], kinds: Sequence[str]) -> list[int]:
    """Restores the left-to-right order of numbers inside reversed words."""
    out: list[int] = []
    run: list[int] = []
    for number in order:
        in_number = kinds[number] == "N" or (kinds[number] in "ST" and bool(run))
        if in_number and (not run or number == run[-1] - 1):
            run.append(number)
            continue
        out += reversed(run)
        run = [number] if in_number else []
        if not in_number:
            out.append(number)
    return out + run[::-1]
