"""Bullets and numbers of the paragraphs of a slide, which its layout and master may define."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from lethe.parsers.openxml.list_numbers import DEEPEST, counted
from lethe.parsers.openxml.names import A, P, number

_BULLETS = (A + "buNone", A + "buAutoNum", A + "buChar", A + "buBlip")
_FORMS = {
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
}
_TITLES = frozenset({"title", "ctrTitle"})
_OTHERS = frozenset({"dt", "ftr", "sldNum", "hdr"})


def placeholder(shape: Element) -> Element | None:
    """The `p:ph` of a shape that fills a placeholder of the layout; None for other shapes."""
    return shape.find(f"*/{P}nvPr/{P}ph")


def kind(place: Element | None) -> str:
    """A placeholder's type: "title", "body" ...; "" for any other shape."""
    return "" if place is None else place.get("type", "obj")


def list_styles(shape: Element, layouts: Iterable[Element | None]) -> list[Element]:
    """The elements that may define the format of a shape's text, nearest first: the shape, the same placeholder in its
    layout and master (`layouts`), the master's text styles."""
    found = [shape.find(f"{P}txBody/{A}lstStyle")]
    place = placeholder(shape)
    if place is not None:
        for layout in layouts:
            if layout is None:
                continue
            like = _same_place(layout, place)
            if like is not None:
                found.append(like.find(f"{P}txBody/{A}lstStyle"))
            found.append(layout.find(f"{P}txStyles/{P}{_style_of(kind(place))}"))
    return [styles for styles in found if styles is not None]


def _style_of(kind_of_place: str) -> str:
    if kind_of_place in _TITLES:
        return "titleStyle"
    return "otherStyle" if kind_of_place in _OTHERS else "bodyStyle"


def _same_place(layout: Element, place: Element) -> Element | None:
    """The shape of a layout or master with the index of `place`, else with its type."""
    places = [(shape, other) for shape in layout.iter(P + "sp") if (other := placeholder(shape)) is not None]
    for shape, other in places:
        if place.get("idx") is not None and other.get("idx") == place.get("idx"):
            return shape
    wanted = {"ctrTitle": "title", "subTitle": "body", "obj": "body"}
    for shape, other in places:
        if wanted.get(kind(other), kind(other)) == wanted.get(kind(place), kind(place)):
            return shape
    return None


class Markers:
    """The bullets and numbers of one text. Call `marker` for each paragraph in order."""

    def __init__(self, styles: list[Element]) -> None:
        self._styles = styles
        self._counts: dict[int, tuple[str, int]] = {}

    def marker(self, properties: Element | None) -> tuple[int, str | None]:
        """The depth of a paragraph with the given `a:pPr`, and its marker, or None."""
        depth = min(max(number(None if properties is None else properties.get("lvl")), 0), DEEPEST)
        bullet = self._bullet(properties, depth)
        for below in [at for at in self._counts if at > depth]:
            del self._counts[below]
        if bullet is None or bullet.tag != A + "buAutoNum":
            self._counts.pop(depth, None)
            return depth, None if bullet is None or bullet.tag == A + "buNone" else "-"
        scheme, start = bullet.get("type", "arabicPeriod"), number(bullet.get("startAt"), 1)
        before = self._counts.get(depth)
        count = before[1] + 1 if before is not None and before[0] == scheme else start
        self._counts[depth] = (scheme, count)
        return depth, _auto_number(count, scheme)

    def _bullet(self, properties: Element | None, depth: int) -> Element | None:
        level = f"{A}lvl{depth + 1}pPr"
        for holder in (properties, *(styles.find(level) for styles in self._styles)):
            for bullet in holder if holder is not None else ():
                if bullet.tag in _BULLETS:
                    return bullet
        return None


def _auto_number(count: int, scheme: str) -> str:
    form = next((form for start, form in _FORMS.items() if scheme.startswith(start)), "decimal")
    shown = counted(count, form)
    if scheme.endswith("ParenBoth"):
        return f"({shown})"
    if scheme.endswith("ParenR"):
        return f"{shown})"
    return shown if scheme.endswith("Plain") else f"{shown}."
