"""The numbers of list items and headings, counted as office programs count them."""

import re
from collections import Counter
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.numerals import letters, roman
from lethe.parsers.opendocument.package.elements import number
from lethe.parsers.opendocument.package.styles import ListLevel, Styles

BULLET = "-"
_LEVEL_MARK = re.compile(r"%(\d{1,2})%")
_LARGEST_ROMAN = 4_000


class List:
    """One level of a list: the formats of all levels, and the counts, which nested lists share."""

    def __init__(self, levels: dict[int, ListLevel] | None, counts: Counter[int], depth: int) -> None:
        self._levels, self._counts, self.depth = levels, counts, depth

    def below(self, levels: dict[int, ListLevel] | None) -> "List":
        """The list inside an item of this one, with this one's style if it has none (`levels` None)."""
        return List(self._levels if levels is None else levels, self._counts, self.depth + 1)

    def counted(self, start: int | None = None, levels: dict[int, ListLevel] | None = None) -> str:
        """The marker of the next item: "2.", "b)", "1.2", "-"; empty if nothing is shown."""
        levels = self._levels if levels is None else levels
        return _count(levels, self._counts, self.depth, start) if levels is not None else BULLET


class Numbering:
    """All lists of a document, and its headings."""

    def __init__(self) -> None:
        self._by_id: dict[str, Counter[int]] = {}
        self._by_style: dict[str, Counter[int]] = {}
        self._headings: Counter[int] = Counter()

    def open(self, element: Element, styles: Styles) -> List:
        """The list that begins at `element`: a new list, or the continuation of an earlier one."""
        style = element.get("text:style-name", "")
        continued = element.get("text:continue-list", element.get("text:list-id", ""))
        counts = self._by_id.get(continued)
        if counts is None and element.get("text:continue-numbering") == "true":
            counts = self._by_style.get(style)
        if counts is None:
            counts = Counter()
        self._by_style[style] = counts
        for key in ("xml:id", "text:id", "text:list-id"):
            if key in element.attrib:
                self._by_id[element.attrib[key]] = counts
        return List(styles.list_levels(style), counts, max(1, number(element, "text:level", 1, most=10)))

    def heading(self, element: Element, level: int, styles: Styles) -> str:
        """The number of a heading in the outline; empty if it has none."""
        if element.get("text:is-list-header") == "true" or level not in styles.outline:
            return ""
        if styles.attribute("paragraph", element.get("text:style-name"), "style:list-style-name") == "":
            return ""
        start = None
        if element.get("text:restart-numbering") == "true":
            start = number(element, "text:start-value", styles.outline[level].start)
        return _count(styles.outline, self._headings, level, start)


def _count(levels: dict[int, ListLevel], counts: Counter[int], depth: int, start: int | None) -> str:
    level = levels.get(depth, ListLevel(bullet=True))
    for above in range(1, depth):  # a level that was left out counts as one item, as in LibreOffice
        counts.setdefault(above, levels.get(above, ListLevel()).start)
    if start is not None:
        counts[depth] = start
    else:
        counts[depth] = counts[depth] + 1 if depth in counts else level.start
    for deeper in [key for key in counts if key > depth]:
        del counts[deeper]
    if level.bullet:
        return BULLET
    return _label(levels, counts, depth)


def _label(levels: dict[int, ListLevel], counts: Counter[int], depth: int) -> str:
    level = levels[depth]

    def shown(key: int) -> str:
        at = levels.get(key, ListLevel())
        return _written(counts.get(key, at.start), at)

    if not level.form:
        return (level.prefix + level.suffix).strip() if not level.pattern else ""
    if level.pattern:
        return _LEVEL_MARK.sub(lambda match: shown(int(match[1])), level.pattern).strip()
    first = max(1, depth - level.shown_levels + 1)
    numbers = [shown(key) for key in range(first, depth + 1) if levels.get(key, ListLevel()).form]
    return f"{level.prefix}{'.'.join(numbers)}{level.suffix}".strip()


def _written(count: int, level: ListLevel) -> str:
    form = level.form
    if form in ("i", "I") and 0 < count < _LARGEST_ROMAN:
        text = roman(count)
        return text if form == "i" else text.upper()
    if form in ("a", "A") and count > 0:
        text = letters(count, doubles=level.doubles)
        return text if form == "a" else text.upper()
    return str(count) if form else ""
