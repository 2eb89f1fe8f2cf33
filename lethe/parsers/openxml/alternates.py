"""Chooses one of several alternatives of the same content (markup compatibility), so that nothing is read twice."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from lethe.parsers.openxml.names import CX, DGM, MC, A, C, M, P, V, W

ALTERNATES = MC + "AlternateContent"
_TEXTS = frozenset({W + "t", A + "t", M + "t"})
_SLICERS = "{http://schemas.microsoft.com/office/drawing/"
_DRAWN = frozenset(
    {C + "chart", CX + "chart", DGM + "relIds", V + "textpath"}
    | {_SLICERS + "2010/slicer}slicer", _SLICERS + "2012/timeslicer}timeslicer"}
)


def chosen(alternates: Element) -> Iterable[Element]:
    """The content of the first branch with something to read, else with a picture, else of any non-empty one.

    Required namespaces are ignored: programs differ in what they can draw, and a fallback is often only a picture with
    "not available in your version".
    """
    choices = alternates.findall(MC + "Choice")
    branches = choices + alternates.findall(MC + "Fallback")
    for wanted in (_readable, _pictured, len):
        for branch in filter(wanted, branches):
            return branch
    return ()


def _readable(branch: Element) -> bool:
    for element in branch.iter():
        if element.tag in _DRAWN or (element.tag in _TEXTS and (element.text or "").strip()):
            return True
    return False


def _pictured(branch: Element) -> bool:
    """Whether it has a picture, as fallbacks of 3D models and zooms do; ink is reported as such."""
    return any(element.tag.endswith("}pic") or element.tag == P + "contentPart" for element in branch.iter())
