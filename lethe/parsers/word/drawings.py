"""Drawings in a docx: text boxes, pictures, charts, diagrams, embedded files."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.inline import literal
from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.openxml.alternates import ALTERNATES, chosen
from lethe.parsers.openxml.names import CX, DGM, PIC, WP, A, C, O, R, V, W
from lethe.parsers.openxml.package import Relation

_DECORATIVE = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"


@dataclass(frozen=True, slots=True)
class Anchored:
    """A drawn object: a text box (`content` has its blocks), drawn text (its `a:p`), a chart or diagram (`part` is its
    part's name), words of a drawing, or the alternative text of an inline picture."""

    kind: Literal["box", "drawn", "chart", "diagram", "words", "alternative"]
    content: Element | None = None
    part: str = ""
    words: str = ""


class Drawings:
    """Reads the drawings of one part of a docx."""

    def __init__(self, relations: Mapping[str, Relation], left_out: LeftOut) -> None:
        self._relations = relations
        self._left_out = left_out
        self._readers: dict[str, Callable[[Element], Iterator[Anchored]]] = {
            ALTERNATES: lambda element: self._all(chosen(element)),
            W + "txbxContent": lambda element: iter([Anchored("box", content=element)]),
            A + "txBody": lambda element: iter([Anchored("drawn", content=element)]),
            C + "chart": lambda element: self._part("chart", element.get(R + "id", "")),
            CX + "chart": lambda element: self._part("chart", element.get(R + "id", "")),
            DGM + "relIds": lambda element: self._part("diagram", element.get(R + "dm", "")),
            PIC + "pic": lambda element: self._picture(element.find(f"{PIC}nvPicPr/{PIC}cNvPr"), floats=True),
            WP + "inline": self._placed,
            WP + "anchor": self._placed,
            W + "object": self._embedded,
            V + "textpath": self._art,
            V + "shape": self._shape,
        }

    def read(self, element: Element) -> Iterator[Anchored]:
        """The objects in a `w:drawing`, `w:pict` or `w:object`, in file order."""
        reader = self._readers.get(element.tag, self._all)
        return reader(element)

    def _all(self, elements: Iterable[Element]) -> Iterator[Anchored]:
        for element in elements:
            yield from self.read(element)

    def _part(self, kind: Literal["chart", "diagram"], key: str) -> Iterator[Anchored]:
        relation = self._relations.get(key)
        if relation is not None and not relation.external:
            yield Anchored(kind, part=relation.target)

    def _placed(self, element: Element) -> Iterator[Anchored]:
        """An inline or floating drawing."""
        if not _is_picture(element):
            yield from self._all(element)
            return
        properties = element.find(WP + "docPr")
        if not _words_of(properties):
            inner = element.find(f"{A}graphic/{A}graphicData/{PIC}pic/{PIC}nvPicPr/{PIC}cNvPr")
            properties = properties if inner is None else inner
        yield from self._picture(properties, floats=element.tag == WP + "anchor")

    def _picture(self, properties: Element | None, *, floats: bool) -> Iterator[Anchored]:
        words = _words_of(properties)
        if words:
            yield Anchored("words" if floats else "alternative", words=words)
        elif properties is None or all(
            mark.get("val") in ("0", "false") for mark in properties.iter(_DECORATIVE)
        ):
            self._left_out["image"] += 1

    def _art(self, element: Element) -> Iterator[Anchored]:
        """Words drawn as a shape, such as a watermark."""
        words = literal(element.get("string", "").strip())
        if words:
            yield Anchored("words", words=words)

    def _shape(self, element: Element) -> Iterator[Anchored]:
        if element.find(V + "imagedata") is not None and element.find(V + "textbox") is None:
            words = literal(element.get("alt", "").strip())
            self._left_out["image"] += not words
            if words:
                yield Anchored("alternative", words=words)
        else:
            yield from self._all(element)

    def _embedded(self, element: Element) -> Iterator[Anchored]:
        """Counts an embedded file, which is shown as a picture, and reads what else is drawn there."""
        objects = [
            *element.iter(O + "OLEObject"),
            *element.iter(W + "control"),
            *element.iter(W + "objectEmbed"),
        ]
        for one in objects:
            kind = one.get("ProgID") or one.get(W + "progId") or one.get(W + "name") or "unknown"
            self._left_out.embedded(kind)
        for below in element:
            if not objects or below.find(V + "imagedata") is None:
                yield from self.read(below)


def _is_picture(drawing: Element) -> bool:
    data = drawing.find(f"{A}graphic/{A}graphicData")
    return data is not None and (
        data.get("uri", "").endswith("/picture") or data.find(PIC + "pic") is not None
    )


def _words_of(properties: Element | None) -> str:
    """The alternative text of a picture."""
    if properties is None:
        return ""
    return literal((properties.get("descr") or properties.get("title") or "").strip())
