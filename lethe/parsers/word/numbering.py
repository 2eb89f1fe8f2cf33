"""The numbers of list items and headings, counted as Word shows them."""

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from lethe.parsers.openxml.list_numbers import DEEPEST, counted
from lethe.parsers.openxml.names import W, number, switch, value
from lethe.parsers.word.styles import Style, Styles

_PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class _Level:
    """The format of one level of a list. An item of one of the first `restart` levels restarts it; None means all
    above."""

    start: int
    form: str
    text: str
    restart: int | None
    legal: bool
    style: str | None


@dataclass(frozen=True, slots=True)
class Label:
    """The label of an item: `text` is "-" for a bullet; `depth` counts from 0."""

    text: str
    depth: int


class Numbering:
    """The lists of one document. Each call of `label` counts one item further."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        self._styles = styles
        self._lists: dict[str, dict[int, _Level]] = {}
        self._links: dict[str, str] = {}
        self._numbers: dict[str, tuple[str, dict[int, int], dict[int, _Level]]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        for abstract in () if root is None else root.iter(W + "abstractNum"):
            key = abstract.get(W + "abstractNumId", "")
            self._lists[key] = _levels(abstract)
            link = value(abstract, W + "numStyleLink")
            if link is not None:
                self._links[key] = link
        for one in () if root is None else root.iter(W + "num"):
            starts: dict[int, int] = {}
            levels: dict[int, _Level] = {}
            for override in one.iter(W + "lvlOverride"):
                start = value(override, W + "startOverride")
                if start is not None:
                    starts[number(override.get(W + "ilvl"))] = number(start, 1)
                levels |= _levels(override)
            self._numbers[one.get(W + "numId", "")] = (value(one, W + "abstractNumId") or "", starts, levels)

    def label(self, style: Style) -> Label | None:
        """The label of a paragraph with the given style; None if it has none."""
        key = style.numbering
        if key is None or key not in self._numbers:
            return None
        abstract, starts, own = self._numbers[key]
        abstract = self._followed(abstract)
        levels = self._lists.get(abstract, {}) | own
        depth = style.depth
        if depth is None:  # the list says which of its levels has the style
            places = {level.style: at for at, level in levels.items()}
            depth = next((places[name] for name in self._styles.family(style.key) if name in places), 0)
        depth = min(max(depth, 0), DEEPEST)
        level = levels.get(depth)
        if level is None:
            return None
        counts = self._counts.setdefault(abstract, {})
        if depth in starts and (key, depth) not in self._begun:
            counts[depth] = starts[depth]
        else:
            counts[depth] = counts.get(depth, level.start - 1) + 1
        self._begun.add((key, depth))
        for above in range(depth):  # a skipped level counts as begun
            if above in levels:
                counts.setdefault(above, levels[above].start)
        for below in [at for at in counts if at > depth]:
            restart = levels[below].restart if below in levels else None
            if restart is None or depth < restart:
                del counts[below]
        if level.form == "bullet":
            return Label("-", depth)
        shown = _shown(levels, depth, counts)
        return Label(shown, depth) if shown else None

    def _followed(self, abstract: str) -> str:
        """Resolves a list that only names a numbering style to the list of that style."""
        key = self._styles.linked(self._links[abstract]) if abstract in self._links else None
        return self._numbers[key][0] if key in self._numbers else abstract


def _levels(holder: Element) -> dict[int, _Level]:
    found = {}
    for level in holder.findall(W + "lvl"):
        restart = value(level, W + "lvlRestart")
        found[number(level.get(W + "ilvl"))] = _Level(
            number(value(level, W + "start"), 1 if level.find(W + "start") is None else 0),
            value(level, W + "numFmt") or "decimal",
            value(level, W + "lvlText") or "",
            None if restart is None else number(restart),
            bool(switch(level, W + "isLgl")),
            value(level, W + "pStyle"),
        )
    return found


def _shown(levels: dict[int, _Level], depth: int, counts: dict[int, int]) -> str:
    def count(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        level = levels.get(at)
        if level is None:
            return ""
        return counted(counts.get(at, level.start), "decimal" if levels[depth].legal else level.form)

    return _PLACE.sub(count, levels[depth].text).strip()
