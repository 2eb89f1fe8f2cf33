"""Fields: links, symbols and form fields. Their result is visible, their instruction is not."""

import re
from dataclasses import dataclass, field

from lethe.parsers.openxml.field_codes import drawn

_LINK = re.compile(r'\s*HYPERLINK\s+(?!\\)"?([^"\s]+)', re.IGNORECASE)
_CHECK_BOX, _LIST = 1, 2
_UNSET = 25
CHECKED, UNCHECKED = "☒", "☐"


@dataclass(slots=True)
class Field:
    """One field. `kind`, `result`, `default` and `entries` are set for form fields."""

    instruction: str = ""
    shown: bool = False
    """Whether it has a stored result."""
    kind: int = 0
    result: int | None = None
    default: int = 0
    entries: list[str] = field(default_factory=list)

    @property
    def link(self) -> str | None:
        """The address of a link; None for other fields, and for links within the file."""
        match = _LINK.match(self.instruction[:5_000])
        return match[1] if match else None

    def without_result(self) -> str:
        """What it shows if the file stores no result: a check box, the chosen entry of a list, or what its instruction
        draws."""
        chosen = self.default if self.result in (None, _UNSET) else self.result
        if self.kind == _CHECK_BOX:
            return CHECKED if chosen else UNCHECKED
        if self.kind == _LIST and chosen is not None and 0 <= chosen < len(self.entries):
            return self.entries[chosen]
        return drawn(self.instruction)
