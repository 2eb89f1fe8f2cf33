"""Writes the drawings over the cells of a sheet: text boxes and shapes, charts, diagrams, images."""

from collections.abc import Callable, Iterator, Mapping
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.inline import literal
from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.openxml.alternates import ALTERNATES, chosen
from lethe.parsers.openxml.charts import write_chart
from lethe.parsers.openxml.diagrams import write_diagram
from lethe.parsers.openxml.drawing_text import drawn_text, has_text
from lethe.parsers.openxml.names import CX, DGM, C, R, local, number
from lethe.parsers.openxml.package import Package, Relation, without_namespaces

_SHAPES = frozenset({"sp", "cxnSp", "pic", "graphicFrame"})


class Drawings:
    """Writes the drawings of one workbook, each once."""

    def __init__(self, package: Package, writer: Writer, left_out: LeftOut) -> None:
        self._package = package
        self._writer = writer
        self._left_out = left_out
        self._written: set[str] = set()
        self._texts: set[str] = set()

    def write(self, part: str) -> None:
        """Writes the drawing in `part`, its shapes from top to bottom."""
        root = None if part in self._written else self._package.tree(part)
        if root is None:
            return
        self._written.add(part)
        if local(root) == "xml":
            self._write_controls(without_namespaces(root))
            return
        relations = self._package.relations(part)
        for anchor in sorted(root, key=_position):
            for shape in _shapes(anchor):
                self._write_shape(shape, relations)

    def _write_shape(self, shape: Element, relations: Mapping[str, Relation]) -> None:
        about = shape.find("*/{*}cNvPr")
        if about is not None and about.get("hidden") in ("1", "true"):
            self._left_out["piece of hidden text"] += has_text(shape)
            return
        if local(shape) == "pic":
            description = "" if about is None else literal((about.get("descr") or "").strip())
            self._left_out["image"] += not description
            self._writer.paragraph(description)
            return
        for body in shape.findall("{*}txBody"):
            text = drawn_text(body, relations)
            self._texts.add(text)
            self._writer.paragraph(text)
        for element in shape.iter():
            if element.tag in (C + "chart", CX + "chart"):
                self._write_part(write_chart, relations.get(element.get(R + "id", "")))
            elif element.tag == DGM + "relIds":
                self._write_part(write_diagram, relations.get(element.get(R + "dm", "")))

    def _write_part(self, write: Callable[[Package, str, Writer], None], relation: Relation | None) -> None:
        if relation is not None and not relation.external and relation.target not in self._written:
            self._written.add(relation.target)
            write(self._package, relation.target, self._writer)

    def _write_controls(self, root: Element) -> None:
        """Writes captions of buttons and other controls, from the old drawing format, which also contains the boxes of
        comments. Newer programs write the captions as shapes, too."""
        for shape in root.iter("shape"):
            about, box = shape.find("ClientData"), shape.find("textbox")
            if about is None or box is None or about.get("ObjectType") == "Note":
                continue
            text = literal(" ".join("".join(box.itertext()).split()))
            if text not in self._texts:
                self._writer.paragraph(text)


def _position(anchor: Element) -> tuple[int, int]:
    """The row and column where the drawing begins."""
    return number(anchor.findtext(".//{*}from/{*}row")), number(anchor.findtext(".//{*}from/{*}col"))


def _shapes(parent: Element) -> Iterator[Element]:
    """The shapes below `parent`, including those in groups."""
    if local(parent) in _SHAPES:
        yield parent
        return
    for child in (
        chosen(parent) if parent.tag == ALTERNATES else parent
    ):  # trees are at most `markup.DEEPEST` deep
        yield from _shapes(child)
