"""Fields of a docx: their result is visible, their instruction is not."""

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from lethe.parsers.openxml.field_codes import drawn, is_unseen
from lethe.parsers.openxml.names import W, number, switch, value

_LINK = re.compile(r'\s*HYPERLINK\s+(?:\\[a-z]\s+)*"?([^"\s\\]+)', re.IGNORECASE)
_BUTTON = re.compile(r"\s*(?:MACROBUTTON|GOTOBUTTON)\s+\S+\s(.*)", re.IGNORECASE | re.DOTALL)


def address(instruction: str) -> str | None:
    """The address in the instruction of a HYPERLINK field; None for other fields."""
    match = _LINK.match(instruction)
    return match[1] if match else None


@dataclass(slots=True)
class _Field:
    instruction: list[str] = field(default_factory=list)
    separated: bool = False
    unseen: bool = False
    link: str | None = None


class Fields:
    """The fields that are open at the current position of a text."""

    def __init__(self) -> None:
        self._open: list[_Field] = []

    @property
    def hides(self) -> bool:
        """Whether text here is part of an instruction, being the result of a field within one, or is only kept for
        others. Text directly in an instruction belongs to a field with incomplete marks, and is shown."""
        return any(not one.separated for one in self._open[:-1]) or any(one.unseen for one in self._open)

    @property
    def link(self) -> str | None:
        """The address of the innermost link field whose result contains this position."""
        return next((one.link for one in reversed(self._open) if one.link), None) if self._open else None

    def instruct(self, text: str) -> None:
        """Adds to the instruction of the innermost field."""
        if self._open:
            self._open[-1].instruction.append(text)

    def mark(self, mark: Element) -> str:
        """Handles a `w:fldChar`, and returns the text that it shows itself (a check box, a button, a symbol)."""
        kind = mark.get(W + "fldCharType")
        if kind == "begin":
            self._open.append(_Field())
            return _form_value(mark.find(W + "ffData"))
        if not self._open:
            return ""
        if kind == "separate":
            self._open[-1].separated = True
            instruction = "".join(self._open[-1].instruction)
            self._open[-1].link = address(instruction)
            self._open[-1].unseen = is_unseen(instruction)
            return ""
        ended = self._open.pop()
        if ended.separated or self.hides:
            return ""
        instruction = "".join(ended.instruction)
        button = _BUTTON.match(instruction)
        return button[1] if button else drawn(instruction)

    def end_paragraph(self) -> None:
        """Ends open instructions and unseen results with their paragraph, so that a missing end mark loses at most
        one paragraph."""
        for one in self._open:
            one.separated, one.unseen = True, False


def _form_value(data: Element | None) -> str:
    """The text of a check box or list in an old form; text fields have a result instead."""
    if data is None:
        return ""
    box = data.find(W + "checkBox")
    if box is not None:
        checked = switch(box, W + "checked")
        return "☒" if (switch(box, W + "default") if checked is None else checked) else "☐"
    entries = data.findall(f"{W}ddList/{W}listEntry")
    at = number(value(data, f"{W}ddList/{W}result") or value(data, f"{W}ddList/{W}default"))
    return entries[at].get(W + "val", "") if 0 <= at < len(entries) else ""
