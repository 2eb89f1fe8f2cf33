"""Comments on a sheet of an xlsx: old ones (notes), and threads."""

from collections.abc import Mapping
from xml.etree import ElementTree

from lethe.parsers.markdown.inline import literal
from lethe.parsers.openxml.package import Package, Relation
from lethe.parsers.workbooks.cells import span
from lethe.parsers.workbooks.texts import rich_text

Comments = dict[tuple[int, int], list[str]]
"""Texts, each preceded by its author, by row and column."""


def read_comments(package: Package, relations: Mapping[str, Relation], people: dict[str, str]) -> Comments:
    """The comments of the sheet with these relations. A thread replaces its note for old programs."""
    threads: Comments = {}
    notes: Comments = {}
    for relation in relations.values():
        root = (
            package.plain_tree(relation.target)
            if relation.kind in ("comments", "threadedComment") and not relation.external
            else None
        )
        if root is None:
            continue
        if relation.kind == "comments":
            _notes(root, notes)
        else:
            _threads(root, people, threads)
    return {**notes, **threads}


def _notes(root: ElementTree.Element, found: Comments) -> None:
    authors = [author.text or "" for author in root.iter("author")]
    for comment in root.iter("comment"):
        at = span(comment.get("ref", ""))
        text = comment.find("text")
        if at is None or text is None:
            continue
        words = rich_text(text).strip()
        number = comment.get("authorId", "")
        author = (
            authors[int(number)]
            if number.isdecimal() and len(number) < 9 and int(number) < len(authors)
            else ""
        )
        if words:
            found.setdefault((at.top, at.left), []).append(_signed(author, words))


def _threads(root: ElementTree.Element, people: dict[str, str], found: Comments) -> None:
    for comment in root.iter("threadedComment"):
        at = span(comment.get("ref", ""))
        words = literal((comment.findtext("text") or "").strip())
        if at is not None and words:
            author = people.get(comment.get("personId", ""), "")
            found.setdefault((at.top, at.left), []).append(_signed(author, words))


def _signed(author: str, words: str) -> str:
    """The words, preceded by the author's name unless they begin with it, as Excel's own notes do."""
    author = literal(author.strip())
    plain = words.replace("*", "")
    return (
        words
        if not author or author.startswith("tc=") or plain.startswith(f"{author}:")
        else f"{author}: {words}"
    )
