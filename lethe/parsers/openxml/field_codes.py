"""Fields that do not show a stored result: some are drawn from their instruction (SYMBOL, EQ), some show nothing."""

import re

from lethe.parsers.openxml.symbols import symbol

_SIGN = re.compile(
    r'\s*SYMBOL\s+(0x[0-9a-f]{1,4}|\d{1,5})(?:.*\\f\s*"?([^"\\]+))?', re.IGNORECASE | re.DOTALL
)
_UNSEEN = re.compile(r"\s*(?:SET|ASK)\s", re.IGNORECASE)
_EQUATION = re.compile(r"\s*EQ\s(.*)", re.IGNORECASE | re.DOTALL)
_FORMAT = re.compile(r'\\\*\s*(?:"[^"]*"|\S+)')
_PART = re.compile(r"((?:\\(?:[a-z]+|[\[\]{}<>|])\s*(?:-?\d+\s*)?)+)\(([^()]*)\)", re.IGNORECASE)
_RAISED = "\0"
"""Stands before a part that is set higher or lower than its line."""


def drawn(instruction: str) -> str:
    """What the field shows; "" for other fields."""
    sign = _SIGN.match(instruction[:500])
    if sign:
        return symbol((sign[2] or "").strip(), int(sign[1], 0 if sign[1][:2].lower() == "0x" else 10))
    equation = _EQUATION.match(instruction[:1_000])
    if not equation:
        return ""
    text, found = _FORMAT.sub("", equation[1]), 1
    while found:  # the innermost parts first
        text, found = _PART.subn(_part, text)
    return text.replace(_RAISED, "").strip()


def is_unseen(instruction: str) -> bool:
    """Whether the field's result only gives a bookmark its text, and is not shown at its place."""
    return _UNSEEN.match(instruction) is not None


def _part(part: re.Match[str]) -> str:
    kind = part[1][1].lower()
    pieces = [piece.strip() for piece in re.split("[,;]", part[2])]
    if kind == "o" and len(pieces) > 1 and pieces[0].startswith(_RAISED):  # a reading over its word
        return f"{''.join(pieces[1:])}({pieces[0]})"
    if kind == "r":
        return f"{''.join(pieces[:-1])}√{pieces[-1]}"
    joint = {"f": "/", "o": ""}.get(kind, " ")
    return (_RAISED if kind == "s" else "") + joint.join(pieces)
