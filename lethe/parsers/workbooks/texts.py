"""Reads the text in a workbook's XML, with its escapes, formatted runs and readings."""

import re
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

from lethe.parsers.markdown.inline import Run, inline, literal

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_OFF = ("0", "false", "none")
_MARKS: dict[str, Callable[[Run, bool], Run]] = {
    "b": lambda run, on: replace(run, bold=on),
    "i": lambda run, on: replace(run, italic=on),
    "strike": lambda run, on: replace(run, struck=on),
}
_PLAIN = Run("")


def unescaped(text: str) -> str:
    """`text` with escapes like `_x000D_` decoded; `_x005F_` is an escaped underscore."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


class RichText:
    """Collects the text of one `si`, `is` or `text` element from parser events. Readings (`rPh`) are left out.

    Bold and italic are kept only if parts of the text differ.
    """

    def __init__(self) -> None:
        self._pieces: list[tuple[Run, str]] = []
        """Each text with a run that has its format."""
        self._format = _PLAIN
        self._in_text = self._in_reading = False

    def start(self, name: str, value: str | None) -> None:
        """Handles the start of an element below it; `value` is its attribute `val`."""
        if name == "rPh":
            self._in_reading = True
        elif name == "t":
            self._in_text = not self._in_reading
        elif name == "r":
            self._format = _PLAIN
        elif name in _MARKS:
            self._format = _MARKS[name](self._format, value not in _OFF)
        elif name == "vertAlign":
            self._format = replace(self._format, raised=value == "superscript", lowered=value == "subscript")

    def end(self, name: str) -> None:
        """Handles the end of an element below it."""
        if name == "rPh":
            self._in_reading = False
        elif name == "t":
            self._in_text = False
        elif name == "r":
            self._format = _PLAIN

    def text(self, text: str) -> None:
        """Adds characters."""
        if self._in_text:
            self._pieces.append((self._format, text))

    def markdown(self) -> str:
        """Returns the text as inline markdown, and empties the collector."""
        pieces, self._pieces = self._pieces, []
        first = pieces[0][0] if pieces else _PLAIN
        if any(form != first for form, _ in pieces):
            return inline(replace(form, text=unescaped(text)) for form, text in pieces)
        text = unescaped("".join(text for _, text in pieces))
        return inline([Run(text, struck=True)]) if first.struck else literal(text)


def rich_text(element: ElementTree.Element) -> str:
    """The text of an `si` or `text` element of a tree."""
    collector = RichText()

    def walk(parent: ElementTree.Element) -> None:  # trees are at most `markup.DEEPEST` deep
        for child in parent:
            collector.start(child.tag, child.get("val"))
            collector.text(child.text or "")
            walk(child)
            collector.end(child.tag)

    walk(element)
    return collector.markdown()
