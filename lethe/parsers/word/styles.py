"""The styles of a docx: heading, numbering and format of paragraphs and text."""

import re
from dataclasses import dataclass, fields, replace
from xml.etree.ElementTree import Element

from lethe.parsers.openxml.names import W, number, switch, value

_MOST_PARENTS = 20
_MOVED = 2
"""The smallest shift up or down, in half points, that counts as raised or lowered."""
_HEADING = re.compile(
    r"(?:heading|überschrift|berschrift|titre|título|titulo|ttulo|titolo|kop|rubrik|overskrift|otsikko|nagłówek|nagwek|"
    r"nadpis|заголовок|标题|標題|見出し|제목|başlık|cmsor|επικεφαλίδα)\s?([1-9])",
    re.IGNORECASE,
)
"""Names of heading styles. Word always writes English names, other programs do not, and style ids drop letters outside
ASCII."""
_TITLES = frozenset(
    {"title", "titel", "título", "titulo", "titre", "titolo", "заголовок", "标题", "表題", "제목"}
)


@dataclass(frozen=True, slots=True)
class Form:
    """The format of text; None means not set."""

    bold: bool | None = None
    italic: bool | None = None
    struck: bool | None = None
    raised: bool | None = None
    lowered: bool | None = None
    capitals: bool | None = None
    hidden: bool | None = None

    def over(self, below: "Form") -> "Form":
        """This form, completed from `below`."""
        said = {field.name: mine for field in fields(self) if (mine := getattr(self, field.name)) is not None}
        return replace(below, **said) if said else below


PLAIN = Form()


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph's style. `heading` is a level from 1, or 0 for body text; `numbering` is the id of a list and `depth`
    a level of it, from 0. None means not set. `key` is the style's id."""

    form: Form = PLAIN
    heading: int | None = None
    numbering: str | None = None
    depth: int | None = None
    key: str = ""


class Styles:
    """The styles of one document, by id."""

    def __init__(self, root: Element | None) -> None:
        self._elements = (
            {} if root is None else {style.get(W + "styleId", ""): style for style in root.iter(W + "style")}
        )
        self._default = next(
            (
                key
                for key, style in self._elements.items()
                if style.get(W + "default") in ("1", "true", "on") and style.get(W + "type") == "paragraph"
            ),
            "",
        )
        self._known: dict[str, Style] = {}

    def of_paragraph(self, properties: Element | None) -> Style:
        """The style of a paragraph, overridden by its own properties."""
        named = value(properties, W + "pStyle")
        style = self.named(self._default if named is None else named)
        if properties is None:
            return style
        return _over(_own(properties, None), style)

    def of_run(self, properties: Element | None, around: Form) -> Form:
        """The form of a run in a paragraph whose style has the form `around`."""
        if properties is None:
            return around
        named = value(properties, W + "rStyle")
        below = around if named is None else self.named(named).form.over(around)
        return form(properties).over(below)

    def named(self, key: str) -> Style:
        """The style with the id `key`, including what it inherits."""
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._inherited(key)
        return known

    def _inherited(self, key: str) -> Style:
        if key not in self._elements:
            return Style(heading=_level_by_name(key))
        said = Style()
        name: str | None = key
        for _ in range(_MOST_PARENTS):
            element = self._elements.get(name or "")
            if element is None:
                break
            below = _own(element.find(W + "pPr"), element)
            said = _over(said, below)
            name = value(element, W + "basedOn")
        return replace(said, key=key)

    def linked(self, key: str) -> str | None:
        """The id of the list that the numbering style `key` refers to."""
        element = self._elements.get(key)
        return value(element, f"{W}pPr/{W}numPr/{W}numId")

    def family(self, key: str) -> list[str]:
        """The ids of the style `key` and of the styles it is based on, nearest first."""
        found: list[str] = []
        for _ in range(_MOST_PARENTS):
            if key in found or key not in self._elements:
                break
            found.append(key)
            key = value(self._elements[key], W + "basedOn") or ""
        return found


def form(properties: Element | None) -> Form:
    """The form that a `w:rPr` sets."""
    if properties is None:
        return PLAIN
    height = value(properties, W + "vertAlign") or _moved(properties)
    struck = switch(properties, W + "strike")
    return Form(
        switch(properties, W + "b"),
        switch(properties, W + "i"),
        switch(properties, W + "dstrike") if struck is None else struck,
        None if height is None else height == "superscript",
        None if height is None else height == "subscript",
        switch(properties, W + "caps"),
        switch(properties, W + "vanish"),
    )


def _moved(properties: Element) -> str | None:
    """The `w:vertAlign` that small text shifted up or down by hand looks like; None for other text."""
    moved = number(value(properties, W + "position"), 0)
    if abs(moved) < _MOVED or value(properties, W + "sz") is None:
        return None
    return "superscript" if moved > 0 else "subscript"


def _over(said: Style, below: Style) -> Style:
    """`said`, completed from `below`."""
    return Style(
        said.form.over(below.form),
        below.heading if said.heading is None else said.heading,
        below.numbering if said.numbering is None else said.numbering,
        below.depth if said.depth is None else said.depth,
        said.key or below.key,
    )


def _own(properties: Element | None, style: Element | None) -> Style:
    """The properties in a `w:pPr`, completed from the style that contains it."""
    outline = value(properties, W + "outlineLvl")
    heading = None
    if outline is not None:
        level = number(outline, 9)
        heading = level + 1 if 0 <= level < 9 else 0
    elif style is not None:
        heading = _level_by_name(value(style, W + "name") or "")
    depth = value(properties, f"{W}numPr/{W}ilvl")
    return Style(
        PLAIN if style is None else form(style.find(W + "rPr")),
        heading,
        value(properties, f"{W}numPr/{W}numId"),
        None if depth is None else number(depth),
    )


def _level_by_name(name: str) -> int | None:
    match = _HEADING.fullmatch(name.strip())
    if match:
        return int(match[1])
    return 1 if name.strip().lower() in _TITLES else None
