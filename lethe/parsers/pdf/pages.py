"""Reads one page of a PDF as lines and tables in reading order."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import pypdfium2.raw as pdfium

from lethe.parsers.pdf.drawn.alternatives import alternative_texts
from lethe.parsers.pdf.drawn.annotations import Box, Comment, annotations
from lethe.parsers.pdf.drawn.rules import drawing
from lethe.parsers.pdf.drawn.words import PageWords, Word, WordReader
from lethe.parsers.pdf.layout.bidi import has_right_to_left
from lethe.parsers.pdf.layout.blocks import TableBlock, TextFlow, TextLine
from lethe.parsers.pdf.layout.initials import join_initials
from lethe.parsers.pdf.layout.lines import Line, lines
from lethe.parsers.pdf.layout.order import reading_order
from lethe.parsers.pdf.layout.overlay import fill_in, mark_comments, put, put_bullets, take_out
from lethe.parsers.pdf.layout.rows import Row
from lethe.parsers.pdf.layout.scrambled import as_drawn, is_scrambled
from lethe.parsers.pdf.layout.tables import Grid, grids

_IMAGE = 40.0
"""Images of at least this size (points, each way) may contain text."""
_EDGE = 0.1
"""The fraction of a page's height, at top and bottom, in which running headers and footers are found."""
_DRAWING = 30
"""A page without text but with more shapes than this may show letters drawn as shapes."""
_LOWEST_BOX = 2.2
"""The least height of a text box, in font sizes; lower ones are form fields, or frame words within a line."""
_LONGEST_CELL = 9
"""The most lines in a cell. With more, the table only frames the page's layout, and its cells are read one by one."""


@dataclass(slots=True)
class Page:
    """The content of one page. `parts` are in reading order."""

    parts: list[TextFlow | TableBlock] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    letters: int = 0
    unreadable: int = 0
    outside: int = 0
    off: int = 0
    images: int = 0
    files: int = 0
    hidden_fields: int = 0
    cut: bool = False
    scrambled: bool = False
    plain: bool = False
    damaged: bool = False
    extent: tuple[float, float] = (0.0, 0.0)
    """The bottom and top of the page, in the frame of most of its text."""
    drawn: bool = False
    """Whether the page shows anything besides text."""

    def at_edge(self, line: TextLine) -> bool:
        """Whether a line is in the zone of headers and footers."""
        low, high = self.extent
        zone = _EDGE * (high - low)
        return not low + zone <= line.y <= high - zone


@dataclass(slots=True)
class _Block:
    """A table or text box, put into reading order together with the lines."""

    parts: list[TableBlock | TextFlow]
    x0: float
    x1: float
    y: float
    size: float
    drawn: int = 0
    letters: int = 1_000
    length: int = 100
    strong: bool = False
    labelled: bool = False


def read_page(
    document: Any,
    number: int,
    *,
    hidden: frozenset[str] = frozenset(),
    first_comment: int = 1,
    plain: bool = False,
) -> Page:
    """Page `number` (from 0) of an open pdfium document, without the `hidden` layers. Comment marks count from
    `first_comment`. `plain` skips tables and columns, for a document that takes too long."""
    form = document.formenv.raw if document.formenv else None
    page = document[number]
    notes = annotations(document.raw, page.raw, form)
    box = page.get_bbox()
    if pdfium.FPDFPage_GetAnnotCount(page.raw):
        pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY)
        page.close()  # reloaded, to see what was drawn into it
        page = document[number]
    text_page = page.get_textpage()
    drawn = drawing(page.raw, alternative_texts(page.raw))
    words = WordReader(text_page, box, hidden, drawn.upright).read()
    words.frames = {frame: join_initials(found) for frame, found in words.frames.items()}
    found = Page(plain=plain)
    found.unreadable, found.outside, found.cut = words.unreadable, words.outside, words.cut
    found.off = words.off
    found.files, found.hidden_fields, found.comments = notes.files, notes.hidden, notes.comments
    fill_in(words, notes)
    mark_comments(words, notes.comments, first_comment)
    found.letters = sum(len(word.units) for frame in words.frames.values() for word in frame)
    put_bullets(words, drawn.dots)
    for text, place in drawn.alternatives:
        put(words, " ".join(text.split()), place)
    scanned = any(word.style.hidden for frame in words.frames.values() for word in frame)
    found.images = 0 if scanned else sum(width >= _IMAGE <= height for width, height in drawn.images)
    found.drawn = bool(found.images) or drawn.shapes > _DRAWING
    if is_scrambled(word for frame in words.frames.values() for word in frame):
        found.scrambled = True
        found.parts = [as_drawn(text_page)]
    text_page.close()
    page.close()
    if found.scrambled:
        return found
    ruled = [] if plain else grids(drawn)
    blocks = _tables([grid for grid in ruled if len(grid.cells) > 1], words)
    blocks += _boxes([grid for grid in ruled if len(grid.cells) == 1], words)
    main = _main_frame(words)
    found.extent = _extent(box, main)
    for frame in sorted(words.frames, key=lambda frame: (frame != main, frame)):
        found.parts += _parts(words.frames[frame], blocks if frame == main else [], plain)
    return found


def _main_frame(words: PageWords) -> int:
    return max(
        words.frames, key=lambda frame: sum(len(word.units) for word in words.frames[frame]), default=0
    )


def _extent(box: Box, frame: int) -> tuple[float, float]:
    """The lowest and highest point of the box in the frame."""
    left, bottom, right, top = box
    cosine, sine = math.cos(math.radians(frame)), math.sin(math.radians(frame))
    heights = [y * cosine - x * sine for x in (left, right) for y in (bottom, top)]
    return min(heights), max(heights)


def _parts(words: list[Word], blocks: Sequence[_Block], plain: bool) -> list[TextFlow | TableBlock]:
    """The lines of one frame and the blocks, in reading order."""
    out: list[TextFlow | TableBlock] = []
    pieces: list[Any] = [*lines(words), *blocks]
    turned = sum(has_right_to_left(word.text) for word in words)
    for flow in reading_order(pieces, right_to_left=2 * turned > len(words), plain=plain):
        open_flow: TextFlow | None = None
        for row in flow.rows:
            here = [piece for piece in row.pieces if isinstance(piece, _Block)]
            texts = [piece for piece in row.pieces if isinstance(piece, Line)]
            if texts:
                if open_flow is None:
                    open_flow = TextFlow([], flow.tabular)
                    out.append(open_flow)
                open_flow.lines.append(_text_line(Row(list(texts), row.y, row.size)))
            if here:
                out += [part for piece in here for part in piece.parts]
                open_flow = None
    return out


def _text_line(row: Row) -> TextLine:
    pieces = [piece for piece in row.pieces if isinstance(piece, Line)]
    cells = [(piece.x0, piece.x1, piece.text()) for piece in pieces]
    right_to_left = 2 * sum(has_right_to_left(text) for _, _, text in cells) > len(cells)
    text = " ".join(text for _, _, text in (cells[::-1] if right_to_left else cells))
    whole = max(pieces, key=lambda piece: piece.letters)
    first = pieces[-1].words[-1] if right_to_left else pieces[0].words[0]
    return TextLine(
        text,
        min(piece.x0 for piece in pieces),
        max(piece.x1 for piece in pieces),
        row.y,
        whole.size,
        bold=all(piece.bold for piece in pieces),
        mono=all(piece.mono for piece in pieces),
        first=first.x1 - first.x0,
        turned=right_to_left,
        cells=cells,
    )


def _tables(found: Sequence[Grid], words: PageWords) -> list[_Block]:
    """The ruled tables with their words, which are removed from `words`."""
    out = []
    for grid in sorted(found, key=lambda grid: (grid.box[2] - grid.box[0]) * (grid.box[3] - grid.box[1])):
        held: dict[int, list[Word]] = {}
        for frame in words.frames.values():
            for word in frame:
                number = grid.cell_at(*word.at)
                if number is not None:
                    held.setdefault(number, []).append(word)
        if len(held) < 2:
            continue
        size = median(word.size for cell in held.values() for word in cell)
        cells = [_cell(held.get(number, [])) for number in range(len(grid.cells))]
        parts: list[TableBlock | TextFlow]
        if any(len(cell) > _LONGEST_CELL for cell in cells):
            parts = [
                TextFlow([_text_line(Row([line], line.y, line.size)) for line in cell])
                for cell in cells
                if cell
            ]
        else:
            rows = grid.rows([" ".join(line.text() for line in cell) for cell in cells])
            if max(len(row) for row in rows) < 2:
                continue
            parts = [TableBlock(rows, tuple(grid.xs), size)]
        take_out(words, [word for cell in held.values() for word in cell])
        left, _, right, top = grid.box
        out.append(_Block(parts, left, right, top - size, size))
    words.frames = {frame: kept for frame, kept in words.frames.items() if kept} or {0: []}
    return out


def _boxes(found: Sequence[Grid], words: PageWords) -> list[_Block]:
    """Text boxes with other text beside them, whose words are removed from `words`, since lines do not continue across
    them. A box is read before text of several lines around it."""
    out: list[_Block] = []
    for grid in sorted(found, key=lambda grid: grid.box[1] - grid.box[3]):
        inside = [word for word in words.frames.get(0, ()) if grid.cell_at(*word.at) is not None]
        left, bottom, right, top = grid.box
        size = median(word.size for word in inside) if inside else 0.0
        if not inside or top - bottom < _LOWEST_BOX * size or any(word.field for word in inside):
            continue
        mine = {id(word) for word in inside}
        beside = [word for word in words.frames[0] if bottom <= word.at[1] <= top and id(word) not in mine]
        free = [word.y for word in beside if not any(_parts_boxes(other, grid, word) for other in found)]
        if beside or any(abs(top - block.y - size) < size for block in out):
            y = top - size
            if free and max(free) - min(free) > 0.5 * size:
                y = max(y, max(free) + 0.5 * size)
            out.append(_Block(_parts(inside, [], plain=False), left, right, y, size))
            take_out(words, inside)
    words.frames = {frame: kept for frame, kept in words.frames.items() if kept} or {0: []}
    return out


def _parts_boxes(other: Grid, grid: Grid, word: Word) -> bool:
    """Whether the word is in `other`, a box next to `grid` that does not enclose it."""
    left, _, _, top = grid.box
    return other.cell_at(*word.at) is not None and other.cell_at(left + 1, top - 1) is None


def _cell(words: Sequence[Word]) -> list[Line]:
    """The lines of one cell, frame by frame."""
    frames: dict[int, list[Word]] = {}
    for word in words:
        frames.setdefault(word.style.frame, []).append(word)
    return [line for frame in frames.values() for line in lines(frame)]
