"""Adds annotations to the words of a page: field values, typed text, link addresses, comment marks."""

from collections.abc import Sequence

from lethe.parsers.pdf.drawn.annotations import Annotations, Box, Comment, Field
from lethe.parsers.pdf.drawn.words import PageWords, Style, Word
from lethe.parsers.pdf.layout.bidi import has_right_to_left

_FROM_BULLET = 2.5
"""The widest gap between a bullet and its text, in font sizes."""
_MOST_DOTS = 300
"""A page with more small marks is a drawing, not a list."""


def fill_in(words: PageWords, notes: Annotations) -> None:
    """Marks the words of links, and adds field values and typed texts that pdfium did not draw."""
    everything = [word for frame in words.frames.values() for word in frame]
    for address, box in notes.links:
        for word in everything:
            if _within(word, box):
                word.link = address
    for item in notes.fields:
        _fill_in_field(words, item)
    for text, box in notes.typed:
        if not any(_within(word, box) for word in everything):
            put(words, text, box)


def _fill_in_field(words: PageWords, item: Field) -> None:
    """Writes a check box's state, or a field's value if pdfium drew only part of it, too much, or single letters."""
    drawn = sorted((w for frame in words.frames.values() for w in frame), key=lambda word: word.drawn)
    inside = [number for number, word in enumerate(drawn) if _within(word, item.box)]
    for number in inside:
        drawn[number].field = True
    if item.checked is not None:
        take_out(words, [drawn[number] for number in inside])
        put(words, "[x]" if item.checked else "[ ]", item.box)
        return
    value = "".join(item.value.split())
    shown = "".join(drawn[number].text for number in inside)
    if shown and (shown not in value or (shown == value and len(inside) == len(item.value.split()))):
        return  # the value is already shown, maybe formatted
    matched = _drawn_value(drawn, inside[0], value) if inside else []
    size = matched[0].size if matched else None
    take_out(words, [*matched, *(drawn[number] for number in inside)])
    put(words, item.value, item.box, size)


def _drawn_value(drawn: Sequence[Word], start: int, value: str) -> list[Word]:
    """The words from `start` on that form the value, or its beginning; some may be outside the field."""
    out = []
    for word in drawn[start:]:
        if not value.startswith(word.text):
            break
        value = value[len(word.text) :]
        out.append(word)
    return out


def take_out(words: PageWords, gone: Sequence[Word]) -> None:
    numbers = {id(word) for word in gone}
    for frame, kept in words.frames.items():
        words.frames[frame] = [word for word in kept if id(word) not in numbers]


def put(words: PageWords, text: str, box: Box, size: float | None = None) -> None:
    """Writes `text` into the box, line by line from its top."""
    left, bottom, right, top = box
    rows = [row for row in text.split("\n") if row.strip()]
    height = (top - bottom) / max(1, len(rows))
    size = max(4.0, min(size or 11.0, 0.9 * height if size else 0.7 * height))
    first = top - 1.1 * size if len(rows) > 1 else (top + bottom) / 2 - 0.3 * size
    step = min(1.2 * size, height)
    for number, row in enumerate(rows):
        x, y = left, first - step * number
        letter = min(0.5 * size, max(0.1, (right - left) / len(row)))
        for part in row.split() if "[" not in row else [row]:
            style = Style(0, size, y, bold=False, mono=False, hidden=False)
            end = x + letter * len(part)
            word = Word([part], x, end, y, style, (min((x + end) / 2, right), y), spaced=True, field=True)
            words.frames.setdefault(0, []).append(word)
            x = end + 0.5 * letter


def put_bullets(words: PageWords, dots: Sequence[Box]) -> None:
    """Adds a bullet where a small shape or image is drawn before a line."""
    if len(dots) > _MOST_DOTS:
        return
    upright = words.frames.get(0, [])
    made = []
    for left, bottom, right, top in dots:
        middle = (bottom + top) / 2
        line = [word for word in upright if abs(word.y + 0.3 * word.size - middle) < 0.5 * word.size]
        after = min((word for word in line if word.x0 >= right - 1), key=lambda word: word.x0, default=None)
        if after is None or after.x0 - right > _FROM_BULLET * after.size or top - bottom > 1.5 * after.size:
            continue
        if any(word.x0 < right and word.x1 > left - 2 * after.size for word in line):
            continue
        made.append(Word(["•"], left, right, after.y, after.style, ((left + right) / 2, middle), after.drawn))
        after.spaced = True
    upright += made


def mark_comments(words: PageWords, comments: Sequence[Comment], first: int) -> None:
    """Adds a comment's mark to the last word that it covers, or else to the nearest word."""
    everything = [word for frame in words.frames.values() for word in frame]
    for number, comment in enumerate(comments, start=first):
        left, bottom, right, top = comment.box
        x, y = (left + right) / 2, (bottom + top) / 2
        under = [word for word in everything if _within(word, comment.box)]
        near = min(everything, key=lambda word: abs(word.at[0] - x) / 4 + abs(word.at[1] - y), default=None)
        word = under[-1] if under else near
        if word is not None:
            word.units.insert(0 if has_right_to_left(word.text) else len(word.units), f"[^c{number}]")


def _within(word: Word, box: Box) -> bool:
    left, bottom, right, top = box
    x, y = word.at
    return left - 1 <= x <= right + 1 and bottom - 1 <= y <= top + 1
