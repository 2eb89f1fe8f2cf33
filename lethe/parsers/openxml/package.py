"""The parts of a Word, PowerPoint or Excel file, found by their relations to each other and not by their names (Open
Packaging Conventions)."""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from lethe.domain.errors import InputRejected
from lethe.parsers.containers import check_unpacked, open_container
from lethe.parsers.markup import check_xml
from lethe.parsers.source import Source

_STRICT = re.compile(rb"""(xmlns(?::[\w.-]+)?\s*=\s*["'])http://purl\.oclc\.org/ooxml/(\w+)/(\w+)""")
_TRANSITIONAL = rb"\1http://schemas.openxmlformats.org/\2/2006/\3"
_KINDS = (
    (re.compile(r"wordprocessingml|ms-word"), "docx"),
    (re.compile(r"presentationml|ms-powerpoint"), "pptx"),
    (re.compile(r"spreadsheetml|ms-excel"), "xlsx"),
)
_FOLDERS = {"word": "docx", "ppt": "pptx", "xl": "xlsx"}
_PIECE = 1 << 20
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Relation:
    """A reference from a part: its `kind` ("image", "footnotes"), and a part's name, or an address if `external`."""

    kind: str
    target: str
    external: bool


class Package:
    """A checked container whose parts are read on demand, so that a broken part does no harm unless it is needed. Part
    names are case-insensitive, and "\\" counts as "/". The unpacked bytes of all reads count against `limits`."""

    def __init__(self, source: Source, archive: zipfile.ZipFile | None = None) -> None:
        self._source = source
        self._archive = archive or open_container(source)
        self._members = {
            entry.filename.replace("\\", "/").lstrip("/").lower(): entry for entry in self._archive.infolist()
        }
        self._relations: dict[str, dict[str, Relation]] = {}
        self._unpacked = 0
        self.damaged: list[str] = []
        """Names of the parts that could not be read."""

    def __enter__(self) -> "Package":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._members

    def main_part(self) -> str | None:
        """The name of the main document part, according to the container's relations."""
        for relation in self.relations("").values():
            if relation.kind == "officeDocument" and relation.target in self:
                return relation.target
        return None

    def kind(self) -> str | None:
        """ "docx", "pptx", "xlsx" or "xlsb", by the declared type of the main part, else by its folder."""
        main = self.main_part()
        if main is None:
            return None
        if main.lower().endswith(".bin"):
            return "xlsb"
        types = self.tree("[Content_Types].xml")
        for override in () if types is None else types:
            if override.get("PartName", "").lstrip("/").lower() == main.lower():
                for pattern, kind in _KINDS:
                    if pattern.search(override.get("ContentType", "")):
                        return kind
        return _FOLDERS.get(main.split("/")[0].lower())

    def relations(self, part: str) -> dict[str, Relation]:
        """What `part` refers to, by id; "" is the container itself."""
        if part not in self._relations:
            folder, file = posixpath.split(part)
            root = self.tree(posixpath.join(folder, "_rels", file + ".rels"))
            found = () if root is None else root
            self._relations[part] = {item.get("Id", ""): _relation(folder, item) for item in found}
        return self._relations[part]

    def data(self, part: str) -> bytes | None:
        """The bytes of `part`; None if it does not exist. Raises InputRejected for damage or too many bytes."""
        entry = self._members.get(part.lower())
        if entry is None:
            return None
        content = bytearray()
        try:
            with self._archive.open(entry) as member:
                while piece := member.read(_PIECE):
                    content += piece
                    self._unpacked += len(piece)
                    check_unpacked(self._source, self._unpacked, "zip")
        except _DAMAGE as exc:
            raise self._source.rejected("is damaged: a part of its zip container cannot be unpacked") from exc
        return bytes(content)

    def tree(self, part: str) -> Element | None:
        """The root of an XML part; None if it is missing, or unreadable and then added to `damaged`."""
        try:
            data = self._xml(part)
            return None if data is None else ElementTree.fromstring(data)  # noqa: S314 - it was checked
        except (InputRejected, ElementTree.ParseError):
            check_unpacked(self._source, self._unpacked, "zip")  # a bomb is not just a damaged part
            self.damaged.append(part)
            return None

    def plain_tree(self, part: str) -> Element | None:
        """`tree`, with names without their namespaces: for vocabularies in which no name has two meanings."""
        root = self.tree(part)
        return None if root is None else without_namespaces(root)

    def blocks(self, part: str, container: str) -> Iterator[Element]:
        """The elements in the element `container` of an XML part one by one, so that a long document is not held as a
        tree. Raises InputRejected if the part cannot be read."""
        data = self._xml(part)
        if data is None:
            raise self._source.rejected("is damaged: its main part is missing")
        try:
            yield from _below(data, container)
        except ElementTree.ParseError as exc:  # invalid namespaces, which `check_xml` does not check
            raise self._source.rejected(f"is damaged: its XML cannot be read ({exc})") from exc

    def _xml(self, part: str) -> bytes | None:
        """The bytes of an XML part after `check_xml`, with the namespaces of strict files normalised."""
        data = self.data(part)
        if data is None or not data.strip():
            return None
        check_xml(self._source, data)
        return _STRICT.sub(_TRANSITIONAL, data) if b"purl.oclc.org" in data else data


def without_namespaces(root: Element) -> Element:
    """The tree, with the names of elements and attributes without their namespaces."""
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        if any(name[0] == "{" for name in element.attrib):
            named = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
            element.attrib.clear()
            element.attrib.update(named)
    return root


def _below(data: bytes, container: str) -> Iterator[Element]:
    """The elements in each outermost `container`; each is freed after the caller has read it."""
    around: list[Element] = []
    inside = 0
    """The nesting depth, counted from the container; 0 outside it."""
    for event, element in ElementTree.iterparse(io.BytesIO(data), events=("start", "end")):  # noqa: S314 - checked
        if event == "start":
            around.append(element)
            if not inside and element.tag == container:
                inside = len(around)
            continue
        around.pop()
        if len(around) == inside and around:
            yield element
            around[-1].remove(element)
        elif len(around) < inside:
            inside = 0


def _relation(folder: str, item: Element) -> Relation:
    kind = item.get("Type", "").rpartition("/")[2]
    target = item.get("Target", "")
    if item.get("TargetMode") == "External":
        return Relation(kind, target, external=True)
    path = unquote(target.partition("#")[0]).replace("\\", "/")
    return Relation(kind, posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/"), external=False)
