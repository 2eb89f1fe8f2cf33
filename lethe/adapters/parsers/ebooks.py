"""E-books (epub): the chapters in reading order, each as a web page."""

import posixpath
from urllib.parse import unquote
from xml.etree import ElementTree

from lethe.adapters.parsers.containers import texts
from lethe.adapters.parsers.markdown.writer import Writer
from lethe.adapters.parsers.markup import element_tree
from lethe.adapters.parsers.source import Reading, Source
from lethe.adapters.parsers.web_pages import read_html

_CONTAINER = "META-INF/container.xml"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"


def read_ebook(source: Source) -> Reading:
    """A checked epub. Raises InputRejected for one without a list of its chapters, with
    a chapter that is missing, or with unsafe XML."""
    members = dict(texts(source))
    package_path, package = _package(source, members)
    items = {item.get("id"): item for item in package.iter(_OPF + "item")}
    writer = Writer(source)
    done: set[str] = set()
    for reference in package.iter(_OPF + "itemref"):
        item = items.get(reference.get("idref"))
        if item is None or "html" not in item.get("media-type", "html"):
            continue
        path = posixpath.normpath(
            posixpath.join(posixpath.dirname(package_path), unquote(item.get("href", "")))
        )
        if path in done:  # a chapter is read once, however often it is listed
            continue
        done.add(path)
        if path not in members:
            raise source.rejected("is damaged: a chapter of the epub is missing")
        writer.write(read_html(source, members.pop(path)).markdown.strip() + "\n\n")
    title = package.find(f"{_OPF}metadata/{_DC}title")
    return Reading(writer.text(), None if title is None else title.text)


def _package(source: Source, members: dict[str, bytes]) -> tuple[str, ElementTree.Element]:
    """Path and content of the file that lists the chapters."""
    for element in element_tree(source, members.get(_CONTAINER, b"")).iter():
        path = element.get("full-path", "")
        if path in members:
            return path, element_tree(source, members[path])
    raise source.rejected("is damaged: the epub does not say which chapters it has")
