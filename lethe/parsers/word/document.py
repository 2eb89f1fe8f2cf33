"""Reads Word documents (docx) from their XML.

office-oxide, which reads the old formats, lacks too much here: formulas, numbers of lists and headings, deleted rows
and paragraph ends, first-page headers, alternative texts, symbols and ruby.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.blocks import Blocks, Lines
from lethe.parsers.markdown.grid import Cell, laid_out
from lethe.parsers.markdown.inline import inline
from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.openxml.alternates import ALTERNATES, chosen
from lethe.parsers.openxml.charts import write_chart
from lethe.parsers.openxml.diagrams import write_diagram
from lethe.parsers.openxml.drawing_text import line
from lethe.parsers.openxml.formulas import MATH
from lethe.parsers.openxml.names import A, R, W
from lethe.parsers.openxml.package import Package
from lethe.parsers.openxml.properties import title
from lethe.parsers.source import Reading, Source
from lethe.parsers.word.drawings import Anchored
from lethe.parsers.word.inserted import Inserted
from lethe.parsers.word.notes import Notes
from lethe.parsers.word.numbering import Numbering
from lethe.parsers.word.runs import DELETED, RunReader, Words, is_continued
from lethe.parsers.word.styles import PLAIN, Style, Styles
from lethe.parsers.word.tables import cells, rows

_SILENT = frozenset({W + "sectPr", W + "sdtPr", W + "sdtEndPr", W + "tcPr", W + "customXmlPr"})
_INLINE = frozenset({W + "r", W + "hyperlink", W + "fldSimple", W + "smartTag"}) | MATH


def read_word(source: Source, inserted: Inserted | None = None) -> Reading:
    """Reads a docx. Headers come first and footers last, each once; a note follows the paragraph, list or table with
    its mark.

    Args: inserted: reads inserted files; the outer file's, if this file is inserted itself.

    Raises InputRejected for a main part that is damaged or declares XML entities.
    """
    with Package(source) as package:
        writer = Writer(source)
        left_out = LeftOut()
        _write(source, package, writer, left_out, inserted or Inserted(read_word))
        left_out.damaged(package.damaged)
        writer.tell(left_out)
        return writer.reading(title(package))


def _write(source: Source, package: Package, writer: Writer, left_out: LeftOut, inserted: Inserted) -> None:
    main = package.main_part() or "word/document.xml"
    document = _Document.of(source, package, main, left_out, inserted)
    kinds = {"header": "", "footer": ""}
    for kind in kinds:
        texts: dict[str, None] = {}
        for relation in document.related(kind):
            root = package.tree(relation)
            if root is not None:
                part = Writer(source)
                _Story(document, relation).write(root, part)
                texts[part.text()] = None
        kinds[kind] = "\n".join(texts)
    writer.include(Reading(kinds["header"]))
    _Story(document, main).write(package.blocks(main, W + "body"), writer)
    writer.include(Reading(kinds["footer"]))


@dataclass(slots=True)
class _Document:
    """The state that all parts of one docx share."""

    source: Source
    package: Package
    main: str
    styles: Styles
    numbering: Numbering
    notes: Notes
    left_out: LeftOut
    inserted: Inserted

    @classmethod
    def of(
        cls, source: Source, package: Package, main: str, left_out: LeftOut, inserted: Inserted
    ) -> "_Document":
        parts: dict[str, str] = {}
        for relation in package.relations(main).values():
            if not relation.external:
                parts.setdefault(relation.kind, relation.target)

        def root(kind: str) -> Element | None:
            return package.tree(parts[kind]) if kind in parts else None

        styles = Styles(root("styles"))
        numbering = Numbering(root("numbering"), styles)
        return cls(source, package, main, styles, numbering, Notes(package, parts), left_out, inserted)

    def related(self, kind: str) -> list[str]:
        """The names of the parts of this kind to which the main part refers."""
        found = self.package.relations(self.main).values()
        return list(dict.fromkeys(one.target for one in found if one.kind == kind and not one.external))


class _Story:
    """The text of one part: the body, a header, a note."""

    def __init__(self, document: _Document, part: str) -> None:
        self._document = document
        self._relations = document.package.relations(part)
        self._runs = RunReader(self._relations, document.styles, document.notes, document.left_out)
        self._carried: Words | None = None
        """The content of a paragraph that the next one continues."""
        self._waiting: list[Anchored] = []
        """Drawings to be written after the current list."""

    def write(self, elements: Iterable[Element], blocks: Blocks) -> None:
        """Writes a whole text: the body, a cell, a text box."""
        outer = self._take_carried()
        self._blocks(elements, blocks)
        left = self._take_carried()
        if left is not None:
            self._put(left, None, blocks)
        self._settle(blocks)
        self._carried = outer

    def flat(self, elements: Iterable[Element]) -> str:
        """A whole text as lines, for a cell or note."""
        lines = Lines()
        self.write(elements, lines)
        return lines.text()

    def _blocks(self, elements: Iterable[Element], blocks: Blocks) -> None:
        for element in elements:
            tag = element.tag
            if tag == W + "p":
                self._paragraph(element, blocks)
            elif tag == W + "tbl":
                self._settle(blocks)
                self._table(element, blocks)
                self._settle(blocks)
            elif tag == ALTERNATES:
                self._blocks(chosen(element), blocks)
            elif tag in _INLINE:
                self._put(self._runs.read([element], PLAIN), None, blocks)
            elif tag == W + "altChunk":
                self._settle(blocks)
                self._inserted(element, blocks)
            elif tag not in _SILENT and tag not in DELETED:
                self._blocks(element, blocks)

    def _paragraph(self, element: Element, blocks: Blocks) -> None:
        properties = element.find(W + "pPr")
        style = self._document.styles.of_paragraph(properties)
        words = self._runs.read(element, style.form, self._take_carried())
        if is_continued(properties):
            self._carried = words
        else:
            self._put(words, style, blocks)

    def _take_carried(self) -> Words | None:
        carried, self._carried = self._carried, None
        return carried

    def _put(self, words: Words, style: Style | None, blocks: Blocks) -> None:
        """Writes a paragraph, heading or list item."""
        heading = style.heading if style is not None else None
        text = inline(replace(run, bold=False) if heading else run for run in words.runs)
        label = None
        if style is not None and (text.strip() or not words.hidden):
            label = self._document.numbering.label(style)
        item = label is not None and not heading
        if not item:
            self._settle(blocks)
        if heading:
            blocks.heading(
                heading, f"{label.text} {text}" if label and label.text != "-" and text.strip() else text
            )
        elif label is not None:
            blocks.item(text, label.depth, label.text)
        else:
            blocks.paragraph(text)
        self._document.notes.wait(words.notes)
        self._waiting += words.anchored
        if not item:
            self._settle(blocks)

    def _settle(self, blocks: Blocks) -> None:
        """Writes what waits for the end of a list: drawings, and (not in a cell) notes."""
        if isinstance(blocks, Writer):
            for note in self._document.notes.waiting():
                blocks.note(note.mark, note.author + _Story(self._document, note.part).flat(note.content))
        waiting, self._waiting = self._waiting, []
        for anchored in waiting:
            self._drawing(anchored, blocks)
            self._settle(blocks)

    def _table(self, table: Element, blocks: Blocks) -> None:
        found = [list(cells(row)) for row in rows(table, self._document.left_out)]
        if len(found) == 1 and len(found[0]) == 1 and found[0][0][0] is not None:  # a frame around text
            self.write(found[0][0][0], blocks)
            return
        blocks.table(
            laid_out(
                [
                    [Cell("" if cell is None else self.flat(cell), columns) for cell, columns in row]
                    for row in found
                ]
            )
        )

    def _drawing(self, anchored: Anchored, blocks: Blocks) -> None:
        if anchored.kind == "box" and anchored.content is not None:
            self.write(anchored.content, blocks)
        elif anchored.kind == "drawn" and anchored.content is not None:
            for paragraph in anchored.content.iter(A + "p"):
                blocks.paragraph(line(paragraph, self._relations))
        elif anchored.words:
            blocks.paragraph(anchored.words)
        elif anchored.kind == "chart":
            write_chart(self._document.package, anchored.part, blocks)
        else:
            write_diagram(self._document.package, anchored.part, blocks)

    def _inserted(self, element: Element, blocks: Blocks) -> None:
        relation = self._relations.get(element.get(R + "id", ""))
        if relation is None or relation.external:
            return
        data = self._document.package.data(relation.target)
        if data:
            self._document.inserted.write(self._document.source, data, blocks, self._document.left_out)
