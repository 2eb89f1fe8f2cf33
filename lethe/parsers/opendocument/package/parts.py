"""The parts of an OpenDocument file, zipped or flat. Only the parts needed are unpacked and parsed."""

import posixpath
import re
from functools import cached_property
from xml.etree.ElementTree import Element

from lethe.domain.errors import InputRejected
from lethe.parsers.containers import texts
from lethe.parsers.opendocument.package.elements import below, read_tree, words
from lethe.parsers.source import Source

_DEEPEST_OBJECT = 64
_MOST_OBJECTS = 1_000
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?math[\s>]")


class Package:
    """`content` is the XML with the document's body: content.xml, or the whole of a flat file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.flat = not source.head.startswith(b"PK")
        self._parts: dict[str, bytes] = {}
        if self.flat:
            self.content = source.read()
            return
        names = ("content.xml", "styles.xml", "meta.xml")
        self._parts = {name: data for name, data in texts(source, under=names) if name in names}
        if "content.xml" not in self._parts:
            raise source.rejected("is damaged: it has no content.xml")
        self.content = self._parts.pop("content.xml")

    @cached_property
    def styles(self) -> Element | None:
        """The root of styles.xml; None if it is missing or broken, since the text can be read without it."""
        return self._tree("styles.xml")

    @cached_property
    def title(self) -> str | None:
        """The title in the document's properties."""
        return words(below(self._tree("meta.xml"), "office:meta", "dc:title")) or None

    def holds_formula(self, address: str) -> bool:
        """Whether an embedded object is a formula."""
        return bool(_FORMULA.search(self._objects.get(_content_of(address), b"")[:2_000]))

    def object(self, address: str) -> Element | None:
        """The root of an embedded object's content; None if it cannot be read. Each is returned only once, so that an
        object that contains itself ends."""
        data = self._objects.pop(_content_of(address), None)
        if data is None:
            return None
        try:
            return read_tree(self.source, data, deepest=_DEEPEST_OBJECT)
        except InputRejected:
            return None

    @cached_property
    def _objects(self) -> dict[str, bytes]:
        objects: dict[str, bytes] = {}
        if self.flat:
            return objects
        try:
            for name, data in texts(self.source, suffix="/content.xml"):
                if len(objects) < _MOST_OBJECTS:
                    objects[name] = data
        except InputRejected:  # an object is damaged, but the text around it is not
            pass
        return objects

    def _tree(self, name: str) -> Element | None:
        data = self._parts.pop(name, b"")
        try:
            return read_tree(self.source, data) if data.strip() else None
        except InputRejected:
            return None


def _content_of(address: str) -> str:
    return posixpath.normpath(posixpath.join("/", address, "content.xml")).lstrip("/")
