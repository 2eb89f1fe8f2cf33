"""Text of a workbook as its XML keeps it: with escapes, runs of formats, and readings above it."""

import re
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

from lethe.adapters.parsers.markdown.inline import Run, inline, literal

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_OFF = ("0", "false", "none")
_MARKS: dict[str, Callable[[Run, bool], Run]] = {
    "b": lambda run, on: replace(run, bold=on),
    "i": lambda run, on: replace(run, italic=on),
    "strike": lambda run, on: replace(run, struck=on),
}
_PLAIN = Run("")


def unescaped(text: str) -> str:
    """`text` with its `_x000D_` read; `_x005F_` is the underscore that escapes another one."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


class RichText:
    """Collects the text of one `si`, `is` or `text` element from what a parser tells. Readings (`rPh`) are left out.

    Bold and italic of a part of the text are kept only where parts differ.
    """

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._format = _PLAIN
        self._in_text = self._in_reading = False

    def start(self, name: str, value: str | None) -> None:
        """An element below it begins; `value` is its attribute `val`."""
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
        """An element below it has ended."""
        if name == "rPh":
            self._in_reading = False
        elif name == "t":
            self._in_text = False
        elif name == "r":
            self._format = _PLAIN

    def text(self, text: str) -> None:
        """Characters."""
        if self._in_text:
            self._runs.append(replace(self._format, text=text))

    def markdown(self) -> str:
        """All of it as inline markdown; the collector is empty again."""
        runs, self._runs = self._runs, []
        if not any(run.form != runs[0].form for run in runs):
            runs = [Run("".join(run.text for run in runs), struck=bool(runs) and runs[0].struck)]
        if len(runs) == 1 and not runs[0].struck:
            return literal(unescaped(runs[0].text))
        return inline(
            Run(unescaped(run.text), run.bold, run.italic, run.struck, run.raised, run.lowered)
            for run in runs
        )


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
