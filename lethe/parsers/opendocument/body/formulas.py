"""MathML as a line of text that can be read and searched: `x = (-b ± √(b^2 - 4ac))/(2a)`."""

from xml.etree.ElementTree import Element

_LEFT_OUT = frozenset({"annotation", "annotation-xml", "mphantom"})
_ATOMS = frozenset({"mi", "mn", "mtext", "ms", "mo"})
_SPACED = frozenset("=<>≤≥≠≈≡±∓+−-×·÷∈∉⊂⊆∪∩→←↔⇒⇔∧∨:,;")
_PATTERNS = {
    "mfrac": "{1}/{2}",
    "mroot": "{2}√{1}",
    "msup": "{0}^{2}",
    "mover": "{0}^{2}",
    "msub": "{0}_{2}",
    "munder": "{0}_{2}",
    "msubsup": "{0}_{2}^{3}",
    "munderover": "{0}_{2}^{3}",
}
"""Templates: {0} is the first part unchanged, {1} and up are the parts in order, in brackets if they are long."""
_FUNCTION_APPLICATION = str.maketrans("", "", "\u2061\u2062\u2063\u2064")


def formula(element: Element) -> str:
    """The formula below `element` (any wrapper of `math`)."""
    return " ".join(_read(element).split())


def _read(element: Element) -> str:
    """Writes raised parts after `^`, lowered ones after `_`, fractions with `/` and roots with `√`."""
    kind = element.tag.rpartition(":")[2]
    if kind in _LEFT_OUT:
        return ""
    if kind in _ATOMS:
        text = "".join(element.itertext()).translate(_FUNCTION_APPLICATION).strip()
        return f" {text} " if text in _SPACED or len(text) > 2 else text  # longer names are words
    parts = [_read(child) for child in element]
    if kind == "mfenced":
        inside = (element.get("separators") or ",")[:1] + " "
        return element.get("open", "(") + inside.join(parts) + element.get("close", ")")
    return _layout(kind, parts)


def _layout(kind: str, parts: list[str]) -> str:
    """Joins the parts of a fraction, root, table and so on; of an unknown or invalid element, they are concatenated."""
    grouped = [_grouped(part) for part in parts]
    if kind == "mtable":
        return "(" + "; ".join(part.strip() for part in parts) + ")"
    if kind == "mtr":
        return ", ".join(part.strip() for part in parts)
    if kind == "msqrt":
        return f"√({''.join(parts)})"
    if kind in _PATTERNS and len(parts) == _PATTERNS[kind].count("}"):
        return _PATTERNS[kind].format(parts[0], *grouped)
    return "".join(parts)


def _grouped(text: str) -> str:
    text = text.strip()
    one = len(text) <= 1 or text.isalnum() or (text[0] == "(" and text.find(")") == len(text) - 1)
    return text if one else f"({text})"
