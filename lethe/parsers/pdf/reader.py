"""Converts a whole PDF to markdown: pages, headings, tables that continue over pages, notes, and warnings."""

import re
import time
from collections import Counter
from collections.abc import Sequence

import pypdfium2

from lethe.parsers.markdown.inline import literal
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.pdf.drawn.annotations import Comment
from lethe.parsers.pdf.drawn.layers import hidden_layers
from lethe.parsers.pdf.headings import Sizes, is_large, is_strong, levels
from lethe.parsers.pdf.layout.blocks import (
    Paragraph,
    TableBlock,
    TextFlow,
    goes_on,
    item_parts,
    paragraphs,
)
from lethe.parsers.pdf.layout.hyphens import Words
from lethe.parsers.pdf.losses import tell
from lethe.parsers.pdf.pages import Page, read_page
from lethe.parsers.pdf.running import drop_repeated
from lethe.parsers.source import Reading, Source

_LAYOUT_SECONDS = 60.0
"""CPU time after which the remaining pages are read without columns and tables, to finish within
`limits.parse_cpu_seconds`. A page takes 0.03 s."""
_MARK = re.compile(r"\[\^c(\d+)\]")
_NO_TITLE = re.compile(
    r"(?:untitled|title|document\d*|powerpoint presentation|microsoft (?:word|excel|powerpoint)\b.*|"
    r".*\.\w{2,5}|\W*|\d+)",
    re.IGNORECASE,
)

Block = Paragraph | TableBlock


def read_pdf(source: Source) -> Reading:
    """Reads a PDF after `check_pdf`. Raises InputRejected if no page is readable or none has text."""
    data = source.read()
    with pypdfium2.PdfDocument(data) as document:
        document.init_forms()
        pages = _pages(document, hidden_layers(data))
        if all(page.damaged for page in pages):
            raise source.rejected("is damaged: none of its pages can be read")
        if not any(page.letters for page in pages):
            raise source.rejected(
                "has no text and probably is scanned: run text recognition (OCR) on it first"
            )
        writer = Writer(source)
        tell(writer, document.raw, pages)
        title = document.get_metadata_value("Title")
    drop_repeated(pages)
    _Document(writer, pages).write()
    return writer.reading(None if _NO_TITLE.fullmatch(title.strip()) else title, len(pages))


def _pages(document: pypdfium2.PdfDocument, hidden: frozenset[str]) -> list[Page]:
    deadline = time.process_time() + _LAYOUT_SECONDS
    pages: list[Page] = []
    comments = 1
    for number in range(len(document)):
        plain = time.process_time() > deadline
        try:
            page = read_page(document, number, hidden=hidden, first_comment=comments, plain=plain)
        except pypdfium2.PdfiumError:
            page = Page(damaged=True)
        pages.append(page)
        comments += len(pages[-1].comments)
    return pages


class _Document:
    """Writes the pages that were read."""

    def __init__(self, writer: Writer, pages: Sequence[Page]) -> None:
        self._writer = writer
        self._words = Words()
        self._comments = [comment for page in pages for comment in page.comments]
        self._noted: set[int] = set()
        sizes = Sizes(Counter())
        for page in pages:
            for part in page.parts:
                if isinstance(part, TextFlow):
                    self._learn(part, sizes)
                else:
                    sizes.letters[round(2 * part.size)] += sum(len(cell) for row in part.rows for cell in row)
        self._body = sizes.body
        self._strong = 2 * sizes.bold < sizes.letters.total()
        self._blocks = [_blocks(page) for page in pages]
        large = [
            block.size
            for page in self._blocks
            for block in page
            if isinstance(block, Paragraph) and is_large(block, self._body)
        ]
        self._levels = levels(large)
        self._continued = _continued(pages, self._blocks)

    def _learn(self, flow: TextFlow, sizes: Sizes) -> None:
        before = ""
        for line in flow.lines:
            self._words.learn(line.text, before)
            before = line.text
            sizes.letters[round(2 * line.size)] += len(line.text)
            sizes.bold += line.bold * len(line.text)

    def write(self) -> None:
        """Writes all pages in order, then the remaining comments."""
        for number, blocks in enumerate(self._blocks, start=1):
            self._writer.place(number)
            for block in blocks:
                if isinstance(block, TableBlock):
                    self._table(block)
                else:
                    self._paragraph(block)
        for number in range(1, len(self._comments) + 1):
            self._note(number)

    def _table(self, block: TableBlock) -> None:
        if id(block) in self._continued:
            width = max(len(row) for row in block.rows)
            for row in block.rows:
                self._writer.row(row, width)
        else:
            self._writer.table(block.rows)
        for number in _MARK.findall(" ".join(" ".join(row) for row in block.rows)):
            self._note(int(number))

    def _paragraph(self, block: Paragraph) -> None:
        text = block.text(self._words)
        if block.kind == "rows":
            self._writer.table(block.cells)
        elif block.kind == "code":
            self._code(block)
        elif is_large(block, self._body):
            self._writer.heading(self._levels[round(2 * block.size)], text)
        elif self._strong and is_strong(block, self._body):
            self._writer.heading(max(self._levels.values(), default=0) + 1, text)
        elif block.kind == "item":
            mark, text = item_parts(text)
            self._writer.item(text, block.depth, mark)
        else:
            self._writer.paragraph(text)
        for number in _MARK.findall(text):
            self._note(int(number))

    def _code(self, block: Paragraph) -> None:
        """Writes lines in a monospaced font as code, with their indentation and empty lines."""
        if len(block.lines) < 2:
            self._writer.paragraph(block.text(self._words))
            return
        left = min(line.x0 for line in block.lines)
        out, above = [], block.lines[0].y
        for line in block.lines:
            out += [""] * (above - line.y > 1.8 * line.size)
            text, end = "", left
            for x0, x1, cell in line.cells:
                letter = max(0.3 * line.size, (x1 - x0) / max(1, len(cell)))
                text += " " * round((x0 - end) / letter) + cell
                end = x1
            out.append(text)
            above = line.y
        self._writer.code("\n".join(out).replace("\\<", "<"))

    def _note(self, number: int) -> None:
        if 0 < number <= len(self._comments) and number not in self._noted:
            self._noted.add(number)
            self._writer.note(f"c{number}", _comment(self._comments[number - 1]))


def _comment(comment: Comment) -> str:
    return literal(f"{comment.author}: {comment.text}" if comment.author else comment.text)


def _blocks(page: Page) -> list[Block]:
    """The blocks of the page. Paragraphs may continue across the columns between two tables."""
    out: list[Block] = []
    flows: list[TextFlow] = []
    for part in page.parts:
        if isinstance(part, TextFlow):
            flows.append(part)
        else:
            out += [*paragraphs(flows), part]
            flows = []
    return out + paragraphs(flows)


def _continued(pages: Sequence[Page], blocks: list[list[Block]]) -> set[int]:
    """The `id()` of each table that continues the last table of the page before. The footer and header between them are
    moved out of the way, before the table's first rows or after its last, and a repeated table header is dropped.
    Paragraphs that continue are joined."""
    found: dict[int, list[str]] = {}  # with the table's header
    for number in range(1, len(pages)):
        before, after = blocks[number - 1], blocks[number]
        last = next((n for n in range(len(before))[::-1] if not _is_edge(pages[number - 1], before[n])), None)
        first = next((n for n in range(len(after)) if not _is_edge(pages[number], after[n])), None)
        if last is None or first is None:
            continue
        one, other = before[last], after[first]
        if isinstance(one, Paragraph) and isinstance(other, Paragraph):
            if goes_on(one, other):
                one.lines += other.lines
                del after[first]
        elif isinstance(one, TableBlock) and isinstance(other, TableBlock) and _same_columns(one, other):
            between = before[last + 1 :] if id(one) in found else []
            del before[len(before) - len(between) :]
            before.append(before.pop(last))
            after[: first + 1] = [other, *between, *after[:first]]
            header = found.get(id(one), one.rows[0])
            if len(other.rows) > 1 and other.rows[0] == header:
                del other.rows[0]
            found[id(other)] = header
    return set(found)


def _same_columns(one: TableBlock, other: TableBlock) -> bool:
    return len(one.xs) == len(other.xs) and all(abs(a - b) < 6 for a, b in zip(one.xs, other.xs, strict=True))


def _is_edge(page: Page, block: Block) -> bool:
    """Whether the block may be a running header or footer: a single line at the page's edge."""
    return isinstance(block, Paragraph) and len(block.lines) == 1 and page.at_edge(block.lines[0])
