"""Joins lines, and removes the hyphens at their ends that split a word."""

import re
from dataclasses import dataclass, field

_CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
HYPHEN = re.compile(r"([^\W_][\w'’.-]*)[-\u2010\u00ad]$")
_LONG_LINE, _ENOUGH_LINES, _HYPHENATED = 40, 20, 0.05
"""A document with enough long lines does not hyphenate if less than this share of them ends with a hyphen."""
_MOST_WORDS = 300_000
_WORD = re.compile(r"[^\W_][\w'’]*(?:-\w+)*")
_FIRST_WORD = re.compile(r"[^\W_][\w'’]*")


@dataclass(slots=True)
class Words:
    """Decides from a document's words whether a hyphen at a line's end splits a word. `cut` of `lines` long lines end
    with a hyphen."""

    known: set[str] = field(default_factory=set)
    lines: int = 0
    cut: int = 0

    def learn(self, text: str, before: str) -> None:
        """Learns the words of a line, except those split by a hyphen at its end or at the end of the line before."""
        if len(self.known) > _MOST_WORDS:
            return
        words = _WORD.findall(HYPHEN.sub("", text))
        self.known.update(word.casefold() for word in words[bool(HYPHEN.search(before)) :])
        self.lines += len(text) > _LONG_LINE
        self.cut += bool(HYPHEN.search(before)) and text[:1].islower()

    def join(self, before: str, after: str) -> str:
        """Joins two lines of a paragraph."""
        match, following = HYPHEN.search(before), _FIRST_WORD.match(after)
        if match is None or following is None:
            gap = "" if _CJK.match(before[-1:]) and _CJK.match(after[:1]) else " "
            return f"{before}{gap}{after}"
        head, tail = match[1], following[0]
        if before.endswith("\u00ad"):
            return before[:-1] + after
        return (before if self._keeps_hyphen(head, tail) else before[:-1]) + after

    def _keeps_hyphen(self, head: str, tail: str) -> bool:
        head, cased = head.rsplit("-", 1)[-1], tail
        head, tail = head.casefold(), tail.casefold()
        if not cased[0].islower() or not head.isalpha() or f"{head}-{tail}" in self.known:
            return True
        if f"{head}{tail}" in self.known:
            return False
        if len(head) > 2 and head in self.known and tail in self.known:
            return True
        return self.lines >= _ENOUGH_LINES and self.cut < _HYPHENATED * self.lines
