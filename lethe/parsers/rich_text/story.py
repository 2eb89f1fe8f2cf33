"""A run of paragraphs: the body of an rtf file, a note, a header, a box."""

from collections.abc import Callable

from lethe.parsers.markdown.blocks import Blocks
from lethe.parsers.markdown.grid import laid_out
from lethe.parsers.markdown.inline import Run, inline, like, literal
from lethe.parsers.rich_text.state import PLAIN, Paragraph, changed_form
from lethe.parsers.rich_text.tables import Definition, Table

_DEEPEST_TABLE = 20
_LIGHT = (("bold", False), ("italic", False))
_MARKS = {"footnote": "", "endnote": "e", "comment": "c"}


class Notes:
    """Holds notes and comments until the paragraph, list or table with their mark is written.

    `write` is called with the mark and text of each.
    """

    def __init__(self, write: Callable[[str, str], None]) -> None:
        self._write = write
        self._counts = dict.fromkeys(_MARKS, 0)
        self._new: list[tuple[str, str]] = []
        self._held: list[tuple[str, str]] = []

    def add(self, kind: str, text: str) -> str:
        """Takes a note and returns its mark: 1, 2 for footnotes, e1, e2 for endnotes, c1, c2 for comments."""
        self._counts[kind] += 1
        mark = f"{_MARKS[kind]}{self._counts[kind]}"
        self._new.append((mark, text))
        return mark

    def hold(self) -> None:
        """Makes the new notes part of the block being written: `put` writes them."""
        self._held += self._new
        self._new = []

    def put(self) -> None:
        """Writes the notes held."""
        held, self._held = self._held, []
        for mark, text in held:
            self._write(mark, text)


class Story:
    """Receives text and the ends of paragraphs, cells and rows, and writes blocks.

    `heading_level` returns the level of a heading, or 0 for other text. `notes` are written between blocks.
    """

    def __init__(self, out: Blocks, heading_level: Callable[[Paragraph], int], notes: Notes) -> None:
        self._out, self._heading_level, self._notes = out, heading_level, notes
        self._runs: list[tuple[Run, list[str]]] = []
        self._tables: list[Table] = []
        self.layout = Definition()
        self.in_row = False
        """Whether a row is open: then a paragraph is part of it in any case."""
        self.marker: str | None = None
        self.pieces = 0
        """The number of pieces of text so far, to detect new ones."""
        self.boxes: list[str] = []
        """Texts of boxes anchored in the paragraph, to be written after it."""

    def add(self, text: str, form: Run = PLAIN) -> None:
        """Adds text to the paragraph."""
        self.pieces += not text.isspace()
        if self._runs and self._runs[-1][0] is form:
            self._runs[-1][1].append(text)
        else:
            self._runs.append((form, [text]))

    def end_paragraph(self, paragraph: Paragraph) -> None:
        """Ends the paragraph, as part of a cell or as a block."""
        level = paragraph.level or (1 if self.in_row else 0)
        if not level:
            self._close_tables(0)
        text, marker, boxes = self._taken(plain=not level and self._heading_level(paragraph) > 0)
        if level:
            line = f"{marker} {text}" if marker and marker != "-" else text
            self._cell_of(level).lines += filter(str.strip, [line, *boxes])
            self._notes.hold()
            return
        self._block(text, marker, paragraph)
        for box in boxes:
            self._out.paragraph(box)

    def end_cell(self, paragraph: Paragraph, *, nested: bool = False) -> None:
        """Ends a cell, with its last paragraph."""
        level = max(2, paragraph.table_level) if nested else 1
        text, marker, boxes = self._taken()
        line = f"{marker} {text}" if marker and marker != "-" else text
        table = self._cell_of(level)
        table.lines += filter(str.strip, [line, *boxes])
        table.end_cell()
        self._notes.hold()
        self.in_row = True

    def end_row(self, paragraph: Paragraph, *, nested: bool = False) -> None:
        """Ends a row."""
        level = max(2, paragraph.table_level) if nested else 1
        self._cell_of(level).end_row(self.layout)
        if not nested:
            self.in_row = False

    def finish(self, paragraph: Paragraph) -> None:
        """Ends the story, with its last paragraph."""
        if self._runs or self.boxes:
            self.end_paragraph(paragraph)
        self._close_tables(0)

    def _taken(self, *, plain: bool = False) -> tuple[str, str | None, list[str]]:
        """Removes and returns the paragraph's text, marker and boxes. `plain` drops bold and italic, for headings."""
        if plain:
            self._runs = [(changed_form(form, _LIGHT), parts) for form, parts in self._runs]
        if all(form is PLAIN for form, _ in self._runs):
            text = literal("".join(["".join(parts) for _, parts in self._runs]))
        else:
            text = inline(like(form, "".join(parts)) for form, parts in self._runs)
        taken = text, self.marker, self.boxes
        self._runs, self.marker, self.boxes = [], None, []
        return taken

    def _block(self, text: str, marker: str | None, paragraph: Paragraph) -> None:
        level = self._heading_level(paragraph)
        is_item = not level and (marker is not None or paragraph.listed)
        if not text.strip():
            return
        if not is_item:
            self._notes.put()
        if level:
            self._out.heading(level, f"{marker} {text}" if marker and marker != "-" else text)
        elif is_item:
            self._out.item(text, paragraph.depth, marker or "-")
        else:
            self._out.paragraph(text)
        self._notes.hold()
        if not is_item:
            self._notes.put()

    def _cell_of(self, level: int) -> Table:
        """The table of this level, begun if there is none; deeper tables end, and become part of its open cell."""
        level = min(level, _DEEPEST_TABLE)
        self._close_tables(level)
        if not self._tables:
            self._notes.put()
        while len(self._tables) < level:
            self._tables.append(Table())
        return self._tables[-1]

    def _close_tables(self, level: int) -> None:
        while len(self._tables) > level:
            table = self._tables.pop()
            table.end_row(self.layout)
            if self._tables:
                self._tables[-1].lines += table.texts()
            else:
                self._out.table(laid_out(table.grid_rows()))
                self._notes.put()


def marker_of(text: str) -> str:
    """A list marker as it is written, such as "1." or "a)"; "-" for any bullet."""
    text = text.strip()
    is_sign = text == "o" or not any(letter.isalnum() for letter in text)
    return "-" if text and is_sign else text
