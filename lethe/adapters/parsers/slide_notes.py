"""The speaker's notes of a pptx, which kreuzberg leaves out."""

import posixpath
import re
from xml.etree import ElementTree

from lethe.adapters.parsers.markup import element_tree
from lethe.adapters.parsers.source import Source

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_RELATIONSHIPS = re.compile(r"ppt/(?:slides/)?_rels/[^/]+\.rels")


class SlideNotes:
    """Gathers notes member by member, in whatever order the container has them."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._order: list[str] = []
        self._targets: dict[str, dict[str, str]] = {}
        self._texts: dict[str, str] = {}

    def see(self, name: str, data: bytes) -> None:
        """Takes what it needs from the member `name`, of the container."""
        if name == "ppt/presentation.xml":
            slides = element_tree(self._source, data).iter(_P + "sldId")
            self._order = [slide.get(_R + "id", "") for slide in slides]
        elif _RELATIONSHIPS.fullmatch(name):
            folder, file = posixpath.split(name)
            owner = posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))
            self._targets[owner] = {
                item.get("Id", ""): posixpath.normpath(
                    posixpath.join(posixpath.dirname(owner), item.get("Target", ""))
                ).lstrip("/")
                for item in element_tree(self._source, data)
            }
        elif name.startswith("ppt/notesSlides/notesSlide"):
            self._texts[name] = _text(element_tree(self._source, data))

    def markdown(self) -> str:
        """A section for each slide with notes, in the order of the slides."""
        sections = []
        slides = self._targets.get("ppt/presentation.xml", {})
        for number, key in enumerate(self._order, start=1):
            targets = self._targets.get(slides.get(key, ""), {}).values()
            notes = "\n\n".join(self._texts[target] for target in targets if self._texts.get(target))
            if notes:
                sections.append(f"\n\n## Notes of slide {number}\n\n{notes}")
        return "".join(sections)


def _text(notes: ElementTree.Element) -> str:
    """The paragraphs of the notes' body, without the slide's number and date."""
    paragraphs: list[str] = []
    for shape in notes.iter(_P + "sp"):
        place = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
        if place is not None and place.get("type") == "body":
            paragraphs += [_words(paragraph) for paragraph in shape.iter(_A + "p")]
    return "\n\n".join(filter(None, paragraphs))


def _words(paragraph: ElementTree.Element) -> str:
    return "".join(run.text or "" for run in paragraph.iter(_A + "t")).strip()
