"""Formulas of a page (MathML) as a line to read and search: `a^2^+b`, `(a+b)/c`, `√(x)`."""

import re

from selectolax.lexbor import LexborNode

_DEEPEST = 60
_ONE = re.compile(r"[^\W_]+|.", re.DOTALL)
_NO_TEXT = frozenset({"annotation", "annotation-xml", "mphantom", "script", "style"})
_INVISIBLE = str.maketrans(dict.fromkeys("\u2061\u2062\u2063\u2064"))
"""Invisible operators: function application, times, separator, plus."""


def formula(node: LexborNode, depth: int = 0) -> str:
    """The text of a `<math>`, or of an element in one; below `_DEEPEST` levels, only its plain text."""
    if depth > _DEEPEST:
        return " ".join(node.text().split())
    parts = [part for part in _children(node, depth) if part is not None]
    text = _arranged(node.tag or "", parts)
    if node.tag == "math":
        text = text or (node.attributes.get("alttext") or "").strip()
    return text


def _children(node: LexborNode, depth: int) -> list[str | None]:
    parts: list[str | None] = []
    child = node.first_child
    while child is not None:
        if child.tag == "-text":
            parts.append(" ".join((child.text_content or "").translate(_INVISIBLE).split()) or None)
        elif child.tag not in _NO_TEXT and not (child.tag or "-").startswith("-"):
            parts.append(formula(child, depth + 1))
        child = child.next
    return parts


def _arranged(tag: str, parts: list[str]) -> str:
    count, shape = _SHAPES.get(tag, (0, ""))
    if count and len(parts) == count:
        return shape.format(*parts, *(_grouped(part) for part in parts))
    text = _BETWEEN.get(tag, "").join(parts)
    if tag == "msqrt":
        return f"√({text})"
    if tag == "mspace" or (tag == "mo" and text in _APART):
        return f" {text} "
    return " ".join(text.split()) if tag == "math" else text


def _grouped(part: str) -> str:
    """`part` in brackets, unless it is one word or sign."""
    return part if _ONE.fullmatch(part.strip()) else f"({part})"


_BETWEEN = {"mtable": "; ", "mtr": ", ", "mlabeledtr": ", "}
_APART = frozenset("=<>≤≥≈≠→+−")
_SHAPES = {
    "mfrac": (2, "{2}/{3}"),
    "msup": (2, "{2}^{1}^"),
    "msub": (2, "{0}~{1}~"),
    "msubsup": (3, "{0}~{1}~^{2}^"),
    "mroot": (2, "^{1}^√({0})"),
    "mover": (2, "{0}{1}"),
    "munder": (2, "{0}~{1}~"),
    "munderover": (3, "{0}~{1}~^{2}^"),
}
"""The number of an element's parts, and a template: first the parts as they are, then the same in brackets."""
