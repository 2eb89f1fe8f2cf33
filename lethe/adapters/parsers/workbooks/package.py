"""The parts of a container of Office's XML, found by their relationships and not by their names."""

import posixpath
import zipfile
import zlib
from typing import NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree

from lethe.adapters.parsers.containers import check_unpacked, open_container
from lethe.adapters.parsers.markup import element_tree
from lethe.adapters.parsers.source import Source
from lethe.domain.errors import InputRejected

_PIECE = 1 << 20
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)


class Relation(NamedTuple):
    """What a part refers to. `kind` is the last word of its type ("worksheet"); `target` is a part's name, or the
    address of something outside."""

    kind: str
    target: str
    outside: bool


class Package:
    """A checked container. What is unpacked is counted, over all reads, against `limits`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._archive = open_container(source)
        self._names = {name.lower(): name for name in reversed(self._archive.namelist())}
        self._unpacked = 0

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._names

    def read(self, part: str) -> bytes:
        """The part's bytes, empty if there is none. Raises InputRejected for damage, and past the limits."""
        name = self._names.get(part.lower())
        if name is None:
            return b""
        content = bytearray()
        try:
            with self._archive.open(name) as member:
                while piece := member.read(_PIECE):
                    content += piece
                    self._unpacked += len(piece)
                    check_unpacked(self._source, self._unpacked, "zip")
        except _DAMAGE as exc:
            raise self._source.rejected("is damaged: a part of its zip container cannot be unpacked") from exc
        return bytes(content)

    def tree(self, part: str) -> ElementTree.Element | None:
        """The root of a small part, whose tags and attributes have no namespace. None if it is not there or empty.

        Raises InputRejected for damage.
        """
        data = self.read(part)
        return plain_tree(element_tree(self._source, data)) if data.strip() else None

    def optional(self, part: str) -> ElementTree.Element | None:
        """The same of a part that the document can be read without: None, too, where its XML is damaged."""
        try:
            return self.tree(part)
        except InputRejected as exc:
            if "its XML cannot be read" in str(exc):
                return None
            raise

    def related(self, part: str) -> dict[str, Relation]:
        """What `part` refers to, by id; "" is the container itself."""
        folder, name = posixpath.split(part)
        root = self.optional(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, Relation] = {}
        for entry in root if root is not None else ():
            target = entry.get("Target", "")
            outside = entry.get("TargetMode") == "External"
            if not outside:
                target = posixpath.normpath(
                    posixpath.join("/", folder, unquote(target.replace("\\", "/")))
                ).lstrip("/")
            found[entry.get("Id", "")] = Relation(entry.get("Type", "").rpartition("/")[2], target, outside)
        return found

    def main(self, usual: str) -> str:
        """The name of the main part; `usual` where the container does not say."""
        for relation in self.related("").values():
            if relation.kind == "officeDocument" and relation.target in self:
                return relation.target
        return usual


def plain_tree(root: ElementTree.Element) -> ElementTree.Element:
    """The tree with names that have no namespace: strict, transitional and other writers' files are read alike."""
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
        if any(name[0] == "{" for name in element.attrib):
            named = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
            element.attrib.clear()
            element.attrib.update(named)
    return root
