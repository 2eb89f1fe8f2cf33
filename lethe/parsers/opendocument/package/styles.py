"""The styles of a document: how text looks, how lists count, what is hidden."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

from lethe.parsers.opendocument.package.elements import number

_MOST_PARENTS = 20
_MOST_KEPT = 10_000
"""The size of each cache: most paragraphs use the same few styles."""
_NUMBER_LEVELS = ("text:list-level-style-number", "text:outline-level-style")
_BOLD = frozenset({"bold", "600", "700", "800", "900"})
_PLAIN_CROSSINGS = ("none", "")


@dataclass(frozen=True, slots=True)
class ListLevel:
    """How one level of a list is marked. `form` is "1", "a", "A", "i", "I" or empty for no number; `bullet` is set if
    the level has a bullet; `pattern` replaces the rest: "%1%.%2%)"."""

    form: str = ""
    prefix: str = ""
    suffix: str = ""
    shown_levels: int = 1
    start: int = 1
    doubles: bool = False
    pattern: str = ""
    bullet: bool = False


class Styles:
    """The styles below the given elements (`office:styles`, `office:automatic-styles`); the last one wins."""

    def __init__(self, *holders: Element | None) -> None:
        self._styles: dict[tuple[str, str], Element] = {}
        self._lists: dict[str, dict[int, ListLevel]] = {}
        self.outline: dict[int, ListLevel] = {}
        for holder in holders:
            if holder is not None:
                self.add(holder)
        self.form = lru_cache(_MOST_KEPT)(self._form)
        self.value = lru_cache(_MOST_KEPT)(self._value)
        self.attribute = lru_cache(_MOST_KEPT)(self._attribute)
        self.is_title = lru_cache(_MOST_KEPT)(self._is_title)

    def add(self, holder: Element) -> None:
        """Collects the styles below `holder`."""
        for style in holder:
            name = style.get("style:name", "")
            if style.tag == "style:style":
                self._styles[style.get("style:family", ""), name] = style
            elif style.tag == "text:list-style":
                self._lists[name] = dict(_levels(style))
            elif style.tag == "text:outline-style":
                self.outline = dict(_levels(style))

    def list_levels(self, name: str) -> dict[int, ListLevel] | None:
        """The levels of a list style, from 1; None for an unknown one."""
        return self._lists.get(name)

    def _attribute(self, family: str, name: str | None, key: str) -> str | None:
        """An attribute of a style itself, or of the nearest of its parents that has it."""
        return next((style.attrib[key] for style in self._line(family, name) if key in style.attrib), None)

    def _value(self, family: str, name: str | None, group: str, key: str) -> str | None:
        """A property in a group ("style:text-properties") of a style, or of the nearest parent that has it."""
        for style in self._line(family, name):
            for properties in style.findall(group):
                if key in properties.attrib:
                    return properties.attrib[key]
        return None

    def _is_title(self, name: str | None) -> bool:
        """Whether a paragraph's style is "Title" or inherits from it."""
        return any(style.get("style:name") == "Title" for style in self._line("paragraph", name))

    def hides(self, family: str, name: str | None) -> bool:
        """Whether this style hides its text."""
        return self.value(family, name, "style:text-properties", "text:display") == "none"

    def _form(self, name: str) -> dict[str, Any]:
        """The format that a text style sets, as fields of `Run`."""
        form: dict[str, Any] = {}
        group = "style:text-properties"
        if weight := self.value("text", name, group, "fo:font-weight"):
            form["bold"] = weight in _BOLD
        if slant := self.value("text", name, group, "fo:font-style"):
            form["italic"] = slant in ("italic", "oblique")
        for key in ("style:text-line-through-style", "style:text-line-through-type"):
            if crossing := self.value("text", name, group, key):
                form["struck"] = crossing not in _PLAIN_CROSSINGS
                break
        if position := self.value("text", name, group, "style:text-position"):
            first = position.split()[0] if position.split() else ""
            form["raised"] = first == "super" or (first[:1].isdigit() and not first.startswith("0"))
            form["lowered"] = first == "sub" or first.startswith("-")
        return form

    def _line(self, family: str, name: str | None) -> Iterator[Element]:
        for _ in range(_MOST_PARENTS):
            style = self._styles.get((family, name or ""))
            if style is None:
                return
            yield style
            name = style.get("style:parent-style-name")


def _levels(style: Element) -> Iterator[tuple[int, ListLevel]]:
    for level in style:
        depth = number(level, "text:level", 0)
        if level.tag in _NUMBER_LEVELS:
            yield (
                depth,
                ListLevel(
                    form=level.get("style:num-format", ""),
                    prefix=level.get("style:num-prefix", ""),
                    suffix=level.get("style:num-suffix", ""),
                    shown_levels=number(level, "text:display-levels", 1, most=10),
                    start=number(level, "text:start-value"),
                    doubles=level.get("style:num-letter-sync") == "true",
                    pattern=level.get("loext:num-list-format", level.get("style:num-list-format", "")),
                ),
            )
        else:
            yield depth, ListLevel(bullet=level.get("text:bullet-char") != "")
