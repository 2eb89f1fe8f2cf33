"""Reads the words of a page: joins pdfium's characters by their positions.

A page's text may run in several directions: upright, up a margin, across as a watermark, down in columns of Japanese.
Each direction has its own frame, rotated so that its text runs from left to right.
"""

import ctypes
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

from lethe.parsers.pdf.drawn.characters import (
    as_object,
    get_object,
    get_unicode,
    loose_box,
    origin,
    tight_box,
)
from lethe.parsers.pdf.drawn.layers import is_hidden
from lethe.parsers.pdf.drawn.letters import Glyph, is_accent, runs_down, texts, with_marks
from lethe.parsers.pdf.drawn.rules import Rule, crosses

_BOLD = re.compile(r"bold|black|heavy|semib|demib|-bd|cmbx|sfbx|,b", re.IGNORECASE)
_ITALIC_MONO = re.compile(r"mono|courier|consol|typewriter|cmtt|sftt", re.IGNORECASE)
_GAP = 0.6
"""The gap between two letters, in font sizes, that always separates words. In smaller gaps pdfium decides, since it
knows the font's space."""
_TURNED_GAP = 0.17
"""The same for pieces of text that runs up or down: pdfium sees a new line after each, and no spaces."""
_BACK = 0.4
"""How far a letter may overlap the one before it, in the same unit."""
_TWICE = 0.12
"""The largest offset, in font sizes, of a letter drawn again as a shadow or to look bold."""
_SKEW = 3.0
"""How many degrees a scanned page may be turned without a frame of its own."""
_UPRIGHT = 0
_DOWN = 270
"""The frames, in degrees, of ordinary text and of text that runs down the page."""
_MIDDLE = 0.36
"""The middle of letters above their base line, in font sizes, at which turned letters and upright signs are aligned."""
_MOST_CHARACTERS = 400_000
"""The most characters read from a page; a dense newspaper page has 40,000."""
_FORCED_BOLD, _FIXED_PITCH = 1 << 18, 1


@dataclass(slots=True, frozen=True)
class Style:
    """The look of one drawn piece of text. `frame` is its direction in degrees, `size` its height in points."""

    frame: int
    size: float
    base: float
    """The height of its base line in the frame."""
    bold: bool
    mono: bool
    hidden: bool
    """Whether it is drawn invisibly, as text recognition does over a scan."""
    stacked: bool = False
    """Whether it is a column of upright signs."""


@dataclass(slots=True)
class Word:
    """A word in its frame: from `x0` to `x1`, on the base line `y`. `units` are its letters from left to right, a unit
    being the text of one glyph. `at` is its middle on the page."""

    units: list[str]
    x0: float
    x1: float
    y: float
    style: Style
    at: tuple[float, float]
    drawn: int = 0
    """The index of its first letter in drawing order."""
    spaced: bool = False
    """Whether a space was drawn before it."""
    leftward: bool = False
    """Whether it was drawn from right to left."""
    field: bool = False
    """Whether it is in a form field."""
    link: str | None = None
    shift: int = 0
    """1 for a raised word, -1 for a lowered one."""

    @property
    def size(self) -> float:
        return self.style.size

    @property
    def text(self) -> str:
        return "".join(self.units)


@dataclass(slots=True)
class PageWords:
    """The words of a page by frame, in drawing order, and counts of what cannot be shown."""

    frames: dict[int, list[Word]]
    unreadable: int = 0
    outside: int = 0
    off: int = 0
    """Letters on layers that are off."""
    cut: bool = False


class WordReader:
    """Reads the words of one page. `box` is its visible area, `walls` are its upright lines."""

    def __init__(
        self,
        text_page: Any,
        box: tuple[float, float, float, float],
        hidden: frozenset[str],
        walls: Sequence[Rule] = (),
    ) -> None:
        self._hidden = hidden
        self._walls = sorted(walls)
        self._page = text_page
        self._handle = ctypes.cast(text_page.raw, ctypes.c_void_p).value
        self._box = box
        self._out = PageWords({})
        self._word: Word | None = None
        self._glyphs: list[Glyph] = []
        self._space = False
        self._last_style: Style | None = None

    def read(self) -> PageWords:
        """All words of the page."""
        count = self._page.count_chars()
        self._out.cut = count > _MOST_CHARACTERS
        count = max(0, min(count, _MOST_CHARACTERS))
        handles, numbers = [self._handle] * count, range(count)
        codes = list(map(get_unicode, handles, numbers))
        objects = list(map(get_object, handles, numbers))
        boxes = (ctypes.c_float * (4 * count))()
        start = ctypes.addressof(boxes)
        list(map(loose_box, handles, numbers, range(start, start + 16 * count, 16)))
        index = 0
        while index < count:
            drawn = objects[index]
            end = index + 1
            while end < count and objects[end] == drawn:
                end += 1
            if drawn is not None and self._hidden and is_hidden(as_object(drawn), self._hidden):
                self._out.off += end - index
            elif drawn is not None:
                self._piece(index, codes[index:end], boxes[4 * index : 4 * end])
            elif 32 in codes[index:end]:  # pdfium's space in a gap; line ends follow from positions
                self._space = True
            index = end
        self._finish()
        return self._out

    def _piece(self, index: int, codes: list[int], boxes: list[float]) -> None:
        """The characters of one drawn piece of text, from number `index` on."""
        style = self._style(index, codes, boxes)
        cosine, sine = math.cos(math.radians(style.frame)), math.sin(math.radians(style.frame))
        said, unreadable = texts(codes)
        self._out.unreadable += unreadable
        for number, text in enumerate(said):
            if text == " ":
                self._space = True
            if text in ("", " "):
                continue
            left, top, right, bottom = boxes[4 * number : 4 * number + 4]
            box = (left, bottom, right, top)
            if not self._inside(box):
                self._out.outside += 1
                continue
            middle = ((left + right) / 2, (bottom + top) / 2)
            base = style.base
            if style.frame != _UPRIGHT:
                left, right, base = self._turned(index + number, style, cosine, sine, box)
            self._add((left, right, text), base, style, middle, index + number)

    def _inside(self, box: tuple[float, float, float, float]) -> bool:
        """Whether any part of the box is on the page."""
        left, bottom, right, top = self._box
        return box[0] < right and left < box[2] and box[1] < top and bottom < box[3]

    def _style(self, index: int, codes: list[int], boxes: list[float]) -> Style:
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFText_GetMatrix(self._page.raw, index, matrix)
        size = pdfium.FPDFText_GetFontSize(self._page.raw, index)
        flags = ctypes.c_int()
        name = ctypes.create_string_buffer(256)
        pdfium.FPDFText_GetFontInfo(self._page.raw, index, name, 256, flags)
        font = name.value.decode("latin-1")
        turn = 180.0 if size < 0 else 0.0
        angle = (math.degrees(math.atan2(matrix.b, matrix.a)) + turn) % 360
        quarter = round(angle / 90) * 90
        frame = quarter % 360 if abs(angle - quarter) <= _SKEW else round(angle) % 360
        height = abs(size) * math.hypot(matrix.c, matrix.d)
        stacked = frame == _UPRIGHT and runs_down(codes, boxes, height)
        frame = _DOWN if stacked else frame
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(self._page.raw, index, x, y)
        mode = pdfium.FPDFTextObj_GetTextRenderMode(pdfium.FPDFText_GetTextObject(self._page.raw, index))
        return Style(
            frame,
            height if math.isfinite(height) and height > 0.1 else 0.1,
            y.value,
            bool(_BOLD.search(font)) or bool(flags.value & _FORCED_BOLD) or mode == 2,
            bool(flags.value & _FIXED_PITCH) or bool(_ITALIC_MONO.search(font)),
            mode == 3,
            stacked,
        )

    def _turned(
        self, index: int, style: Style, cosine: float, sine: float, box: tuple[float, float, float, float]
    ) -> tuple[float, float, float]:
        """The start, end and base line of a character in its frame."""
        if style.stacked or style.frame % 90:  # the loose box of a slanted letter is too wide
            sides = (ctypes.c_double * 4)()
            start = ctypes.addressof(sides)
            if tight_box(self._handle, index, start, start + 8, start + 16, start + 24):
                box = (sides[0], sides[2], sides[1], sides[3])
        x, y = ctypes.c_double(), ctypes.c_double()
        origin(self._handle, index, ctypes.addressof(x), ctypes.addressof(y))
        left, bottom, right, top = box
        along = [a * cosine + b * sine for a in (left, right) for b in (bottom, top)]
        base = -x.value * sine + y.value * cosine
        if style.stacked:
            middle = (left + right) / 2
            base = middle if abs(x.value - middle) < style.size else base
        elif style.frame == _DOWN:
            base += _MIDDLE * style.size
        return min(along), max(along), base

    def _add(
        self,
        glyph: Glyph,
        base: float,
        style: Style,
        middle: tuple[float, float],
        drawn: int,
    ) -> None:
        """Adds a character to the current word, or begins a new one."""
        word = self._word
        apart = (self._space and not self._is_mark(glyph)) or self._behind_wall(glyph, style)
        if word is None or apart or not self._belongs(word, glyph, base, style):
            self._finish()
            left, right, _ = glyph
            self._word = Word([], left, right, base, style, middle, drawn, self._space)
            self._glyphs = [glyph]
            self._space = False
        self._last_style = style

    def _behind_wall(self, glyph: Glyph, style: Style) -> bool:
        """Whether a wall separates the glyph from the current word: it begins the next cell of a table."""
        word, near = self._word, 0.1 * style.size
        if word is None or style is self._last_style or style.frame != _UPRIGHT:
            return False
        return crosses(self._walls, word.x0, min(word.x1, glyph[0]) + near, style.base)

    def _is_mark(self, glyph: Glyph) -> bool:
        """Whether the glyph is an accent or vowel sign over the letter before it."""
        if not self._glyphs or not is_accent(glyph[2]):
            return False
        left, right, _ = self._glyphs[-1]
        size = max(self._word.size if self._word else 1.0, 1.0)
        return left - size < (glyph[0] + glyph[1]) / 2 < right + size

    def _belongs(self, word: Word, glyph: Glyph, base: float, style: Style) -> bool:
        """Adds the character to the word if it belongs there and was not drawn already. Returns whether it belongs."""
        left, right, text = glyph
        size = max(style.size, 1.0)
        if word.style.frame != style.frame or abs(base - word.y) >= _TWICE * size:
            return False
        last_left, last_right, last = self._glyphs[-1]
        mark = self._is_mark(glyph)
        if left == last_left and right == last_right and abs(style.size - word.size) < 0.01 and not mark:
            if style is self._last_style or text != last:  # a glyph of several letters
                self._glyphs[-1] = (left, right, last + text)
            return True
        if text == last and abs(left - last_left) < min(_TWICE * size, 0.5 * (right - left)):
            return True
        after, before = left - word.x1, word.x0 - right
        if before > _TURNED_GAP * size and not text.isalnum():
            return False  # in right-to-left text pdfium moves the space to the other side of a bracket
        same = style is self._last_style
        gap = (_GAP if same or style.stacked or style.frame % 180 == 0 else _TURNED_GAP) * size
        near = -_BACK * size < after < gap or -_BACK * size < before < gap
        near = near or (same and max(after, before) < _GAP * size)  # overlaps, in one drawn piece
        if style.size != word.size or not (mark or near):
            return False
        self._glyphs.append(glyph)
        if not mark:
            word.x0, word.x1 = min(left, word.x0), max(right, word.x1)
        return True

    def _finish(self) -> None:
        word, glyphs = self._word, self._glyphs
        if word is None:
            return
        letters = with_marks(glyphs)
        backwards = glyphs[-1][0] + glyphs[-1][1] < glyphs[0][0] + glyphs[0][1] and len(letters) > 1
        if backwards and not any(text.isascii() and text.isalnum() for _, _, text in letters):
            word.leftward = True
            letters.reverse()
        elif any(after[0] + after[1] < before[0] + before[1] for before, after in pairwise(letters)):
            letters.sort(key=lambda letter: letter[0] + letter[1])
        word.units = [text for _, _, text in letters]
        self._out.frames.setdefault(word.style.frame, []).append(word)
        self._word = None
