"""Fields: their result is visible, their instruction is not."""

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
    """One field. `kind`, `result`, `default` and `entries` are those of a form's field."""

    instruction: str = ""
    shown: bool = False
    """Whether it has a result of its own."""
    kind: int = 0
    result: int | None = None
    default: int = 0
    entries: list[str] = field(default_factory=list)

    @property
    def link(self) -> str | None:
        """The address that it leads to; None for a place in the file itself."""
        match = _LINK.match(self.instruction[:5_000])
        return match[1] if match else None

    def without_result(self) -> str:
        """What it shows where the file has no result for it: a sign, a check box, the chosen entry of a list."""
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
