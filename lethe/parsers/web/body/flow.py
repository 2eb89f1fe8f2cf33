"""Collects inline text of a page: collapses spaces, ends lines at blocks, applies formats."""

import re
from collections import Counter

from lethe.parsers.markdown.inline import Run, inline, literal

_SPACES = re.compile("[ \t\n\r\f\xa0]+")
_LINE_SPACES = re.compile(" *\n *")
_FORM = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "cite": "italic",
    "dfn": "italic",
    "var": "italic",
    "del": "struck",
    "s": "struck",
    "strike": "struck",
    "sup": "raised",
    "sub": "lowered",
}


class Flow:
    """The text of one block, while it is read."""

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._at_space = True
        self._formatted = False
        self._open: Counter[str] = Counter()
        self._links: list[str | None] = []
        self._words: list[list[str]] = []
        self._below: list[tuple[list[Run], bool]] = []
        self._form = (False, False, False, False, False)
        self._link: str | None = None

    def text(self, text: str) -> None:
        """Adds text of the page; each run of spaces and line ends becomes one space."""
        text = _SPACES.sub(" ", text).replace("\xad", "")
        if self._at_space and text.startswith(" "):
            text = text[1:]
        if text:
            self._add(text)
            self._at_space = text.endswith(" ")

    def verbatim(self, text: str) -> None:
        """Adds text with its line ends."""
        if text:
            self._add(text)
            self._at_space = text[-1:].isspace()

    def apart(self, text: str) -> None:
        """Adds text that replaces an object such as an image. It is never joined to adjacent words."""
        self.space()
        self.text(text)
        self.space()

    def space(self) -> None:
        """Separates words."""
        if not self._at_space:
            self._add(" ")
            self._at_space = True

    def line_end(self) -> None:
        """Ends a line (`<br>`), even an empty one."""
        if self._runs:
            self._add("\n")
            self._at_space = True

    def part(self) -> None:
        """Ends the line if it is not empty, where a block begins or ends inside another."""
        if self._runs and not self._runs[-1].text.endswith("\n"):
            self.line_end()

    def mark(self, text: str) -> None:
        """Adds a note's mark, which is not escaped."""
        self._runs.append(Run(text))
        self._at_space = False

    def begin_word(self) -> None:
        """Begins a word with readings (`<ruby>`)."""
        self._words.append([])

    def end_word(self) -> None:
        """Ends a word. Its readings follow the whole word, so that search finds it."""
        readings = "".join(self._words.pop())
        if readings:
            self.mark(f"({readings})")

    def begin_reading(self) -> None:
        """Begins a reading, which browsers show above the word."""
        self._below.append((self._runs, self._at_space))
        self._runs, self._at_space = [], True

    def end_reading(self) -> None:
        """Ends a reading."""
        text = "".join(run.text for run in self._runs).strip()
        self._runs, self._at_space = self._below.pop()
        if self._words:
            self._words[-1].append(text)
        elif text:
            self.mark(f"({text})")

    def begin(self, tag: str) -> None:
        """Begins a format."""
        self._open[_FORM[tag]] += 1
        self._change()

    def end(self, tag: str) -> None:
        """Ends a format."""
        self._open[_FORM[tag]] -= 1
        self._change()

    def begin_link(self, address: str | None) -> None:
        """Begins a link; `address` is None if it leads nowhere outside the page."""
        self._links.append(address)
        self._change()

    def end_link(self) -> None:
        """Ends a link."""
        self._links.pop()
        self._change()

    def take(self) -> str:
        """Returns the block's text as inline markdown, and begins the next block; formats and links stay open."""
        runs, self._runs = self._runs, []
        self._at_space = True
        if not runs:
            return ""
        formatted, self._formatted = self._formatted, self._is_formatted()
        text = inline(runs) if formatted else literal("".join(run.text for run in runs))
        return _LINE_SPACES.sub("\n", text).strip()

    def _add(self, text: str) -> None:
        self._runs.append(Run(text, *self._form, link=self._link))

    def _change(self) -> None:
        count = self._open
        self._form = (
            count["bold"] > 0,
            count["italic"] > 0,
            count["struck"] > 0,
            count["raised"] > 0,
            count["lowered"] > 0,
        )
        self._link = self._links[-1] if self._links else None
        self._formatted = self._formatted or self._is_formatted()

    def _is_formatted(self) -> bool:
        return self._link is not None or any(self._form)
