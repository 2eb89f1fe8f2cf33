"""JSON as an outline of `key: value` lines, which keeps words apart and stays close to the file.

In a search index, JSON's escapes ("\\n", "\\u00f1") would merge with the words next to them.
"""

from lethe.parsers import markup
from lethe.parsers.plain.json_tokens import NotJson, Token, tokens
from lethe.parsers.plain.outline import Lines
from lethe.parsers.plain.texts import coded
from lethe.parsers.source import Reading, Source
from lethe.parsers.text import decode

MOST_VALUES = 5_000_000
"""The most values in one JSON file: about half a minute of work."""


def read_json(source: Source) -> Reading:
    """The outline of a JSON file in a code block: numbers as written, keys in order, including repeated ones.

    Consecutive values (JSON lines) are separated by empty lines. Raises InputRejected if it is not JSON, is nested
    deeper than `markup.DEEPEST` or has more than `MOST_VALUES` values.
    """
    data = source.read()
    check_width(source, data)
    text, warnings = decode(data)
    del data
    try:
        outline = _Outline(source)
        for token in tokens(text):
            outline.add(token)
    except NotJson as exc:
        raise source.rejected(f"is damaged: it is not valid JSON ({exc})") from exc
    return coded(source, outline.text(), warnings)


def check_width(source: Source, data: bytes) -> None:
    """Raises InputRejected for JSON of more than `MOST_VALUES` values."""
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MOST_VALUES:
        raise source.rejected(f"contains more than {MOST_VALUES:,} values: split it")


class _Outline:
    """Writes one line per value; an empty line separates consecutive values at the top level."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lines = Lines(source)
        self._open: list[tuple[str, int]] = []
        """The open brackets, each with the depth of its content."""
        self._label = ""
        self._begun = False
        self._waiting: str | None = None
        """The label of a bracket that was just opened. If it is closed at once, `{}` or `[]` follows the label."""

    def add(self, token: Token) -> None:
        if token.kind in "}]":
            self._close(token.kind)
            return
        self._show_waiting()
        if token.kind == "key":
            self._label = f"{token.text}:"
        elif token.kind == "value":
            self._put(self._depth(), f"{self._take_label()} {token.text}".strip())
        else:
            label = self._take_label()
            self._open.append((token.kind, self._depth() + bool(label)))
            markup.check_depth(self._source, len(self._open))
            self._waiting = label

    def text(self) -> str:
        return self._lines.text()

    def _close(self, kind: str) -> None:
        self._open.pop()
        if self._waiting:
            self._put(self._depth(), f"{self._waiting} {'{}' if kind == '}' else '[]'}")
        self._waiting = None

    def _show_waiting(self) -> None:
        if self._waiting:
            self._put(self._depth() - 1, self._waiting)
        elif not self._open and self._begun:
            self._lines.put(0, "")
        self._waiting = None

    def _depth(self) -> int:
        return self._open[-1][1] if self._open else 0

    def _take_label(self) -> str:
        label, self._label = self._label, ""
        return label or ("-" if self._open and self._open[-1][0] == "[" else "")

    def _put(self, depth: int, line: str) -> None:
        self._begun = True
        self._lines.put(depth, line)
