"""Joins lines to blocks: paragraphs, list items, code, and rows that look like a table."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from statistics import median

from lethe.parsers.pdf.layout.bidi import mended_brackets
from lethe.parsers.pdf.layout.hyphens import HYPHEN, Words

_ITEM = re.compile(
    r"([•●○◦▪■□▫◆◇‣⁃∙·➢➤►✓✔❑❖]|[–—*-](?=\s)|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)](?=\s))\s*(?=\S)"
)
_SURE = re.compile(r"[•●○◦▪■▫◆◇‣⁃∙➢➤►❑❖]")
"""Marks that always begin an item at the start of a line."""
_BULLETS = "•●○◦▪■▫◆◇‣⁃∙·➢➤►❑❖–—*-"
_ENDS = re.compile(r"[.!?:;。！？…]['\"”’»)\]]*$")
_LED = re.compile(r" … [\divxlc]+$")
"""The end of a line in a table of contents."""
_WIDEST_STEP = 2.6
"""The largest distance between base lines in a paragraph, in font sizes: a little more than double spacing."""
_GAP_OF_TABLES = 2.5
"""The distance between a table and the next, as a multiple of the distance between rows."""
_EVEN = 0.8
_FEWEST_COLUMNS = _FEWEST_ROWS = 3


@dataclass(slots=True)
class TextLine:
    """A line of text. `first` is the width of its first word; `cells` are its pieces (start, end, text)."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool = False
    mono: bool = False
    first: float = 0.0
    room: float = 0.0
    """The free width after it in its column."""
    turned: bool = False
    """Whether it runs from right to left."""
    cells: list[tuple[float, float, str]] = field(default_factory=list)


@dataclass(slots=True)
class TableBlock:
    """A ruled table; `xs` are the edges of its columns, `size` is its font size."""

    rows: list[list[str]]
    xs: tuple[float, ...]
    size: float


@dataclass(slots=True)
class TextFlow:
    """Lines that follow each other in one column."""

    lines: list[TextLine]
    tabular: bool = False


@dataclass(slots=True)
class Paragraph:
    """A block of text. `kind` is text, item, code or rows (with `cells`)."""

    kind: str
    lines: list[TextLine]
    depth: int = 0
    cells: list[list[str]] = field(default_factory=list)

    @property
    def size(self) -> float:
        return self.lines[0].size

    def text(self, words: Words) -> str:
        """Its lines joined, with a line end only where one was intended."""
        text = self.lines[0].text
        for before, line in pairwise(self.lines):
            apart = len(before.cells) > 1 or len(line.cells) > 1 or _LED.search(before.text)
            if apart or (_was_ended(before, line) and not HYPHEN.search(text)):
                text += "\n" + line.text
            else:
                text = words.join(text, line.text)
        return mended_brackets(text) if self.lines[0].turned and "](" not in text else text


def paragraphs(flows: Sequence[TextFlow]) -> list[Paragraph]:
    """The blocks of the flows, in order. A paragraph continues in the next column if its sentence does."""
    out: list[Paragraph] = []
    for flow in chain.from_iterable(map(_parted, flows)):
        table = _unruled(flow) if flow.tabular else None
        if table:
            out.append(table)
            continue
        made = _split(flow)
        if out and made and out[-1].kind == made[0].kind == "code":
            out[-1].lines += made.pop(0).lines
        if out and made and goes_on(out[-1], made[0]):
            out[-1].lines += made.pop(0).lines
        out += made
    return out


def goes_on(before: Paragraph, after: Paragraph) -> bool:
    """Whether `after` continues the paragraph `before` in the next column or on the next page."""
    last, first = before.lines[-1], after.lines[0]
    return (
        before.kind in ("text", "item")
        and after.kind == "text"
        and abs(last.size - first.size) < 0.08 * last.size
        and last.bold == first.bold
        and not _ENDS.search(last.text)
        and first.text[:1].islower()
    )


def _split(flow: TextFlow) -> list[Paragraph]:
    lines = flow.lines
    whole = [line for line in lines if len(line.cells) < 2] or lines
    left, right = min(line.x0 for line in whole), max(line.x1 for line in whole)
    _give_room(lines, left, right)
    steps = [a.y - b.y for a, b in pairwise(lines) if 0 < a.y - b.y < 3 * a.size]
    leading = median(steps) if steps else 0.0
    usual = median(line.size for line in lines)
    out: list[Paragraph] = []
    margins: list[float] = []  # where the open items begin
    before: TextLine | None = None
    for line in lines:
        block = out[-1] if out else None
        ended = before is None or _apart(before, line, leading)
        code = before is not None and before.mono and line.mono
        if before and leading > 1.8 * line.size and not code and _was_ended(before, line):
            ended = True
        if _begins_item(block, before, line, ended, usual):
            while margins and margins[-1] > line.x0 - 0.5 * line.size:
                margins.pop()
            out.append(Paragraph("item", [line], len(margins)))
            margins.append(line.x0)
        elif block and before and not ended and _same_block(block, before, line, left):
            block.lines.append(line)
        else:
            if not (margins and line.x0 > margins[0] + 0.5 * line.size):
                margins.clear()
            out.append(Paragraph("code" if line.mono else "text", [line]))
        before = line
    for block in out:
        _narrow(block.lines)
    return out


def _narrow(lines: Sequence[TextLine]) -> None:
    """Takes the margins of a paragraph from its own lines if they are even: it may be narrower than its column."""
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    even = sum(line.x1 - line.x0 > _EVEN * (right - left) for line in lines[:-1])
    if len(lines) > _FEWEST_ROWS and even >= _EVEN * (len(lines) - 1):
        _give_room(lines, left, right)


def _begins_item(
    block: Paragraph | None, before: TextLine | None, line: TextLine, ended: bool, usual: float
) -> bool:
    """Whether the line begins a list item. Text may begin with a number or dash by chance; headings may be numbered."""
    if _SURE.match(line.text):
        return True
    if not _ITEM.match(line.text) or line.mono or len(line.cells) > 1:
        return False
    if line.text[0].isalnum() and (line.bold or line.size > 1.1 * usual):
        return False
    if before is None or ended or _was_ended(before, line) or line.x0 > before.x0 + 0.5 * line.size:
        return True
    return block is not None and block.kind == "item"


def _apart(before: TextLine, line: TextLine, leading: float) -> bool:
    """Whether the lines are too far apart for one paragraph, or differ in font."""
    step = before.y - line.y
    if before.mono and line.mono:
        return not -0.5 * line.size < step < 2 * _WIDEST_STEP * line.size
    widest = max(1.35 * leading, 1.5 * max(before.size, line.size)) if leading else 1.6 * before.size
    widest = min(widest, _WIDEST_STEP * max(before.size, line.size))
    return (
        step > widest
        or step < -0.5 * line.size
        or abs(before.size - line.size) > 0.12 * before.size
        or before.mono != line.mono
        or (before.bold != line.bold)
    )


def _same_block(block: Paragraph, before: TextLine, line: TextLine, left: float) -> bool:
    if block.kind == "item":
        if _ENDS.search(before.text) and _was_ended(before, line):
            return False
        hanging = line.x0 > block.lines[0].x0 + 0.3 * line.size
        return hanging or len(block.lines) == 1 or abs(line.x0 - before.x0) < 1
    if line.turned or block.kind == "code":
        return True
    indented = line.x0 - before.x0
    first = len(block.lines) == 1 and before.x0 > left + 0.5 * line.size
    return not (0.7 * line.size < indented < 4 * line.size) or first


def _was_ended(before: TextLine, line: TextLine) -> bool:
    """Whether the line was ended on purpose: the next line's first word would have fitted."""
    return before.room > line.first + 0.6 * line.size


def _give_room(lines: Sequence[TextLine], left: float, right: float) -> None:
    for line in lines:
        line.room = line.x0 - left if line.turned else right - line.x1


def item_parts(text: str) -> tuple[str, str]:
    """The marker of an item, and its text."""
    match = _ITEM.match(text)
    if match is None:
        return "-", text
    return ("-" if match[1] in _BULLETS else match[1]), text[match.end() :]


def _parted(flow: TextFlow) -> list[TextFlow]:
    """Splits a tabular flow into its tables and the lines of text above and below them."""
    beside = [number for number, line in enumerate(flow.lines) if len(line.cells) > 1]
    if not flow.tabular or not beside:
        return [flow]
    steps = [above.y - below.y for above, below in pairwise(flow.lines)]
    usual = median(steps) if steps else 0.0
    ends = {
        beside[0],
        beside[-1] + 1,
        *(n for n, step in enumerate(steps, 1) if step > _GAP_OF_TABLES * usual),
    }
    parts = [flow.lines[start:end] for start, end in pairwise(sorted({0, *ends, len(flow.lines)}))]
    return [TextFlow(lines, any(len(line.cells) > 1 for line in lines)) for lines in parts]


def _unruled(flow: TextFlow) -> Paragraph | None:
    """The flow as a table if its pieces form at least three columns, half filled; else None."""
    rows = flow.lines
    if len(rows) < _FEWEST_ROWS or all(row.mono for row in rows):
        return None
    spans: list[list[float]] = []
    for x0, x1, _ in sorted(cell for row in rows for cell in row.cells):
        if spans and x0 < spans[-1][1] + 1:
            spans[-1][1] = max(spans[-1][1], x1)
        else:
            spans.append([x0, x1])
    if len(spans) < _FEWEST_COLUMNS:
        return None
    table = []
    for row in rows:
        cells = [""] * len(spans)
        for x0, _, text in row.cells:
            column = max(number for number, span in enumerate(spans) if span[0] <= x0 + 0.01)
            cells[column] = f"{cells[column]} {text}".strip()
        table.append(cells)
    filled = sum(bool(cell) for row in table for cell in row)
    return Paragraph("rows", rows, cells=table) if 2 * filled >= len(rows) * len(spans) else None
