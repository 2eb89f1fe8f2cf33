"""Reads presentations (pptx) from their XML, slide by slide, in the order shown."""

from collections.abc import Iterable, Iterator, Mapping
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.blocks import Lines
from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.openxml.drawing_text import has_text, line
from lethe.parsers.openxml.names import A, P, R, number
from lethe.parsers.openxml.package import Package, Relation
from lethe.parsers.openxml.properties import title
from lethe.parsers.slides.comments import Authors
from lethe.parsers.slides.lists import kind, placeholder
from lethe.parsers.slides.shapes import ShapeWriter, shapes
from lethe.parsers.source import Reading, Source

_TITLES = frozenset({"title", "ctrTitle"})
_OFF = frozenset({"0", "false"})


def read_slides(source: Source) -> Reading:
    """Reads a pptx. Each slide is a place and, if it has a title, a section, followed by its notes and comments. Texts
    of layouts are written once.

    Raises InputRejected for a damaged presentation and for more slides than `limits.pages`.
    """
    with Package(source) as package:
        main = package.main_part() or "ppt/presentation.xml"
        shown = list(_slides(package, main))
        if len(shown) > source.limits.pages:
            raise source.rejected(f"has more pages than the limit of {source.limits.pages:,}: split it")
        writer = Writer(source)
        root = package.tree(main)
        first = number(None if root is None else root.get("firstSlideNum"), 1)
        deck = _Deck(package, writer, Authors(package, main), first)
        for place, part in enumerate(shown, start=1):
            deck.slide(place, part)
        deck.left_out.damaged(package.damaged)
        writer.tell(deck.left_out)
        return writer.reading(title(package), len(shown) or None)


def _slides(package: Package, main: str) -> Iterator[str]:
    """The slides' part names, in the presentation's order; deleted slides may still be in the file."""
    relations = package.relations(main)
    for element in package.blocks(main, P + "presentation"):
        for slide in element.iter(P + "sldId") if element.tag == P + "sldIdLst" else ():
            relation = relations.get(slide.get(R + "id", ""))
            if relation is not None and not relation.external:
                yield relation.target


class _Deck:
    def __init__(self, package: Package, writer: Writer, authors: Authors, first: int) -> None:
        self.left_out = LeftOut()
        self._package = package
        self._writer = writer
        self._authors = authors
        self._first = first
        """The number that the first slide shows."""
        self._comments = 0
        self._headed = False
        """Whether a heading was written, under which text of an untitled slide would appear."""
        self._layouts: dict[str, Element | None] = {}
        self._seen: set[str] = set()
        """The texts of layouts and masters already written."""

    def slide(self, place: int, part: str) -> None:
        """Writes one slide, with its notes and comments."""
        root = self._package.tree(part)
        if root is None:
            self._package.damaged.append(part)
            return
        if root.get("show") in _OFF:
            self.left_out.name("hidden slide", str(place))
            return
        for mark in root.iterfind(f".//{A}fld[@type='slidenum']/{A}t"):
            if not (mark.text or "").strip().isdigit():  # Google writes the same sign on every slide
                mark.text = str(self._first + place - 1)
        relations = self._package.relations(part)
        layouts = self._around(relations)
        self._writer.place(place)
        found = list(shapes(root.find(f"{P}cSld/{P}spTree"), self.left_out))
        heading = next(
            (shape for shape in found if kind(placeholder(shape)) in _TITLES and has_text(shape)), None
        )
        if heading is not None:
            lines = (line(paragraph, relations) for paragraph in heading.iter(A + "p"))
            self._head(" ".join(lines).replace("**", ""))
        elif self._headed and (any(map(has_text, found)) or self._has_notes(relations)):
            self._head(f"Slide {place}")
        shape_writer = ShapeWriter(self._package, relations, [root for _part, root in layouts], self.left_out)
        for shape in found:
            if shape is not heading:
                shape_writer.write(shape, self._writer)
        self._background(root, layouts)
        self._beside(relations)

    def _head(self, text: str) -> None:
        self._writer.heading(2, text)
        self._headed = True

    def _around(self, relations: Mapping[str, Relation]) -> list[tuple[str, Element]]:
        """The layout of a slide and the layout's master, with their part names."""
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
        """Writes the texts of the layout and master that the slide shows, each once in the presentation. Their
        placeholders contain prompts, which slides do not show."""
        above = slide
        for part, layout in layouts:
            if above.get("showMasterSp") in _OFF:
                break
            unseen = LeftOut()
            writer = ShapeWriter(self._package, self._package.relations(part), [], unseen)
            for shape in shapes(layout.find(f"{P}cSld/{P}spTree"), unseen):
                if placeholder(shape) is None and shape.tag != P + "pic":
                    lines = Lines()
                    writer.write(shape, lines)
                    if lines.text() and lines.text() not in self._seen:
                        self._seen.add(lines.text())
                        writer.write(shape, self._writer)
            above = layout

    def _beside(self, relations: Mapping[str, Relation]) -> None:
        """Writes the notes and comments of a slide."""
        for relation in relations.values():
            if relation.external or relation.kind not in ("notesSlide", "comments"):
                continue
            root = self._package.tree(relation.target)
            if root is None:
                continue
            if relation.kind == "notesSlide":
                self._write_notes(root, self._package.relations(relation.target))
            else:
                for comment in self._authors.comments(root):
                    self._comments += 1
                    self._writer.note(f"c{self._comments}", comment)

    def _has_notes(self, relations: Mapping[str, Relation]) -> bool:
        roots = (
            self._package.tree(relation.target)
            for relation in relations.values()
            if relation.kind == "notesSlide" and not relation.external
        )
        return any(root is not None and _notes(root) for root in roots)

    def _write_notes(self, root: Element, relations: Mapping[str, Relation]) -> None:
        bodies = _notes(root)
        if bodies:
            self._writer.heading(3, "Notes")
            self._headed = True
        for shape in bodies:
            ShapeWriter(self._package, relations, [], self.left_out).write(shape, self._writer)


def _notes(root: Element) -> list[Element]:
    """The shapes of a notes page that contain the speaker's notes."""
    return [shape for shape in root.iter(P + "sp") if kind(placeholder(shape)) == "body" and has_text(shape)]
