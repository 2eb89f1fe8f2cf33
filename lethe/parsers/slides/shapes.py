"""The shapes of a slide: text, tables, charts, diagrams, pictures."""

from collections.abc import Iterable, Iterator, Mapping
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.blocks import Blocks, Lines
from lethe.parsers.markdown.grid import Cell, laid_out
from lethe.parsers.markdown.inline import literal
from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.openxml.alternates import ALTERNATES, chosen
from lethe.parsers.openxml.charts import write_chart
from lethe.parsers.openxml.diagrams import write_diagram
from lethe.parsers.openxml.drawing_text import has_text, line
from lethe.parsers.openxml.names import CX, DGM, A, C, P, R, local, number
from lethe.parsers.openxml.package import Package, Relation
from lethe.parsers.slides.lists import Markers, list_styles

_OFF = frozenset({"0", "false"})
_ON = frozenset({"1", "true"})
_MEDIA = {
    "videoFile": "video",
    "quickTimeFile": "video",
    "audioFile": "audio",
    "wavAudioFile": "audio",
    "audioCd": "audio",
}
_DECORATIVE = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"


def shapes(tree: Iterable[Element] | None, left_out: LeftOut) -> Iterator[Element]:
    """The shapes of a slide, including those in groups, in file order, which is that of screen readers."""
    for shape in tree if tree is not None else ():
        if shape.tag == ALTERNATES:
            yield from shapes(chosen(shape), left_out)
            continue
        properties = shape.find(f"*/{P}cNvPr")
        if properties is not None and properties.get("hidden") in _ON:
            left_out["piece of hidden text"] += has_text(shape)
        elif shape.tag == P + "grpSp":
            yield from shapes(shape, left_out)
        elif shape.tag in (P + "sp", P + "pic", P + "graphicFrame", P + "cxnSp", P + "contentPart"):
            yield shape


class ShapeWriter:
    """Writes shapes of one slide, layout or notes page."""

    def __init__(
        self,
        package: Package,
        relations: Mapping[str, Relation],
        layouts: list[Element],
        left_out: LeftOut,
    ) -> None:
        self._package = package
        self._relations = relations
        self._layouts = layouts
        self._left_out = left_out

    def write(self, shape: Element, blocks: Blocks) -> None:
        """Writes the visible text of a shape."""
        if shape.tag == P + "pic":
            self._picture(shape, blocks)
        elif shape.tag == P + "graphicFrame":
            self._frame(shape, blocks)
        elif shape.tag == P + "contentPart":
            self._left_out.embedded("ink")
        else:
            body = shape.find(P + "txBody")
            if body is not None:
                self._text(body, list_styles(shape, self._layouts), blocks)

    def _text(self, body: Element, styles: list[Element], blocks: Blocks) -> None:
        markers = Markers(styles)
        for paragraph in body.iter(A + "p"):
            text = line(paragraph, self._relations).strip()
            if not text:
                continue
            depth, marker = markers.marker(paragraph.find(A + "pPr"))
            if marker is None:
                blocks.paragraph(text)
            else:
                blocks.item(text, depth, marker)

    def _picture(self, shape: Element, blocks: Blocks) -> None:
        properties = shape.find(f"*/{P}cNvPr")
        media = next(
            (_MEDIA[local(one)] for one in shape.iterfind(f"*/{P}nvPr/*") if local(one) in _MEDIA), None
        )
        if media is not None:
            self._left_out.embedded(media)
        words = "" if properties is None else literal((properties.get("descr") or "").strip())
        if words:
            blocks.paragraph(words)
        elif media is None and (
            properties is None or all(one.get("val") in _OFF for one in properties.iter(_DECORATIVE))
        ):
            self._left_out["image"] += 1

    def _frame(self, shape: Element, blocks: Blocks) -> None:
        """Writes a table, chart or diagram, or counts an embedded file."""
        for data in shape.iterfind(f"{A}graphic/{A}graphicData"):
            for element in data:
                for one in chosen(element) if element.tag == ALTERNATES else (element,):
                    self._graphic(one, blocks)

    def _graphic(self, element: Element, blocks: Blocks) -> None:
        if element.tag == A + "tbl":
            self._table(element, blocks)
        elif element.tag in (C + "chart", CX + "chart"):
            part = self._part(element.get(R + "id", ""))
            if part:
                write_chart(self._package, part, blocks)
        elif element.tag == DGM + "relIds":
            part = self._part(element.get(R + "dm", ""))
            if part:
                write_diagram(self._package, part, blocks)
        elif element.tag == P + "oleObj":
            self._left_out.embedded(element.get("progId") or element.get("name") or "unknown")

    def _part(self, key: str) -> str:
        relation = self._relations.get(key)
        return "" if relation is None or relation.external else relation.target

    def _table(self, table: Element, blocks: Blocks) -> None:
        blocks.table(
            laid_out(
                [
                    [self._cell(cell) for cell in row.findall(A + "tc") if cell.get("hMerge") not in _ON]
                    for row in table.findall(A + "tr")
                ]
            )
        )

    def _cell(self, cell: Element) -> Cell:
        lines = Lines()
        body = cell.find(A + "txBody")
        if body is not None:
            self._text(body, [], lines)
        return Cell(lines.text(), number(cell.get("gridSpan"), 1))
