"""Charts as small tables: titles, then the series side by side, with the values cached in the file."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.blocks import Blocks
from lethe.parsers.markdown.inline import inline, literal
from lethe.parsers.number_formats.formats import number_text
from lethe.parsers.openxml.drawing_text import drawn_text, line, runs
from lethe.parsers.openxml.names import C15, CX, A, C, number
from lethe.parsers.openxml.package import Package

_MOST_SERIES, _MOST_POINTS = 255, 32_000
"""Excel's limits for a chart, and for one of its series."""
_CACHES = frozenset({C + "strCache", C + "numCache", C + "strLit", C + "numLit", C + "lvl"})
_NUMBERS = frozenset({C + "numCache", C + "numLit"})

Points = dict[int, str]
"""Texts by their index in a series."""


class _Series(NamedTuple):
    name: str
    labels: Points
    values: Points


def write_chart(package: Package, part: str, blocks: Blocks) -> None:
    """Writes the chart in `part` (`c:chartSpace` or the newer `cx:chartSpace`), and the texts that are drawn on it.

    Numbers are written in their formats, which the file stores with them.
    """
    chart = package.tree(part)
    if chart is None:
        return
    for text in _titles(chart):
        blocks.paragraph(text)
    found = _newer_series(chart) if chart.tag.startswith(CX) else _series(chart)
    for table in _tables(list(islice(found, _MOST_SERIES))):
        blocks.table(table)
    for relation in package.relations(part).values():
        drawn = (
            package.tree(relation.target)
            if relation.kind == "chartUserShapes" and not relation.external
            else None
        )
        for body in () if drawn is None else drawn.iterfind(".//{*}txBody"):
            blocks.paragraph(drawn_text(body))


def _titles(chart: Element) -> list[str]:
    """The titles of the chart and its axes, and custom labels of points, in order."""
    found: dict[str, None] = {}
    for holder in chart.iter():
        name = holder.tag.rpartition("}")[2]
        if name not in ("title", "dLbl", "trendline"):
            continue
        for paragraph in holder.iter(A + "p"):
            found[_written(paragraph) if name == "dLbl" else line(paragraph).strip()] = None
        for cached in (
            *holder.findall(f"{C}tx/{C}strRef/{C}strCache/{C}pt/{C}v"),
            *holder.findall(f"{CX}tx/{CX}txData/{CX}v"),
            *holder.findall(C + "name"),
        ):
            found[literal((cached.text or "").strip())] = None
    return [text for text in found if text]


def _written(paragraph: Element) -> str:
    """A label without fields such as [VALUE], since the table contains their values."""
    text = inline(runs((element for element in paragraph if element.tag != A + "fld"), {})).strip()
    return text if any(map(str.isalnum, text)) else ""


def _series(chart: Element) -> Iterator[_Series]:
    epoch = chart.find(C + "date1904")
    from_1904 = epoch is not None and epoch.get("val", "1") not in ("0", "false")

    def points(holder: Element | None) -> Points:
        return {} if holder is None else _points(holder, from_1904)

    for series in chart.iter(C + "ser"):
        name = " ".join(points(series.find(C + "tx")).values())
        if not name:
            name = literal((series.findtext(f"{C}tx/{C}v") or "").strip())
        labels = points(series.find(C + "cat")) or points(series.find(C + "xVal"))
        values = points(series.find(C + "val")) or points(series.find(C + "yVal"))
        if name or labels or values:
            yield _Series(name, labels, values)
        for more in (series.find(C + "bubbleSize"), series.find(f".//{C15}datalabelsRange")):
            beside = points(more)
            if beside:
                yield _Series(
                    name if more is not None and more.tag == C + "bubbleSize" else "", labels, beside
                )


def _points(holder: Element, from_1904: bool) -> Points:
    """Cached or literal points by their index. Labels of several levels are joined, the outermost first."""
    levels = list(holder.iter(C + "lvl"))
    if len(levels) > 1:
        return _joined([_read(level, from_1904) for level in levels])
    found: Points = {}
    for cache in holder.iter():
        if cache.tag in _CACHES or cache.tag == C15 + "dlblRangeCache":
            found |= _read(cache, from_1904)
    return found


def _read(cache: Element, from_1904: bool) -> Points:
    code = cache.findtext(C + "formatCode") or "General"
    found = {}
    for point in islice(cache.findall(C + "pt"), _MOST_POINTS):
        text = (point.findtext(C + "v") or "").strip()
        at = number(point.get("idx"))
        if cache.tag in _NUMBERS:
            found[at] = number_text(text, point.get("formatCode") or code, from_1904)
        else:
            found[at] = literal(text)
    return found


def _joined(levels: list[Points]) -> Points:
    """One label per point: an outer level names only the first point of its group."""
    found: Points = {}
    last: Points = {}
    for place in sorted(levels[0]):
        parts = []
        for at in range(len(levels) - 1, -1, -1):
            if place in levels[at]:
                last[at] = levels[at][place]
            if at in last:
                parts.append(last[at])
        found[place] = " ".join(parts)
    return found


def _newer_series(chart: Element) -> Iterator[_Series]:
    """Series of the newer kinds (waterfall, funnel, treemap ...), which refer to their data by id."""
    data = {one.get("id", ""): one for one in chart.iter(CX + "data")}
    names: dict[str, dict[str, None]] = {}
    for series in chart.iter(CX + "series"):
        data_id = series.find(CX + "dataId")
        name = literal((series.findtext(f"{CX}tx/{CX}txData/{CX}v") or "").strip())
        names.setdefault("" if data_id is None else data_id.get("val", ""), {})[name] = None
    for key in {**names, **data}:
        named = " ".join(filter(None, names.get(key, ())))
        labels, columns = _newer_columns(data[key]) if key in data else ({}, [])
        for values in columns or [{}]:
            if named or labels or values:
                yield _Series(named, labels, values)


def _newer_columns(data: Element) -> tuple[Points, list[Points]]:
    """The labels and the columns of numbers of one `cx:data`."""
    labels: Points = {}
    columns: list[Points] = []
    for dimension in data:
        numbers = dimension.tag == CX + "numDim"
        levels = [_newer_points(level, numbers) for level in dimension.findall(CX + "lvl")]
        if levels and numbers:
            columns += levels
        elif levels:
            labels = labels or _joined(levels)
    return labels, columns


def _newer_points(level: Element, numbers: bool) -> Points:
    code = level.get("formatCode") or "General"
    found = {}
    for point in islice(level.findall(CX + "pt"), _MOST_POINTS):
        text = (point.text or "").strip()
        found[number(point.get("idx"))] = (
            number_text(text, code, from_1904=False) if numbers else literal(text)
        )
    return found


def _tables(series: list[_Series]) -> Iterable[list[list[str]]]:
    """A table for each run of series with the same labels."""
    at = 0
    while at < len(series):
        labels, end = series[at].labels, at + 1
        while end < len(series) and series[end].labels in (labels, {}):
            end += 1
        together, at = series[at:end], end
        places = sorted({*labels, *(place for one in together for place in one.values)})[:_MOST_POINTS]
        rows = [["", *(one.name for one in together)]]
        rows += [
            [labels.get(place, ""), *(one.values.get(place, "") for one in together)] for place in places
        ]
        yield rows if labels else [row[1:] for row in rows]
