"""Diagrams (SmartArt) as lists of their texts, nested as in the diagram."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.blocks import Blocks
from lethe.parsers.openxml.drawing_text import line
from lethe.parsers.openxml.names import DGM, A, number
from lethe.parsers.openxml.package import Package

_NOT_SHOWN = frozenset({"pres"})
"""Points that only present the text of other points."""


def write_diagram(package: Package, part: str, blocks: Blocks) -> None:
    """Writes the diagram whose data is in `part`."""
    root = package.tree(part)
    for text, depth in () if root is None else _items(root):
        blocks.item(text, depth)


def _items(data: Element) -> Iterator[tuple[str, int]]:
    """Text and depth (from 0) of each point of a diagram's data part."""
    texts: dict[str, str] = {}
    roots: list[str] = []
    for point in data.iter(DGM + "pt"):
        kind, key = point.get("type", "node"), point.get("modelId", "")
        if kind == "doc":
            roots.append(key)
        if kind not in _NOT_SHOWN:
            lines = [line(paragraph).strip() for paragraph in point.iter(A + "p")]
            texts[key] = "\n".join(filter(None, lines))
    below = _below(data)
    stack = [(key, -1) for key in reversed(roots)]
    while stack:
        key, depth = stack.pop()
        text = texts.pop(key, None)
        if text is None:
            continue
        if text:
            yield text, max(depth, 0)
        stack += [(child, depth + 1) for child in reversed(below.get(key, ()))]
    for text in filter(None, texts.values()):  # points without a connection
        yield text, 0


def _below(data: Element) -> dict[str, list[str]]:
    """The points below each point, with the labels of the arrows between them, in order."""
    connections: dict[str, list[tuple[int, str, str]]] = {}
    for connection in data.iter(DGM + "cxn"):
        if connection.get("type", "parOf") == "parOf":
            connections.setdefault(connection.get("srcId", ""), []).append(
                (
                    number(connection.get("srcOrd")),
                    connection.get("destId", ""),
                    connection.get("sibTransId", ""),
                )
            )
    return {
        key: [point for _order, child, arrow in sorted(found) for point in (child, arrow)]
        for key, found in connections.items()
    }
