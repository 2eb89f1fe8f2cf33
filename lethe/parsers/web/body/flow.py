"""Inline text of a page: spaces are collapsed, blocks end lines, formats cover their content."""

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
        """Text of the page: its spaces and line ends are one space."""
        text = _SPACES.sub(" ", text).replace("\xad", "")
        if self._at_space and text.startswith(" "):
            text = text[1:]
        if text:
            self._add(text)
            self._at_space = text.endswith(" ")

    def verbatim(self, text: str) -> None:
        """Text whose line ends are shown."""
        if text:
            self._add(text)
            self._at_space = text[-1:].isspace()

    def apart(self, text: str) -> None:
        """Text that replaces an object such as an image. It is never joined to the words beside it."""
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
        """Ends the line, if it is not empty, where a block begins or ends inside another."""
        if self._runs and not self._runs[-1].text.endswith("\n"):
            self.line_end()

    def mark(self, text: str) -> None:
        """A note's mark, which stays as it is written."""
        self._runs.append(Run(text))
        self._at_space = False

    def begin_word(self) -> None:
        """A word with readings (`<ruby>`) begins."""
        self._words.append([])

    def end_word(self) -> None:
        """A word ends. Its readings follow the whole word, so that search finds it."""
        readings = "".join(self._words.pop())
        if readings:
            self.mark(f"({readings})")

    def begin_reading(self) -> None:
        """A reading, shown above the word, begins."""
        self._below.append((self._runs, self._at_space))
        self._runs, self._at_space = [], True

    def end_reading(self) -> None:
        """A reading ends."""
        text = "".join(run.text for run in self._runs).strip()
        self._runs, self._at_space = self._below.pop()
        if self._words:
            self._words[-1].append(text)
        elif text:
            self.mark(f"({text})")

    def begin(self, tag: str) -> None:
        """A format begins."""
        self._open[_FORM[tag]] += 1
        self._change()

    def end(self, tag: str) -> None:
        """A format ends."""
        self._open[_FORM[tag]] -= 1
        self._change()

    def begin_link(self, address: str | None) -> None:
        """A link begins; None for one that leads nowhere outside the page."""
        self._links.append(address)
        self._change()

    def end_link(self) -> None:
        """A link ends."""
        self._links.pop()
        self._change()

    def take(self) -> str:
        """The block's text as inline markdown, and begins the next one; formats and links stay open."""
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
