"""Chooses one of several alternatives of the same content (markup compatibility), so that nothing is read twice."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from lethe.parsers.openxml.names import CX, DGM, MC, A, C, M, V, W

ALTERNATES = MC + "AlternateContent"
_TEXTS = frozenset({W + "t", A + "t", M + "t"})
_SLICERS = "{http://schemas.microsoft.com/office/drawing/"
_DRAWN = frozenset(
    {C + "chart", CX + "chart", DGM + "relIds", V + "textpath"}
    | {_SLICERS + "2010/slicer}slicer", _SLICERS + "2012/timeslicer}timeslicer"}
)


def chosen(alternates: Element) -> Iterable[Element]:
    """The content of the first choice with something to read, else of the fallback, else of any non-empty branch.

    Required namespaces are ignored: programs differ in what they can draw, and a fallback is often only a picture with
    "not available in your version".
    """
    choices = alternates.findall(MC + "Choice")
    branches = choices + alternates.findall(MC + "Fallback")
    readable = next(filter(_readable, branches), None)
    return readable if readable is not None else next((branch for branch in branches if len(branch)), ())


def _readable(branch: Element) -> bool:
    for element in branch.iter():
        if element.tag in _DRAWN or (element.tag in _TEXTS and (element.text or "").strip()):
            return True
    return False
