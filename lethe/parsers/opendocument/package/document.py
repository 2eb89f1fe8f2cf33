"""The state shared while one document is read: notes, comments, numbers, and what was left out."""

from xml.etree.ElementTree import Element

from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.opendocument.package.elements import words
from lethe.parsers.opendocument.package.numbering import Numbering
from lethe.parsers.opendocument.package.parts import Package

_MARK_LETTERS = 9


class Document:
    """The state of one reading. `notes` are those whose mark is written, but not yet their text."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.left_out = LeftOut()
        self.numbering = Numbering()
        self.notes: list[tuple[str, str]] = []
        self.controls: dict[str, Element] = {}
        self.ranges: set[str] = set()
        """Names of comments on a range of text, whose mark belongs at its end."""
        self.waiting: dict[str, str] = {}
        """The marks of those comments by name, until the end of the range."""
        self._marks: set[str] = set()
        self._comments = 0
        self.depth = 0
        """The current nesting of cells and notes."""
        self.slide: int | None = None
        """The number of the slide that is being read."""

    def prepare(self, body: Element) -> None:
        """Collects what is declared apart from where it is shown: comment ranges, controls and deletions."""
        for element in body.iter():
            if element.tag == "office:annotation-end":
                self.ranges.add(element.get("office:name", ""))
            elif element.tag == "office:forms":
                self.add_controls(element)
            elif element.tag == "text:deletion" or element.tag.endswith("-deletion"):
                self.left_out["tracked deletion"] += 1

    def add_controls(self, forms: Element) -> None:
        """Collects form controls, which other elements refer to by id."""
        for control in forms.iter():
            for key in ("form:id", "xml:id"):
                if key in control.attrib:
                    self.controls[control.attrib[key]] = control

    def mark(self, citation: str) -> str:
        """A mark for a note shown as `citation`, with a number added if it is taken."""
        label = "".join(citation.split()).translate(str.maketrans("", "", "[]^|`"))[:_MARK_LETTERS] or "note"
        mark, again = label, 1
        while mark in self._marks:
            again += 1
            mark = f"{label}_{again}" if again < 100 else f"{label}_{len(self._marks)}"
        self._marks.add(mark)
        return mark

    def comment(self, element: Element, text: str) -> str:
        """Stores a comment among `notes`, and returns its mark."""
        self._comments += 1
        author = words(element.find("dc:creator")) or words(element.find("loext:sender-initials"))
        self.notes.append((f"c{self._comments}", f"{author}: {text}" if author else text))
        return f"c{self._comments}"
