"""Writes blocks in order: paragraphs, headings, lists, tables, sections, boxes."""

from xml.etree.ElementTree import Element

from lethe.parsers.markdown.blocks import Blocks, Lines
from lethe.parsers.markdown.inline import literal
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.opendocument.body.charts import chart_table, chart_titles
from lethe.parsers.opendocument.body.controls import shown
from lethe.parsers.opendocument.body.drawings import (
    GROUPS,
    OBJECTS,
    alternative,
    described,
    embedded,
    form_of,
)
from lethe.parsers.opendocument.body.formulas import formula
from lethe.parsers.opendocument.body.line import Line
from lethe.parsers.opendocument.body.tables import Rows, rows_of
from lethe.parsers.opendocument.package.document import Document
from lethe.parsers.opendocument.package.elements import number, words
from lethe.parsers.opendocument.package.numbering import List
from lethe.parsers.opendocument.package.styles import Styles

_DEEPEST = 20
"""The deepest nesting of cells and notes. Deeper ones are read as plain words."""
_LISTS = ("text:list", "text:ordered-list", "text:unordered-list")
_LEFT_OUT = frozenset({
    "dc:creator", "dc:date", "draw:page-thumbnail", "loext:sender-initials", "meta:date-string", "office:dde-source",
    "office:event-listeners", "office:forms", "svg:desc", "svg:title", "table:calculation-settings",
    "table:consolidation", "table:content-validations", "table:data-pilot-tables", "table:database-ranges",
    "table:label-ranges", "table:named-expressions", "table:tracked-changes", "text:alphabetical-index-source",
    "text:bibliography-source", "text:illustration-index-source", "text:object-index-source", "text:table-index-source",
    "text:table-of-content-source", "text:tracked-changes", "text:user-index-source",
})  # fmt: skip


class Flow:
    """Reads blocks of `document` into `out`, formatted by `styles`."""

    def __init__(self, document: Document, styles: Styles, out: Blocks) -> None:
        self.document, self.styles, self._out = document, styles, out
        self._nested = 0

    def blocks(self, parent: Element) -> None:
        """Reads all blocks below `parent`."""
        for child in parent:
            self.block(child)

    def block(self, element: Element) -> None:
        """Reads one block. Of an unknown element, only the content is read."""
        kind = element.tag
        if kind == "text:p":
            self._paragraph(element)
        elif kind == "text:h":
            self._heading(element)
        elif kind in _LISTS:
            self._list(element, self.document.numbering.open(element, self.styles))
        elif kind == "text:numbered-paragraph":
            self._numbered(element)
        elif kind in ("table:table", "loext:table"):
            self._table(element)
        elif kind.startswith(("draw:", "dr3d:")):
            self._shape(element)
        elif kind == "office:annotation":
            self.document.comment(element, self.text_of(element))
        elif kind == "text:section" and self._is_hidden(element):
            self.document.left_out["hidden section"] += bool(words(element))
        elif kind not in _LEFT_OUT:
            self.blocks(element)

    def text_of(self, element: Element) -> str:
        """The blocks below `element` as lines, for a cell or a note."""
        if self.document.depth >= _DEEPEST:
            return literal(words(element))
        lines = Lines()
        self.document.depth += 1
        Flow(self.document, self.styles, lines).blocks(element)
        self.document.depth -= 1
        return "\n".join(lines.lines)

    def notes(self) -> None:
        """Writes the text of the notes whose marks were written."""
        notes, self.document.notes = self.document.notes, []
        if isinstance(self._out, Writer):
            for mark, text in notes:
                self._out.note(mark, text)
        else:
            self.document.notes = notes

    def _is_hidden(self, section: Element) -> bool:
        display = section.get("text:display")
        return display == "none" or (display == "condition" and section.get("text:is-hidden") == "true")

    def _read(self, paragraph: Element) -> tuple[str, list[Element]]:
        """A paragraph's text and the boxes anchored in it; nothing if it is hidden."""
        line = Line(self.document, self.styles, self.text_of)
        text = line.read(paragraph)
        if line.hidden or self.styles.hides("paragraph", paragraph.get("text:style-name")):
            self.document.left_out["piece of hidden text"] += bool(text.strip())
            return "", []
        return text, line.boxes

    def _paragraph(self, element: Element) -> None:
        style = element.get("text:style-name")
        level = self.styles.attribute("paragraph", style, "style:default-outline-level")
        if level and level.isdigit():
            self._heading(element, int(level[:2]))
        elif self.styles.is_title(style):
            self._heading(element, 1, counted=False)
        else:
            text, boxes = self._read(element)
            self._out.paragraph(text)
            self._after(boxes)

    def _heading(self, element: Element, level: int = 0, label: str = "", *, counted: bool = True) -> None:
        level = level or number(element, "text:outline-level", 1)
        text, boxes = self._read(element)
        if text.strip():
            if not label and counted:
                written = words(element.find("text:number"))
                label = self.document.numbering.heading(element, level, self.styles)
                label = written or label
            self._out.heading(level, f"{label} {text}" if label.strip("-") else text)
        self._after(boxes)

    def _after(self, boxes: list[Element]) -> None:
        """Writes the boxes that are anchored in a paragraph, then its notes."""
        for box in boxes:
            self._shape(box)
        if not self._nested:
            self.notes()

    def _list(self, element: Element, at: List, depth: int = 0) -> None:
        self._nested += 1
        for item in element:
            if item.tag == "text:list-item":
                self._item(item, at, depth)
            elif item.tag == "text:list-header":
                self.blocks(item)
        self._nested -= 1
        if not self._nested:
            self.notes()

    def _item(self, item: Element, at: List, depth: int) -> None:
        """The first paragraph of an item gets its marker; later ones are written under it."""
        counted, lines, marker = False, list[str](), ""
        boxes: list[Element] = []
        levels = self.styles.list_levels(item.get("text:style-override", ""))
        start = number(item, "text:start-value", 1) if "text:start-value" in item.attrib else None
        written = words(item.find("text:number"))
        for child in item:
            if child.tag in ("text:p", "text:h") and not counted:
                counted = True
                marker = written or at.counted(start, levels) if self._is_numbered(child) else ""
                if child.tag == "text:h":
                    self._heading(child, label=marker)
                    continue
            if child.tag == "text:p":
                text, beside = self._read(child)
                lines.append(text)
                boxes += beside
                continue
            self._put(lines, boxes, depth, marker)
            if child.tag in _LISTS:
                levels_below = self.styles.list_levels(child.get("text:style-name", ""))
                self._list(child, at.below(levels_below), depth + 1)
            elif child.tag != "text:number":
                self.block(child)
        self._put(lines, boxes, depth, marker)

    def _is_numbered(self, paragraph: Element) -> bool:
        """Whether an item's paragraph has a marker: in presentations, its style may turn it off."""
        style, group = paragraph.get("text:style-name"), "style:paragraph-properties"
        return self.styles.value("paragraph", style, group, "text:enable-numbering") != "false"

    def _put(self, lines: list[str], boxes: list[Element], depth: int, marker: str) -> None:
        """Writes and clears the lines and boxes read so far: as an item, or as a paragraph if it has no marker."""
        text = "\n".join(line for line in lines if line.strip())
        if marker:
            self._out.item(text, depth, marker)
        else:
            self._out.paragraph(text)
        for box in boxes:
            self._shape(box)
        lines.clear()
        boxes.clear()

    def _numbered(self, element: Element) -> None:
        at = self.document.numbering.open(element, self.styles)
        self._nested += 1
        self._item(element, at, at.depth - 1)
        self._nested -= 1
        if not self._nested:
            self.notes()

    def _table(self, table: Element) -> None:
        cells = [cell for row in rows_of(table) for cell in row if cell.tag == "table:table-cell"]
        if len(cells) == 1:  # a frame around its text
            self.blocks(cells[0])
            return
        self._nested += 1
        rows = Rows(self.text_of)
        for row in rows_of(table):
            rows.add(row)
        if isinstance(self._out, Lines):
            for text in rows.texts():
                self._out.paragraph(text)
        else:
            self._out.table(rows.laid_out())
        self.document.left_out["repeated row or cell"] += rows.too_often
        self._nested -= 1
        if not self._nested:
            self.notes()

    def _shape(self, shape: Element) -> None:
        if shape.tag in GROUPS:
            self._out.paragraph(described(shape))
            self.blocks(shape)
        elif shape.tag == "draw:frame":
            self._frame(shape)
        elif shape.tag == "draw:control":
            control = self.document.controls.get(shape.get("draw:control", ""))
            if control is not None:
                self._out.paragraph(literal(shown(control)))
        elif shape.tag not in _LEFT_OUT:
            self.blocks(shape)
            if not any(words(paragraph) for paragraph in shape.iter("text:p")):
                self._out.paragraph(described(shape))

    def _frame(self, frame: Element) -> None:
        form = form_of(frame)
        if form is None:
            self._out.paragraph(described(frame))
        elif form.tag == "draw:image":
            self._out.paragraph(alternative(frame, self.document))
            self.blocks(form)
        elif form.tag in OBJECTS:
            self._object(form, frame)
        elif form.tag == "draw:text-box":
            self.blocks(form)
        else:
            self.block(form)

    def _object(self, form: Element, frame: Element) -> None:
        content = embedded(form, self.document) if form.tag == "draw:object" else None
        if content is None:
            text = described(frame)
            self._out.paragraph(text)
            self.document.left_out[OBJECTS[form.tag]] += 1
        elif content.tag == "math:math":
            self._out.paragraph(literal(formula(content)))
        elif content.tag == "office:chart":
            for title in chart_titles(content):
                self._out.paragraph(literal(title))
            table = chart_table(content)
            if table is not None:
                self._table(table)
        else:
            self.blocks(content)
