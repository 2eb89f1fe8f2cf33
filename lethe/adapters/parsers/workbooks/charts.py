"""Charts of Office's XML: titles, the names of the axes, and the values that the file keeps, as a small table."""

from collections.abc import Iterator
from itertools import islice
from xml.etree import ElementTree

from lethe.adapters.parsers.markdown.inline import literal
from lethe.adapters.parsers.markdown.writer import Writer
from lethe.adapters.parsers.workbooks.cells import number_text

_MOST_SERIES, _MOST_POINTS = 255, 32_000
"""What Excel allows in a chart, and in one of its series."""
_VALUES = ("val", "yVal", "bubbleSize")


def write_chart(writer: Writer, root: ElementTree.Element) -> None:
    """Writes a chart (root `chartSpace`, of either kind) from a tree without namespaces."""
    plot = root.find("chart")
    if plot is None:
        return
    for text in _titles(plot):
        writer.paragraph(text)
    series = list(islice(plot.iter("ser"), _MOST_SERIES))
    if series:
        _write_series(writer, series)
    else:
        _write_extended(writer, root)


def drawn_text(element: ElementTree.Element) -> str:
    """The text of a drawing's text body, a line a paragraph."""
    lines = []
    for paragraph in element.iter("p"):
        pieces = [
            "\n" if one.tag == "br" else one.text or "" for one in paragraph.iter() if one.tag in ("t", "br")
        ]
        lines.append("".join(pieces))
    return literal("\n".join(line for line in lines if line.strip()))


def _titles(plot: ElementTree.Element) -> Iterator[str]:
    """The chart's title, then those of its axes."""
    for title in plot.iter("title"):
        text = drawn_text(title) or " ".join(_points(title.find("tx")).values())
        if text.strip():
            yield text
    for label in plot.iter("dLbl"):
        if text := drawn_text(label):
            yield text


def _write_series(writer: Writer, series: list[ElementTree.Element]) -> None:
    """One table where all series have the same categories, else one for each."""
    groups: list[tuple[dict[int, str], list[tuple[str, dict[int, str]]]]] = []
    for one in series:
        names = one.find("tx")
        name = " ".join(_points(names).values()) or (
            literal(names.findtext("v") or "") if names is not None else ""
        )
        categories = _points(one.find("cat") if one.find("cat") is not None else one.find("xVal"))
        for tag in _VALUES:
            values = _points(one.find(tag))
            if values or (tag != "bubbleSize" and name and one.find(tag) is not None):
                if not groups or groups[-1][0] != categories:
                    groups.append((categories, []))
                groups[-1][1].append((name, values))
    for categories, columns in groups:
        indexes = sorted(set(categories).union(*(values for _, values in columns)))[:_MOST_POINTS]
        head = ["", *(name for name, _ in columns)]
        rows = [[categories.get(at, ""), *(values.get(at, "") for _, values in columns)] for at in indexes]
        writer.table([head, *rows] if any(head) else rows)


def _points(element: ElementTree.Element | None) -> dict[int, str]:
    """The cached points below a reference or literal, by index. Levels of categories are joined, outermost first."""
    found: dict[int, str] = {}
    if element is None:
        return found
    code = element.find(".//formatCode")
    for level in reversed(element.findall(".//lvl")) if element.find(".//lvl") is not None else [element]:
        for point in level.iter("pt"):
            index, value = point.get("idx", ""), point.findtext("v") or ""
            if not index.isdecimal() or len(index) > 9 or len(found) >= _MOST_POINTS:
                continue
            own = point.get("formatCode") or (code.text if code is not None else None)
            text = number_text(value, own, False) if own and value else literal(value)
            found[int(index)] = f"{found[int(index)]} {text}" if int(index) in found else text
    return found


def _write_extended(writer: Writer, root: ElementTree.Element) -> None:
    """The newer kinds (waterfall, funnel, treemap ...): names of series, and their data as rows."""
    for name in root.iter("tx"):
        if text := (name.findtext(".//v") or "").strip():
            writer.paragraph(literal(text))
    for data in root.iter("data"):
        columns: list[dict[int, str]] = []
        for dimension in data:
            columns += [
                {
                    int(index): literal(point.text or "")
                    for point in level.iter("pt")
                    if (index := point.get("idx", "")).isdecimal() and len(index) < 10
                }
                for level in reversed(dimension.findall("lvl"))
            ]
        indexes = sorted({index for column in columns for index in column})[:_MOST_POINTS]
        writer.table([column.get(index, "") for column in columns] for index in indexes)
