"""Formulas (Office Math) as a readable line: `x~i~^2^`, `(a+b)/c`, `√x`, `∑~i=1~^n^i`, `[1 2; 3 4]`."""

import re
from collections.abc import Callable
from xml.etree.ElementTree import Element

from lethe.parsers.openxml.names import M, W

MATH = frozenset({M + "oMath", M + "oMathPara"})
_SILENT = frozenset({W + "del", W + "moveFrom", W + "rPr"})
_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
_ATOM = re.compile(r"(?:[\w.'′!]|[~^][\w.]+[~^])*|[(\[{][^()\[\]{}]*[)\]}]")


def formula(element: Element) -> str:
    """The text of an `m:oMath` or `m:oMathPara`. Each formula of an `m:oMathPara` has its own line."""
    if element.tag == M + "oMathPara":
        return "\n".join(filter(None, [_line(one).strip() for one in element.iter(M + "oMath")]))
    return _line(element).strip()


def _line(element: Element | None) -> str:
    if element is None or element.tag in _SILENT:
        return ""
    if element.tag in (M + "t", W + "t"):
        return element.text or ""
    write = _WRITERS.get(element.tag)
    if write is not None:
        return write(element)
    if element.tag.startswith(M) and element.tag.endswith("Pr"):
        return ""
    line = ""
    for below in element:
        line += _line(below)
    return line


def _part(element: Element, name: str) -> str:
    return _line(element.find(M + name))


def _atom(text: str) -> str:
    """`text`, in brackets if it would not be read as one operand."""
    return text if _ATOM.fullmatch(text) else f"({text})"


def _mark(sign: str, text: str) -> str:
    """A lowered (~) or raised (^) part; a part that contains such parts itself is put in brackets."""
    if not text:
        return ""
    return f"{sign}({text}){sign}" if "~" in text or "^" in text else f"{sign}{text}{sign}"


def _said(element: Element, path: str, otherwise: str) -> str:
    found = element.find("/".join(M + step for step in path.split("/")))
    return otherwise if found is None else found.get(M + "val", "")


def _fraction(element: Element) -> str:
    above, below = _part(element, "num"), _part(element, "den")
    if _said(element, "fPr/type", "bar") == "noBar":
        return f"{above} ¦ {below}"
    return f"{_atom(above)}/{_atom(below)}"


def _root(element: Element) -> str:
    degree = _part(element, "deg")
    return _ROOTS.get(degree, f"^{degree}^√") + _atom(_part(element, "e"))


def _scripts(element: Element) -> str:
    sub, sup = _part(element, "sub"), _part(element, "sup")
    marks = _mark("~", sub) + _mark("^", sup)
    base = _part(element, "e")
    return marks + base if element.tag == M + "sPre" else _atom(base) + marks


def _sum(element: Element) -> str:
    sub, sup = _part(element, "sub"), _part(element, "sup")
    sign = _said(element, "naryPr/chr", "∫")
    return f"{sign}{_mark('~', sub)}{_mark('^', sup)}{_part(element, 'e')}"


def _limit(element: Element) -> str:
    sign = "~" if element.tag == M + "limLow" else "^"
    return _part(element, "e") + _mark(sign, _part(element, "lim"))


def _brackets(element: Element) -> str:
    inside = []
    for part in element.findall(M + "e"):
        alone = [below for below in part if not below.tag.endswith("Pr")]
        matrix = len(alone) == 1 and alone[0].tag == M + "m"
        inside.append(_rows(alone[0]) if matrix else _line(part))
    left, right = _said(element, "dPr/begChr", "("), _said(element, "dPr/endChr", ")")
    return left + _said(element, "dPr/sepChr", "|").join(inside) + right


def _rows(matrix: Element) -> str:
    return "; ".join([" ".join(map(_line, row.findall(M + "e"))) for row in matrix.findall(M + "mr")])


def _lines(element: Element) -> str:
    lines = "; ".join(map(_line, element.findall(M + "e")))
    return lines.replace("&", "")  # marks where lines are aligned


def _accent(element: Element) -> str:
    base = _part(element, "e")
    if element.tag == M + "bar":
        sign = "\u0305" if _said(element, "barPr/pos", "bot") == "top" else "\u0332"
    else:
        sign = _said(element, "accPr/chr", "\u0302")
    return base + sign if len(base) == 1 else base


def _hidden(element: Element) -> str:
    shown = _said(element, "phantPr/show", "1") not in ("0", "false", "off")
    return _part(element, "e") if shown else ""


_WRITERS: dict[str, Callable[[Element], str]] = {
    M + "f": _fraction,
    M + "rad": _root,
    **dict.fromkeys((M + "sSup", M + "sSub", M + "sSubSup", M + "sPre"), _scripts),
    M + "nary": _sum,
    M + "limLow": _limit,
    M + "limUpp": _limit,
    M + "func": lambda element: f"{_part(element, 'fName')} {_part(element, 'e')}",
    M + "d": _brackets,
    M + "m": lambda element: f"[{_rows(element)}]",
    M + "eqArr": _lines,
    M + "acc": _accent,
    M + "bar": _accent,
    M + "phant": _hidden,
}
