"""OpenDocument presentations and drawings (odp, otp, fodp, odg)."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.inline import literal
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.opendocument.body.flow import Flow
from lethe.parsers.opendocument.masters import Masters
from lethe.parsers.opendocument.package.document import Document
from lethe.parsers.opendocument.package.elements import below, read_tree, words
from lethe.parsers.opendocument.package.parts import Package
from lethe.parsers.opendocument.package.styles import Styles
from lethe.parsers.source import Reading, Source

_RUNNING = frozenset({"footer", "date-time", "header"})
_MARGINS = _RUNNING | {"page-number"}
_DECLARED = {"presentation:footer-decl": "footer", "presentation:date-time-decl": "date-time"}


def read_open_slides(source: Source) -> Reading:
    """Reads each slide with its title as heading and its speaker's notes; the masters' texts once, at the end.

    Raises InputRejected for more slides than `limits.pages`.
    """
    package = Package(source)
    root = read_tree(source, package.content)
    body = next((found for kind in ("presentation", "drawing")
                 if (found := below(root, "office:body", f"office:{kind}")) is not None), None)  # fmt: skip
    if body is None:
        raise source.rejected("is damaged: it contains no presentation")
    pages = body.findall("draw:page")
    if len(pages) > source.limits.pages:
        raise source.rejected(f"has more slides than the limit of {source.limits.pages:,}: split it")
    slides = _Slides(source, package, root, body)
    for number, page in enumerate(pages, start=1):
        slides.read(number, page)
    title = words(below(root, "office:meta", "dc:title")) if package.flat else package.title
    return slides.reading(title, len(pages))


class _Slides:
    """Reads slide by slide."""

    def __init__(self, source: Source, package: Package, root: Element, body: Element) -> None:
        shared = root if package.flat else package.styles
        named = below(shared, "office:styles")
        running = below(shared, "office:automatic-styles")
        self._styles = Styles(named, root.find("office:automatic-styles"))
        self._masters = Masters(below(shared, "office:master-styles"))
        self._document, self._writer = Document(package), Writer(source)
        self._document.prepare(body)
        self._flow = Flow(self._document, self._styles, self._writer)
        self._master_flow = Flow(self._document, Styles(named, running), self._writer)
        self._declared = {
            (_DECLARED[element.tag], element.get("presentation:name", "")): words(element)
            for element in body
            if element.tag in _DECLARED
        }
        self._headed = False
        """Whether a heading was written, under which text of an untitled slide would appear."""
        self._running: dict[str, None] = {}
        self._masters_read: set[str] = set()

    def read(self, number: int, page: Element) -> None:
        """Reads one slide; a hidden one is only counted."""
        if self._property(page, "presentation:visibility") == "hidden":
            self._document.left_out.name("hidden slide", str(number))
            return
        self._writer.place(number)
        self._document.slide = number
        title = next((child for child in page if _class(child) == "title" and words(child)), None)
        if title is not None:
            self._head(self._flow.text_of(title))
        elif self._headed and (
            _spoken(page) or any(words(child) for child in page if child.tag != "presentation:notes")
        ):
            self._head(f"Slide {number}")
        for child in page:
            if _class(child) in _MARGINS:
                self._run(child)
            elif child is not title and child.tag != "presentation:notes":
                self._flow.block(child)
        self._notes(page)
        self._flow.notes()
        self._of_master(page)

    def reading(self, title: str | None, pages: int) -> Reading:
        """All that was read."""
        for text in self._running:
            self._writer.paragraph(text)
        self._writer.tell(self._document.left_out)
        return self._writer.reading(title, pages)

    def _property(self, page: Element, name: str) -> str | None:
        style = page.get("draw:style-name")
        return self._styles.value("drawing-page", style, "style:drawing-page-properties", name)

    def _head(self, text: str) -> None:
        self._writer.heading(2, text)
        self._headed = True

    def _notes(self, page: Element) -> None:
        shapes = _spoken(page)
        if shapes:
            self._writer.heading(3, "Notes")
            self._headed = True
        for shape in shapes:
            self._flow.block(shape)

    def _of_master(self, page: Element) -> None:
        """Collects what a slide shows of its master: texts declared for the slide, and the master's own."""
        self._document.slide = None
        name = page.get("draw:master-page-name", "")
        master = self._masters.get(name)
        if master is None or self._property(page, "presentation:background-objects-visible") == "false":
            return
        for kind in ("footer", "date-time"):
            declared = self._declared.get((kind, page.get(f"presentation:use-{kind}-name", "")), "")
            if declared and self._property(page, f"presentation:display-{kind}") != "false":
                self._running[literal(declared)] = None
        if name not in self._masters_read:
            self._masters_read.add(name)
            for shape in _own_shapes(master):
                self._run(shape)

    def _run(self, shape: Element) -> None:
        """Collects a text that is on every slide, to be written once."""
        text = self._master_flow.text_of(shape) if words(shape) else ""
        if text and _class(shape) != "page-number":
            self._running[text] = None


def _class(element: Element) -> str:
    return element.get("presentation:class", "")


def _spoken(page: Element) -> list[Element]:
    """The shapes with the speaker's notes."""
    notes = page.find("presentation:notes")
    return [shape for shape in notes or () if _class(shape) not in _MARGINS and words(shape)]


def _own_shapes(master: Element) -> Iterator[Element]:
    """The shapes of a master that are not placeholders for a slide's text."""
    for shape in master:
        own = not _class(shape) and shape.get("presentation:placeholder") != "true"
        if own and shape.tag != "presentation:notes":
            yield shape
