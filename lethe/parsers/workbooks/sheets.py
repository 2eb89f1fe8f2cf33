"""Converts xlsx to markdown: each visible sheet is a section, tables first, then the drawings over the cells.

No maintained library returns all that a person sees in a cell: they return values without formats (calamine), dates for
numbers (openpyxl, office-oxide), or no merged cells, comments and drawings. So the XML is read here.

Policy: hidden sheets are left out with a warning; hidden rows and columns, usually filtered or folded, are kept.
"""

import re
from collections.abc import Mapping

from lethe.parsers.markdown.inline import Run, inline, literal
from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.openxml.package import Package, Relation
from lethe.parsers.openxml.properties import title
from lethe.parsers.source import Reading, Source
from lethe.parsers.workbooks.cells import Cells, read_cells
from lethe.parsers.workbooks.comments import Comments, read_comments
from lethe.parsers.workbooks.drawings import Drawings
from lethe.parsers.workbooks.tables import Merged, Notes, write_tables
from lethe.parsers.workbooks.workbook import Sheet, Workbook, read_workbook

_PAGE_CODE = re.compile(r'&(?:"[^"]*"|K(?:[0-9A-Fa-f]{6}|\d\d[+-]\d{3})|\d{1,3}|[^&])', re.DOTALL)
_MOST_LINKED = 100_000
"""The most rows of a sheet that are checked for links."""


def read_workbook_file(source: Source) -> Reading:
    """Reads a checked xlsx. Raises InputRejected for damage or more sheets than `limits.pages`."""
    with Package(source) as package:
        book = read_workbook(source, package)
        if len(book.sheets) > source.limits.pages:
            raise source.rejected(f"has more pages than the limit of {source.limits.pages:,}: split it")
        return _Reader(source, package, book).read()


class _Reader:
    def __init__(self, source: Source, package: Package, book: Workbook) -> None:
        self._source = source
        self._package = package
        self._book = book
        self._writer = Writer(source)
        self._left_out = LeftOut()
        self._drawings = Drawings(package, self._writer, self._left_out)
        self._page_texts: dict[str, None] = {}
        self._comments = 0

    def read(self) -> Reading:
        visible = [sheet for sheet in self._book.sheets if not sheet.hidden]
        for number, sheet in enumerate(visible, start=1):
            self._writer.place(number, sheet.name)
            self._writer.heading(1, literal(sheet.name))
            self._write_sheet(sheet)
        for sheet in self._book.sheets:
            if sheet.hidden or not sheet.part:
                self._left_out.name("hidden sheet" if sheet.hidden else "sheet", f"'{sheet.name}'")
        self._left_out.damaged(self._package.damaged)
        self._writer.tell(self._left_out)
        return self._writer.reading(title(self._package), len(visible))

    def _write_sheet(self, sheet: Sheet) -> None:
        data = self._package.data(sheet.part)
        if data is None or not data.strip():
            return
        cells = read_cells(self._source, self._book, data)
        del data
        relations = self._package.relations(sheet.part)
        self._left_out["formula"] += cells.without_value
        self._left_out["image"] += cells.pictures
        for kind in cells.embedded.values():
            self._left_out.embedded(kind)
        _link(cells, relations)
        self._write_page_texts(cells, sheet, "Header")
        comments = read_comments(self._package, relations, self._book.people)
        write_tables(
            self._writer, cells.rows, [Merged(*one) for one in cells.merged], self._numbered(comments)
        )
        for drawing in cells.drawings:
            relation = relations.get(drawing)
            if relation is not None and not relation.external:
                self._drawings.write(relation.target)
        self._write_page_texts(cells, sheet, "Footer")

    def _numbered(self, comments: Comments) -> Notes:
        found = {}
        for cell, texts in sorted(comments.items()):
            found[cell] = [(f"c{self._comments + index}", text) for index, text in enumerate(texts, start=1)]
            self._comments += len(texts)
        return found

    def _write_page_texts(self, cells: Cells, sheet: Sheet, kind: str) -> None:
        """Writes printed headers or footers, each once in the workbook."""
        for name, code in cells.page_texts.items():
            text = page_text(code, sheet.name) if name.endswith(kind) else ""
            if text and text not in self._page_texts:
                self._page_texts[text] = None
                self._writer.paragraph(text)


def page_text(code: str, sheet: str) -> str:
    """The words of a printed header or footer, without parts that only count pages or repeat the sheet's name."""
    found = []
    for part in re.split(r"&[LCR]", code):
        words = " ".join(
            _PAGE_CODE.sub(lambda match: "&" if match[0] == "&&" else "", part.replace("&&", "&&\0"))
            .replace("\0", "")
            .split()
        )
        counts = re.search("&[PN]", part) is not None
        if words and words != sheet and not (counts and len(words.split()) <= 3):
            found.append(literal(words))
    return "\n".join(found)


def _link(cells: Cells, relations: Mapping[str, Relation]) -> None:
    """Adds link addresses to cells, where they say more than the text."""
    left = _MOST_LINKED
    for covered, name in cells.links:
        relation = relations.get(name)
        if relation is None or not relation.external:
            continue
        for row in range(covered.top, min(covered.bottom, covered.top + left) + 1):
            left -= 1
            found = cells.rows.get(row, {})
            for column in [at for at in found if covered.left <= at <= covered.right]:
                if "](" not in found[column]:
                    found[column] = inline([Run(found[column], link=relation.target)])
        if left <= 0:
            break
