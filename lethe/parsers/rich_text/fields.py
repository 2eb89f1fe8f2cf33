"""Fields: links, symbols and form fields. Their result is visible, their instruction is not."""

import re
from dataclasses import dataclass, field

from lethe.parsers.openxml.symbols import symbol

_LINK = re.compile(r'\s*HYPERLINK\s+(?!\\)"?([^"\s]+)', re.IGNORECASE)
_SIGN = re.compile(
    r'\s*SYMBOL\s+(0x[0-9a-f]{1,4}|\d{1,5})(?:.*\\f\s*"?([^"\\]+))?', re.IGNORECASE | re.DOTALL
)
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
        """What it shows if the file stores no result: a symbol, a check box, or the chosen entry of a list."""
        match = _SIGN.match(self.instruction[:500])
        if match:
            code = int(match[1], 0) if match[1][:2].lower() == "0x" else int(match[1])
            return symbol((match[2] or "").strip(), code)
        chosen = self.default if self.result in (None, _UNSET) else self.result
        if self.kind == _CHECK_BOX:
            return CHECKED if chosen else UNCHECKED
        if self.kind == _LIST and chosen is not None and 0 <= chosen < len(self.entries):
            return self.entries[chosen]
        return ""
