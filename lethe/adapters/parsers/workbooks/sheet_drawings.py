"""What lies over the cells of a sheet: text boxes and shapes, charts, diagrams, images."""

from collections.abc import Iterator
from xml.etree import ElementTree

from lethe.adapters.parsers.markdown.inline import literal
from lethe.adapters.parsers.markdown.writer import Writer
from lethe.adapters.parsers.workbooks.charts import drawn_text, write_chart
from lethe.adapters.parsers.workbooks.package import Package, Relation

_SHAPES = ("sp", "cxnSp", "pic", "graphicFrame")


class Drawings:
    """Writes the drawings of one workbook, each once; `images` counts those without a text of their own."""

    def __init__(self, package: Package, writer: Writer) -> None:
        self._package = package
        self._writer = writer
        self._written: set[str] = set()
        self._texts: set[str] = set()
        self.images = 0

    def write(self, part: str) -> None:
        """The drawing in `part`, shapes from top to bottom."""
        root = self._package.optional(part)
        if root is None or part in self._written:
            return
        self._written.add(part)
        if root.tag == "xml":
            self._write_controls(root)
            return
        relations = self._package.related(part)
        for anchor in sorted(root, key=_position):
            for shape in _shapes(anchor):
                self._write_shape(shape, relations)

    def _write_shape(self, shape: ElementTree.Element, relations: dict[str, Relation]) -> None:
        about = shape.find("./*/cNvPr")
        if about is not None and about.get("hidden") in ("1", "true"):
            return
        description = literal((about.get("descr") or "").strip()) if about is not None else ""
        if shape.tag == "pic":
            self.images += not description
            self._writer.paragraph(description)
            return
        for body in shape.findall("txBody"):
            text = drawn_text(body)
            self._texts.add(text)
            self._writer.paragraph(text)
        for element in shape.iter():
            if element.tag in ("chart", "relIds"):
                relation = relations.get(element.get("dm" if element.tag == "relIds" else "id", ""))
                if relation and not relation.outside:
                    self._write_part(relation)

    def _write_controls(self, root: ElementTree.Element) -> None:
        """Captions of buttons and other controls, from the older form of drawings, which also has the boxes of
        comments. Newer programs write the captions as shapes, too."""
        for shape in root.iter("shape"):
            about, box = shape.find("ClientData"), shape.find("textbox")
            if about is None or box is None or about.get("ObjectType") == "Note":
                continue
            text = literal(" ".join("".join(box.itertext()).split()))
            if text not in self._texts:
                self._writer.paragraph(text)

    def _write_part(self, relation: Relation) -> None:
        root = self._package.optional(relation.target) if relation.target not in self._written else None
        if root is None:
            return
        self._written.add(relation.target)
        if root.tag == "chartSpace":
            write_chart(self._writer, root)
            for shapes in self._package.related(relation.target).values():
                if shapes.kind == "chartUserShapes" and not shapes.outside:
                    self.write(shapes.target)
            return
        for point in root.iter("pt"):  # a diagram's
            self._writer.item(drawn_text(point))


def _position(anchor: ElementTree.Element) -> tuple[int, int]:
    found = [anchor.findtext(f"from/{name}") or "" for name in ("row", "col")]
    row, column = (int(text) if text.isdecimal() and len(text) < 10 else 0 for text in found)
    return row, column


def _shapes(parent: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The shapes in it, also of groups; of alternatives the first, which newer programs show."""
    if parent.tag in _SHAPES:
        yield parent
        return
    children = list(parent)
    if parent.tag == "AlternateContent":
        chosen = next((child for child in children if child.tag == "Choice"), None)
        children = [chosen] if chosen is not None and len(chosen) else children
    for child in children:  # trees are at most `markup.DEEPEST` deep
        yield from _shapes(child)
