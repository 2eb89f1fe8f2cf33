"""OpenDocument spreadsheets (ods, ots, fods), read row by row, so that a large file does not fill memory."""

import re
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.inline import literal
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.opendocument.body.flow import Flow
from lethe.parsers.opendocument.body.tables import ROW_GROUPS, Rows
from lethe.parsers.opendocument.masters import Masters, printed_texts
from lethe.parsers.opendocument.package.document import Document
from lethe.parsers.opendocument.package.elements import below, read_tree, words
from lethe.parsers.opendocument.package.parts import Package
from lethe.parsers.opendocument.package.styles import Styles
from lethe.parsers.opendocument.values import shown_value
from lethe.parsers.source import Reading, Source

_SPACES = re.compile(r"[ \t\r\n]+")
_DEPTH_OF_SHEET = 3
_TAKEN = frozenset({
    "office:styles", "office:automatic-styles", "office:master-styles", "office:forms", "table:table",
    "table:table-row", "table:tracked-changes",
})  # fmt: skip


def read_open_sheets(source: Source) -> Reading:
    """Reads each visible sheet as a section: its cells as a table, then its drawings and comments.

    Raises InputRejected for more sheets than `limits.pages`.
    """
    package = Package(source)
    reader = _Sheets(source, package)
    root = read_tree(source, package.content, reader.ended, _TAKEN)
    if below(root, "office:body", "office:spreadsheet") is None:
        raise source.rejected("is damaged: it contains no spreadsheet")
    title = words(below(root, "office:meta", "dc:title")) if package.flat else package.title
    return reader.reading(title)


class _Sheets:
    """Handles each element of a spreadsheet at its end."""

    def __init__(self, source: Source, package: Package) -> None:
        shared = None if package.flat else package.styles
        named = below(shared, "office:styles")
        self._source, self._styles = source, Styles(named)
        self._document, self._writer = Document(package), Writer(source)
        self._flow = Flow(self._document, self._styles, self._writer)
        self._sheets = 0
        self._shapes: list[Element] = []
        """Drawings anchored in cells of the current sheet."""
        self._masters = Masters(below(shared, "office:master-styles"))
        self._margin_flow = Flow(self._document, Styles(named), self._writer)
        self._printed: set[str] = set()
        self._rows = Rows(self._cell)

    def ended(self, element: Element, path: list[Element]) -> bool:
        """Handles `element`; True if it can be freed."""
        kind = element.tag
        if kind in ("office:styles", "office:automatic-styles") and len(path) == 1:
            self._styles.add(element)
        elif kind == "office:master-styles":
            self._masters = Masters(element)
        elif kind == "table:tracked-changes":
            self._document.left_out["tracked deletion"] += len(element.findall("table:deletion"))
            return True
        elif kind == "table:table" and len(path) == _DEPTH_OF_SHEET:
            self._sheet(element)
            return True
        elif len(path) > _DEPTH_OF_SHEET and path[_DEPTH_OF_SHEET].tag == "table:table":
            return self._in_sheet(element, path)
        return False

    def reading(self, title: str | None) -> Reading:
        """All that was read."""
        self._writer.tell(self._document.left_out)
        return self._writer.reading(title, self._sheets or None)

    def _in_sheet(self, element: Element, path: list[Element]) -> bool:
        own = all(parent.tag in ROW_GROUPS for parent in path[_DEPTH_OF_SHEET + 1 :])
        if element.tag == "table:table-row" and own:
            if self._is_shown(path[_DEPTH_OF_SHEET]):
                self._rows.add(element)
            return True
        if element.tag == "office:forms":
            self._document.add_controls(element)
            return True
        return False

    def _cell(self, cell: Element) -> str:
        if len(cell) == 1 and cell[0].tag == "text:p" and not len(cell[0]):  # like most cells
            text = cell[0].text or ""
            return text if text.isalnum() else literal(_SPACES.sub(" ", text).strip())
        marks = ""
        for child in list(cell):
            if child.tag == "office:annotation":
                marks += f"[^{self._document.comment(child, self._flow.text_of(child))}]"
            elif child.tag.startswith(("draw:", "dr3d:")):
                self._shapes.append(child)
            else:
                continue
            cell.remove(child)
        text = self._flow.text_of(cell)
        if "office:value-type" in cell.attrib and cell.find("text:p") is None:
            text = " ".join(filter(None, (literal(shown_value(cell)), text)))
        return text + marks

    def _is_shown(self, sheet: Element) -> bool:
        style = sheet.get("table:style-name")
        return self._styles.value("table", style, "style:table-properties", "table:display") != "false"

    def _sheet(self, sheet: Element) -> None:
        name = " ".join(sheet.get("table:name", "").split())
        rows, self._rows = self._rows, Rows(self._cell)
        drawings, self._shapes = self._shapes, []
        if name.startswith("'file:") and "#$" in name:
            return  # a cached copy of another file's sheet, which users cannot open
        if not self._is_shown(sheet):
            self._document.left_out.name("hidden sheet", f"'{name}'")
            return
        self._sheets += 1
        if self._sheets > self._source.limits.pages:
            most = self._source.limits.pages
            raise self._source.rejected(f"has more sheets than the limit of {most:,}: split it")
        self._writer.place(self._sheets, name)
        self._writer.heading(1, literal(name))
        self._write_margins(sheet, name, "header")
        self._writer.table(rows.compact(), rows.numbers)
        self._document.left_out["repeated row or cell"] += rows.too_often
        for shapes in sheet.findall("table:shapes"):
            self._flow.blocks(shapes)
        for shape in drawings:
            self._flow.block(shape)
        self._write_margins(sheet, name, "footer")
        self._flow.notes()

    def _write_margins(self, sheet: Element, name: str, kind: str) -> None:
        """Writes a sheet's printed header or footer; equal ones once per file."""
        page = self._styles.attribute("table", sheet.get("table:style-name"), "style:master-page-name")
        for text in printed_texts(self._margin_flow, self._masters.get(page or "Default"), kind):
            if text != name and text not in self._printed:
                self._printed.add(text)
                self._writer.paragraph(text)
