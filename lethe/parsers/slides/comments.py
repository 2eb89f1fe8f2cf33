"""Comments on slides, in PowerPoint's old and new formats."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.inline import literal
from lethe.parsers.openxml.drawing_text import line
from lethe.parsers.openxml.names import A, local
from lethe.parsers.openxml.package import Package

_AUTHORS = frozenset({"commentAuthors", "authors"})


class Authors:
    """The authors of comments in one presentation."""

    def __init__(self, package: Package, presentation: str) -> None:
        self._names: dict[str, str] = {}
        for relation in package.relations(presentation).values():
            root = (
                package.tree(relation.target) if relation.kind in _AUTHORS and not relation.external else None
            )
            for author in () if root is None else root:
                self._names[author.get("id", "")] = author.get("name", "")

    def comments(self, root: Element) -> Iterator[str]:
        """Each comment or reply of a comments part, preceded by its author."""
        for comment in root.iter():
            if local(comment) not in ("cm", "reply"):
                continue
            text = _text(comment)
            if text:
                name = literal(self._names.get(comment.get("authorId", ""), "").strip())
                yield f"{name}: {text}" if name else text


def _text(comment: Element) -> str:
    for below in comment:
        if local(below) == "text":
            return literal((below.text or "").strip())
        if local(below) == "txBody":
            return "\n".join(line(paragraph) for paragraph in below.iter(A + "p")).strip()
    return ""
