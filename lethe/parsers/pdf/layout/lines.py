"""Joins words to pieces of lines: words side by side on one base line, without a wide gap."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from lethe.parsers.markdown.inline import Run, inline, literal
from lethe.parsers.pdf.drawn.words import Word
from lethe.parsers.pdf.layout.bidi import has_right_to_left, mended_brackets, reading_order

_SAME_LINE = 0.25
"""The largest distance between base lines within one line, in font sizes."""
_WIDE = 0.9
"""A gap, in font sizes, that splits a line into two pieces; later steps decide whether they are read together."""
_WIDE_ELSEWHERE, _IN_TURN = 0.6, 6
"""The same if other text was drawn between the two words: more than this many letters."""
_FROM_MARKER = 5.0
"""The widest gap, in font sizes, between a list bullet and its text."""
_JOINED = 0.12
"""The offset from the base line, in font sizes, from which a small word is raised or lowered."""
_SMALL = 0.85
"""A raised or lowered word is smaller than this fraction of its neighbours' size."""
_MARKER = re.compile(r"[•●○◦▪■□▫◆◇‣⁃∙·➢➤►✓✔❑❖–—*-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]")
_LEADERS = re.compile(r"\s?(?:[.·]\s?){5,}|\s?_{9,}\s?")
_JOINING = re.compile("[\u0600-\u08ff]")
"""Arabic letters, which may extend into the space next to them."""
_STRIP, _MOST_ALIKE = 20.0, 50
"""The width of the strips, in points, in which duplicates of a word are searched, and the most compared in each."""
_SIGN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
"""Chinese and Japanese characters: a gap between them is not a space."""
_SPACED_OUT = 4
"""This many single letters in a row may be a letter-spaced word."""


@dataclass(slots=True)
class Line:
    """A piece of a line: its words from left to right, and its base line `y`."""

    words: list[Word]
    x0: float
    x1: float
    y: float
    size: float
    drawn: int

    @property
    def letters(self) -> int:
        return sum(len(word.units) for word in self.words)

    @property
    def length(self) -> int:
        return len(self.words)

    @property
    def strong(self) -> bool:
        return self.bold

    @property
    def labelled(self) -> bool:
        return any(word.field for word in self.words) or self.words[-1].text.endswith(":")

    @property
    def top(self) -> float:
        return self.y + 0.8 * self.size

    @property
    def bottom(self) -> float:
        return self.y - 0.2 * self.size

    @property
    def bold(self) -> bool:
        return _most(self.words, [word.style.bold for word in self.words])

    @property
    def mono(self) -> bool:
        return all(word.style.mono for word in self.words)

    def text(self) -> str:
        """The piece as inline markdown, in reading order; dot leaders become one `…`."""
        if any(
            word.shift or word.link or word.leftward or has_right_to_left(word.text) for word in self.words
        ):
            text = inline(runs(self.words))
        else:
            spaces = _spaces(self.words)
            text = literal(
                "".join(" " * space + word.text for word, space in zip(self.words, spaces, strict=True))
            )
        return _LEADERS.sub(" … ", text).strip()


def lines(words: Sequence[Word]) -> list[Line]:
    """The pieces of lines formed by the words of one frame, from top to bottom."""
    rows: list[list[Word]] = []
    for word in sorted(_once(words), key=lambda word: -word.y):
        if rows and abs(rows[-1][0].y - word.y) <= _SAME_LINE * min(rows[-1][0].size, word.size):
            rows[-1].append(word)
        else:
            rows.append([word])
    pieces = [piece for row in rows for piece in _pieces(row)]
    return _with_shifted(sorted(pieces, key=lambda line: (-line.y, line.x0)))


def runs(words: Sequence[Word]) -> list[Run]:
    """Words from left to right as runs in reading order."""
    spaces = _spaces(words)
    units: list[tuple[str, Run]] = []  # letters with their formats
    form = Run("")
    turned = False
    for word, space in zip(words, spaces, strict=True):
        before, form = form, Run("", raised=word.shift > 0, lowered=word.shift < 0, link=word.link)
        if space:
            units.append((" ", form if form == before else Run("")))
        turned = turned or has_right_to_left(word.text)
        units += [(unit, form) for unit in word.units]
    if not turned and _is_leftward(words):
        return _leftward_runs(words, spaces)
    if not turned:
        return [replace(form, text=unit) for unit, form in units]
    order = reading_order([unit for unit, _ in units])
    text = mended_brackets("".join(units[number][0] for number in order))
    out, at = [], 0
    for number in order:
        unit, form = units[number]
        out.append(replace(form, text=text[at : at + len(unit)]))
        at += len(unit)
    return out


def _is_leftward(words: Sequence[Word]) -> bool:
    """Whether the words were drawn from right to left, though their letters are not right-to-left in Unicode."""
    if not any(word.leftward for word in words):
        return False
    back = sum(before.drawn > after.drawn for before, after in pairwise(words))
    return back >= 0.7 * (len(words) - 1)


def _leftward_runs(words: Sequence[Word], spaces: Sequence[bool]) -> list[Run]:
    out: list[Run] = []
    for word, space in zip(words[::-1], spaces[::-1], strict=True):
        out += [Run("".join(word.units[::-1] if word.leftward else word.units)), Run(" " if space else "")]
    return out


def is_marker(words: Sequence[Word]) -> bool:
    """Whether the words are a list marker and nothing else."""
    return len(words) == 1 and bool(_MARKER.fullmatch(words[0].text))


def _once(words: Iterable[Word]) -> list[Word]:
    """Drops words that were drawn again, as a shadow or as recognised text under a scan."""
    seen: dict[tuple[str, int], list[Word]] = {}
    out = []
    for word in words:
        text, strip = word.text, int(word.x0 / _STRIP)
        near = [seen.get((text, at), ()) for at in (strip - 1, strip, strip + 1)]
        if not any(_covers(other, word) for same in near for other in same[-_MOST_ALIKE:]):
            seen.setdefault((text, strip), []).append(word)
            out.append(word)
    return out


def _covers(other: Word, word: Word) -> bool:
    apart, size = abs(other.y - word.y), word.style.size
    if apart > 0.5 * size:
        return False
    hidden = other.style.hidden != word.style.hidden
    near = (0.5 if hidden else 0.12) * size
    return (
        apart < near
        and abs(other.x0 - word.x0) < near
        and (hidden or abs(other.style.size - size) < 0.1 * size)
    )


def _pieces(row: list[Word]) -> list[Line]:
    row.sort(key=lambda word: (word.x0, word.x1))
    row[:-1] = [_as_bullet(word, after) for word, after in pairwise(row)]
    groups = [[row[0]]]
    end = row[0].x1
    for word in row[1:]:
        size = max(word.size, groups[-1][-1].size)
        if word.x0 - end > _widest(groups[-1], word) * size:
            groups.append([word])
        else:
            groups[-1].append(word)
        end = max(end, word.x1)
    return [line_of(group) for group in groups]


def _as_bullet(word: Word, after: Word) -> Word:
    """Replaces Word's round bullets, which are a monospaced letter `o` before text in another font."""
    apart = after.x0 - word.x1 > 0.5 * word.size
    alone = word.units == ["o"] and word.style.mono and not after.style.mono and apart
    return replace(word, units=["◦"]) if alone else word


def _widest(before: Sequence[Word], word: Word) -> float:
    """The widest gap, in font sizes, between a word and the words before it in one piece."""
    if is_marker(before):
        return _FROM_MARKER
    last = before[-1]
    longest = max(len(last.units), len(word.units))
    return _WIDE if abs(word.drawn - last.drawn) <= longest + _IN_TURN else _WIDE_ELSEWHERE


def line_of(words: list[Word]) -> Line:
    """The given words, from left to right, as one piece, with the size and base line of most of their letters."""
    letters: dict[float, int] = {}
    for word in words:
        letters[word.size] = letters.get(word.size, 0) + len(word.units)
    size = max(letters, key=lambda size: (letters[size], size))
    base = next(word.y for word in words if word.size == size)
    drawn = min(word.drawn for word in words)
    return Line(words, words[0].x0, max(word.x1 for word in words), base, size, drawn)


def _with_shifted(pieces: list[Line]) -> list[Line]:
    """Puts footnote marks, exponents and indices into the pieces that they belong to."""
    kept: list[Line] = []
    small: list[Line] = []
    for number, piece in enumerate(pieces):
        host = _host(piece, pieces, number)
        if host is None:
            kept.append(piece)
        else:
            small.append(piece)
            shift = 1 if piece.y > host.y else -1
            host.words += [replace(word, shift=shift) for word in piece.words]
    for line in kept:
        line.words.sort(key=lambda word: (word.x0, word.x1))
        line.x0, line.x1 = line.words[0].x0, max(word.x1 for word in line.words)
        for word in line.words:
            rise = word.y - line.y
            if word.size < _SMALL * line.size and abs(rise) > _JOINED * line.size:
                word.shift = 1 if rise > 0 else -1
    return kept


def _host(piece: Line, pieces: Sequence[Line], number: int) -> Line | None:
    """The larger piece next to which this small one is raised or lowered, searched among the nearest pieces."""
    if len(piece.words) > 8:
        return None
    for other in pieces[max(0, number - 12) : number + 13]:
        if piece.size >= _SMALL * other.size or other is piece:
            continue
        rise = (piece.y - other.y) / other.size
        beside = other.x0 - 0.5 * other.size <= piece.x1 and piece.x0 <= other.x1 + 0.35 * other.size
        apart = piece.x0 >= other.x1 - 0.35 * other.size or piece.x1 <= other.x0 + 0.35 * other.size
        within = any(
            before.x1 - 0.2 * other.size <= piece.x0 and piece.x1 <= after.x0 + 0.2 * other.size
            for before, after in pairwise(other.words)
        )
        if -0.55 < rise < 0.75 and beside and (apart or within):
            return other
    return None


def _spaces(words: Sequence[Word]) -> list[bool]:
    """Whether each word has a space before it."""
    out = [False]
    for before, after in pairwise(words):
        size = min(before.size, after.size)
        gap = after.x0 - before.x1
        shifted = before.shift != after.shift
        drawn = after.spaced or (has_right_to_left(before.text) and before.spaced)
        signs = _SIGN.match(before.text[-1:]) and _SIGN.match(after.text[:1])
        least = 0.5 if signs or (before.style.mono and after.style.mono) else 0.2 if shifted else 0.17
        overlap = -0.15 if _JOINING.search(before.text + after.text) else 0.05
        if drawn and before.leftward and not any(map(str.isalnum, after.text)):
            overlap = 0.15  # pdfium may put the space on the other side of a bracket
        out.append(gap > least * size or (drawn and gap > overlap * size))
    return _without_letter_spacing(words, out)


def _without_letter_spacing(words: Sequence[Word], spaces: list[bool]) -> list[bool]:
    """Reads `A n n u a l R e p o r t` as two words: even gaps between single letters, wider ones between words."""
    start = 0
    while start < len(words):
        end = start
        while end < len(words) and len(words[end].units) == 1 and words[end].units[0].isalnum():
            before, word = words[max(start, end - 1)], words[end]
            if end > start and (word.size != before.size or word.x0 - before.x1 < 0.05 * word.size):
                break
            end += 1
        if end - start >= _SPACED_OUT:
            gaps = [words[n].x0 - words[n - 1].x1 for n in range(start + 1, end)]
            even = median(gaps)
            wide = 1.6 * even + 0.05 * words[start].size
            typed = any(words[n].spaced for n in range(start + 1, end)) and max(gaps) <= wide
            if even < words[start].size and not typed:
                for number, gap in zip(range(start + 1, end), gaps, strict=True):
                    spaces[number] = gap > wide
        start = max(end, start + 1)
    return spaces


def _most(words: Sequence[Word], holds: Sequence[bool]) -> bool:
    letters = sum(len(word.units) for word in words)
    return 2 * sum(len(word.units) for word, yes in zip(words, holds, strict=True) if yes) > letters
