"""Reads e-books (epub): the chapters in reading order, each as a web page."""

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from lethe.parsers.containers import Members, open_container
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.markup import check_doctype, element_tree
from lethe.parsers.source import Reading, Source
from lethe.parsers.web.body.blocks import Seen
from lethe.parsers.web.charset import page_text
from lethe.parsers.web.page import Page

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_FULL_PATH = re.compile(rb"""\bfull-path\s*=\s*["']([^"'<>]{1,1000})""")
_LOCKED = re.compile(rb"""<(?:\w+:)?CipherReference\b[^>]{0,200}?\bURI\s*=\s*["']([^"'<>]{1,1000})""")
_PAGES = re.compile(r"html|svg|dtbook|oeb1-document|^(?:application|text)/xml$|^$")
_PAGE_NAME = re.compile(r"\.(?:x?html?|xht|xml|svg)$", re.IGNORECASE)
_MOST_FALLBACKS = 10


class _Item(NamedTuple):
    """An entry of the book's manifest."""

    href: str
    media_type: str
    fallback: str


def read_ebook(source: Source) -> Reading:
    """Reads a checked epub; each chapter is a place. A warning names each missing chapter.

    Raises InputRejected for a book without a list of chapters, without any chapter, with encrypted chapters or unsafe
    XML.
    """
    with open_container(source) as archive:
        return _read(source, Members(source, archive))


def _read(source: Source, members: Members) -> Reading:
    package = _package(members)
    if package is None:
        raise source.rejected("is damaged: the epub does not say which chapters it has")
    title, items, order = _contents(source, members.read(package))
    locked = _locked(members)
    writer, seen = Writer(source), Seen()
    done: set[str] = set()
    missing: list[str] = []
    for href in _chapters(writer, items, order):
        path = _member(members, package, href)
        if path is None:
            missing.append(href)
        elif path in locked:
            raise source.rejected("is encrypted: save it without a password or rights management")
        elif path not in done:  # each chapter is read once, even if listed repeatedly
            done.add(path)
            _write_chapter(source, writer, seen, len(done), members.read(path))
    if missing and not done:
        raise source.rejected("is damaged: the chapters of the epub are missing")
    for href in dict.fromkeys(missing):
        writer.warn(f"The chapter '{href[:200]}' is missing from the file.")
    writer.tell(seen.left_out)
    return writer.reading(title)


def _write_chapter(source: Source, writer: Writer, seen: Seen, number: int, data: bytes) -> None:
    check_doctype(source, data)
    text, warnings = page_text(data)
    for sentence in warnings:
        writer.warn(sentence)
    page = Page(source, text, xhtml=True)
    writer.place(number, page.title)
    page.write(writer, seen)


def _package(members: Members) -> str | None:
    """The member that lists the chapters: the one that the container names, else the first `.opf`."""
    container = members.find(_CONTAINER)
    if container is not None:
        for path in _FULL_PATH.findall(members.read(container)):
            found = members.find(unquote(path.decode("utf-8", "replace")).lstrip("/"))
            if found is not None:
                return found
    return members.ending(".opf")


def _contents(source: Source, data: bytes) -> tuple[str | None, dict[str, _Item], list[str]]:
    """The book's title, its files by id, and the ids of its chapters in order."""
    title: str | None = None
    items: dict[str, _Item] = {}
    order: list[str] = []
    for element in element_tree(source, data).iter():
        name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        if name == "title":
            title = title or element.text
        elif name == "item":
            media_type = element.get("media-type", "").strip().lower()
            items[element.get("id", "")] = _Item(
                element.get("href", "").strip(), media_type, element.get("fallback", "")
            )
        elif name == "itemref":
            order.append(element.get("idref", ""))
    return title, items, order


def _chapters(writer: Writer, items: dict[str, _Item], order: list[str]) -> Iterator[str]:
    """References to the pages in reading order, or in the manifest's order if none is given."""
    for name in order or items:
        item = items.get(name)
        for _ in range(_MOST_FALLBACKS):
            if item is None or _is_page(item):
                break
            item = items.get(item.fallback)
        if item is not None and _is_page(item):
            yield item.href
        elif order and name in items:
            writer.warn(
                f"'{items[name].href[:200]}' is not a page ({items[name].media_type}) and is left out."
            )


def _is_page(item: _Item) -> bool:
    return bool(item.href) and bool(
        _PAGES.search(item.media_type) or _PAGE_NAME.search(item.href.partition("#")[0])
    )


def _member(members: Members, package: str, href: str) -> str | None:
    """The member that a reference in the package points to; None if it does not exist."""
    plain = re.split("[?#]", href, maxsplit=1)[0].replace("\\", "/")
    folder = posixpath.dirname(package)
    paths = [
        posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")
        for path in (unquote(plain), plain, unquote(href))
    ]
    return members.find(*paths)


def _locked(members: Members) -> set[str]:
    """The encrypted members. Often these are only fonts, which are not read."""
    notes = members.find(_ENCRYPTION)
    if notes is None:
        return set()
    paths = (unquote(uri.decode("utf-8", "replace")) for uri in _LOCKED.findall(members.read(notes)))
    return {path.lstrip("/") for path in paths}
