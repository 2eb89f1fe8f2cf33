"""Presentations (pptx), read from their XML: slide by slide, in the order in which they are shown."""

from collections.abc import Iterable, Iterator, Mapping
from xml.etree.ElementTree import Element

from lethe.adapters.parsers.markdown.inline import literal
from lethe.adapters.parsers.markdown.writer import Writer
from lethe.adapters.parsers.office.alternates import ALTERNATES, chosen
from lethe.adapters.parsers.office.charts import write_chart
from lethe.adapters.parsers.office.diagrams import diagram_items
from lethe.adapters.parsers.office.drawing_text import line
from lethe.adapters.parsers.office.flat import Blocks, Flat
from lethe.adapters.parsers.office.names import CX, DGM, A, C, P, R, local, number
from lethe.adapters.parsers.office.omissions import Omissions
from lethe.adapters.parsers.office.package import Package, Relation
from lethe.adapters.parsers.office.properties import title
from lethe.adapters.parsers.office.slide_comments import Authors
from lethe.adapters.parsers.office.slide_lists import Markers, kind, list_styles, placeholder
from lethe.adapters.parsers.office.tables import MOST_SPAN, Placed, laid_out
from lethe.adapters.parsers.source import Reading, Source

_TITLES = frozenset({"title", "ctrTitle"})
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


def read_slides(source: Source) -> Reading:
    """A pptx. Each slide is a place and, where it has a title, a section; its notes and comments stand behind it, and
    what its layout shows is written once.

    Raises InputRejected for a damaged presentation and for more slides than `limits.pages`.
    """
    with Package(source) as package:
        main = package.main_part() or "ppt/presentation.xml"
        shown = list(_slides(package, main))
        if len(shown) > source.limits.pages:
            raise source.rejected(f"has more pages than the limit of {source.limits.pages:,}: split it")
        writer = Writer(source)
        deck = _Deck(package, writer, Authors(package, main))
        for place, part in enumerate(shown, start=1):
            deck.slide(place, part)
        deck.omissions.tell(writer, package.damaged)
        return writer.reading(title(package), len(shown) or None)


def _slides(package: Package, main: str) -> Iterator[str]:
    """The names of the slides' parts, as the presentation lists them; a deleted slide may still lie in the file."""
    relations = package.relations(main)
    for element in package.blocks(main, P + "presentation"):
        for slide in element.iter(P + "sldId") if element.tag == P + "sldIdLst" else ():
            relation = relations.get(slide.get(R + "id", ""))
            if relation is not None and not relation.external:
                yield relation.target


class _Deck:
    def __init__(self, package: Package, writer: Writer, authors: Authors) -> None:
        self.omissions = Omissions()
        self._package = package
        self._writer = writer
        self._authors = authors
        self._comments = 0
        self._headed = False
        """Whether text would stand below the heading of an earlier slide."""
        self._layouts: dict[str, Element | None] = {}
        self._seen: set[str] = set()
        """Texts of layouts and masters that were written."""

    def slide(self, place: int, part: str) -> None:
        """Writes one slide, with what belongs to it."""
        root = self._package.tree(part)
        if root is None:
            self._package.damaged.append(part)
            return
        if root.get("show") in _OFF:
            self.omissions.slides.append(place)
            return
        relations = self._package.relations(part)
        layouts = self._around(relations)
        self._writer.place(place)
        found = list(shapes(root.find(f"{P}cSld/{P}spTree"), self.omissions))
        heading = next(
            (shape for shape in found if kind(placeholder(shape)) in _TITLES and _has_text(shape)), None
        )
        if heading is not None:
            lines = (line(paragraph, relations) for paragraph in heading.iter(A + "p"))
            self._head(" ".join(lines).replace("**", ""))
        elif self._headed and any(map(_has_text, found)):
            self._head(f"Slide {place}")
        shape_writer = ShapeWriter(
            self._package, relations, [root for _part, root in layouts], self.omissions
        )
        for shape in found:
            if shape is not heading:
                shape_writer.write(shape, self._writer)
        self._background(root, layouts)
        self._beside(place, relations)

    def _head(self, text: str) -> None:
        self._writer.heading(2, text)
        self._headed = True

    def _around(self, relations: Mapping[str, Relation]) -> list[tuple[str, Element]]:
        """The layout of a slide and the master of that, with their parts' names."""
        found: list[tuple[str, Element]] = []
        for wanted in ("slideLayout", "slideMaster"):
            part = next(
                (one.target for one in relations.values() if one.kind == wanted and not one.external), ""
            )
            if part not in self._layouts:
                self._layouts[part] = self._package.tree(part)
            root = self._layouts[part]
            if root is None:
                break
            found.append((part, root))
            relations = self._package.relations(part)
        return found

    def _background(self, slide: Element, layouts: Iterable[tuple[str, Element]]) -> None:
        """Writes the texts of layout and master that are seen on the slide, each once in the presentation.
        Placeholders there are prompts, which nobody sees who looks at the slide."""
        above = slide
        for part, layout in layouts:
            if above.get("showMasterSp") in _OFF:
                break
            unseen = Omissions()
            writer = ShapeWriter(self._package, self._package.relations(part), [], unseen)
            for shape in shapes(layout.find(f"{P}cSld/{P}spTree"), unseen):
                if placeholder(shape) is None and shape.tag != P + "pic":
                    flat = Flat()
                    writer.write(shape, flat)
                    if flat.text() and flat.text() not in self._seen:
                        self._seen.add(flat.text())
                        writer.write(shape, self._writer)
            above = layout

    def _beside(self, place: int, relations: Mapping[str, Relation]) -> None:
        """Writes the notes and comments of a slide."""
        for relation in relations.values():
            if relation.external or relation.kind not in ("notesSlide", "comments"):
                continue
            root = self._package.tree(relation.target)
            if root is None:
                continue
            if relation.kind == "notesSlide":
                self._notes(place, root, self._package.relations(relation.target))
            else:
                for comment in self._authors.comments(root):
                    self._comments += 1
                    self._writer.note(f"c{self._comments}", comment)

    def _notes(self, place: int, root: Element, relations: Mapping[str, Relation]) -> None:
        bodies = [
            shape for shape in root.iter(P + "sp") if kind(placeholder(shape)) == "body" and _has_text(shape)
        ]
        if bodies:
            self._writer.heading(3, f"Notes of slide {place}")
            self._headed = True
        for shape in bodies:
            ShapeWriter(self._package, relations, [], self.omissions).write(shape, self._writer)


def shapes(tree: Iterable[Element] | None, omissions: Omissions) -> Iterator[Element]:
    """The shapes of a slide in its order, which is the order that screen readers take; groups are taken apart."""
    for shape in tree if tree is not None else ():
        if shape.tag == ALTERNATES:
            yield from shapes(chosen(shape), omissions)
            continue
        properties = shape.find(f"*/{P}cNvPr")
        if properties is not None and properties.get("hidden") in _ON:
            omissions.hidden += _has_text(shape)
        elif shape.tag == P + "grpSp":
            yield from shapes(shape, omissions)
        elif shape.tag in (P + "sp", P + "pic", P + "graphicFrame", P + "cxnSp", P + "contentPart"):
            yield shape


class ShapeWriter:
    """Writes shapes of one slide, layout or page of notes."""

    def __init__(
        self,
        package: Package,
        relations: Mapping[str, Relation],
        layouts: list[Element],
        omissions: Omissions,
    ) -> None:
        self._package = package
        self._relations = relations
        self._layouts = layouts
        self._omissions = omissions

    def write(self, shape: Element, blocks: Blocks) -> None:
        """Writes what a person sees of a shape."""
        if shape.tag == P + "pic":
            self._picture(shape, blocks)
        elif shape.tag == P + "graphicFrame":
            self._frame(shape, blocks)
        elif shape.tag == P + "contentPart":
            self._omissions.objects["ink"] += 1
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
            self._omissions.objects[media] += 1
        words = "" if properties is None else literal((properties.get("descr") or "").strip())
        if words:
            blocks.paragraph(words)
        elif media is None and (
            properties is None or all(one.get("val") in _OFF for one in properties.iter(_DECORATIVE))
        ):
            self._omissions.images += 1

    def _frame(self, shape: Element, blocks: Blocks) -> None:
        """A table, chart, diagram or embedded file."""
        for data in shape.iterfind(f"{A}graphic/{A}graphicData"):
            for element in data:
                for one in chosen(element) if element.tag == ALTERNATES else (element,):
                    self._graphic(one, blocks)

    def _graphic(self, element: Element, blocks: Blocks) -> None:
        if element.tag == A + "tbl":
            self._table(element, blocks)
        elif element.tag in (C + "chart", CX + "chart"):
            root = self._part(element.get(R + "id", ""))
            if root is not None:
                write_chart(root, blocks)
        elif element.tag == DGM + "relIds":
            root = self._part(element.get(R + "dm", ""))
            for text, depth in diagram_items(root) if root is not None else ():
                blocks.item(text, depth)
        elif element.tag == P + "oleObj":
            self._omissions.objects[element.get("progId") or element.get("name") or "unknown"] += 1

    def _part(self, key: str) -> Element | None:
        relation = self._relations.get(key)
        return None if relation is None or relation.external else self._package.tree(relation.target)

    def _table(self, table: Element, blocks: Blocks) -> None:
        blocks.table(
            laid_out(
                [
                    [self._cell(cell) for cell in row.findall(A + "tc") if cell.get("hMerge") not in _ON]
                    for row in table.findall(A + "tr")
                ]
            )
        )

    def _cell(self, cell: Element) -> Placed:
        flat = Flat()
        body = cell.find(A + "txBody")
        if body is not None:
            self._text(body, [], flat)
        columns = max(1, min(number(cell.get("gridSpan"), 1), MOST_SPAN))
        return Placed(flat.text(), columns, goes_on=cell.get("vMerge") in _ON)


def _has_text(shape: Element) -> bool:
    return any((text.text or "").strip() for text in shape.iter(A + "t")) or shape.tag == P + "graphicFrame"
