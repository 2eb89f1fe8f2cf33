"""Charts as small tables: titles, then the series beside each other with what the file keeps of their values."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

from lethe.adapters.parsers.office.drawing_text import line
from lethe.adapters.parsers.office.flat import Blocks
from lethe.adapters.parsers.office.names import CX, A, C, number

_MOST_POINTS = 1_048_576
"""Points of one series: as many as a sheet has rows."""
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


def write_chart(chart: Element, blocks: Blocks) -> None:
    """Writes the chart whose part has the root `chart` (`c:chartSpace` or the newer `cx:chartSpace`)."""
    named = C if chart.tag.startswith(C) else CX
    for text in _titles(chart, named):
        blocks.paragraph(text)
    series = _newer_series(chart) if named == CX else _series(chart)
    for table in _tables(series):
        blocks.table(table)


Series = tuple[str, dict[int, str], dict[int, str]]
"""A name, and categories and values by their place."""


def _titles(chart: Element, named: str) -> list[str]:
    """The chart's title, those of its axes, and texts that somebody wrote at a point, in order."""
    found: dict[str, None] = {}
    for holder in chart.iter():
        if holder.tag not in (named + "title", named + "dLbl", named + "trendline"):
            continue
        for paragraph in holder.iter(A + "p"):
            found[line(paragraph).strip()] = None
        for cached in (
            *holder.findall(f"{C}tx/{C}strRef/{C}strCache/{C}pt/{C}v"),
            *holder.findall(f"{CX}tx/{CX}txData/{CX}v"),
            *holder.findall(C + "name"),
        ):
            found[(cached.text or "").strip()] = None
    return [text for text in found if text]


def _series(chart: Element) -> list[Series]:
    epoch = chart.find(C + "date1904")
    from_1904 = epoch is not None and epoch.get("val", "1") not in ("0", "false")
    found = []
    for series in chart.iter(C + "ser"):
        name = "".join(_points(series.find(C + "tx"), from_1904).values())
        if not name:
            name = (series.findtext(f"{C}tx/{C}v") or "").strip()
        labels = _points(series.find(C + "cat"), from_1904) or _points(series.find(C + "xVal"), from_1904)
        values = _points(series.find(C + "val"), from_1904) or _points(series.find(C + "yVal"), from_1904)
        found.append((name, labels, values))
        sizes = _points(series.find(C + "bubbleSize"), from_1904)
        if sizes:
            found.append((name, labels, sizes))
    return found


def _points(holder: Element | None, from_1904: bool) -> dict[int, str]:
    """Cached or literal points by their place. Labels of several levels are joined, the outermost first."""
    found: dict[int, str] = {}
    if holder is None:
        return found
    levels = list(holder.iter(C + "lvl"))
    if len(levels) > 1:
        return _joined([_read(level, from_1904) for level in levels])
    for cache in holder.iter():
        if cache.tag in (C + "strCache", C + "numCache", C + "strLit", C + "numLit", C + "lvl"):
            found |= _read(cache, from_1904)
    return found


def _read(cache: Element, from_1904: bool) -> dict[int, str]:
    code = cache.findtext(C + "formatCode") or ""
    found = {}
    for point in cache.findall(C + "pt"):
        text = (point.findtext(C + "v") or "").strip()
        if cache.tag in (C + "numCache", C + "numLit"):
            text = _number(text, point.get("formatCode", code), from_1904)
        found[number(point.get("idx"))] = text
    return found


def _joined(levels: list[dict[int, str]]) -> dict[int, str]:
    """One label a point: an outer level names only the first point of its group."""
    found: dict[int, str] = {}
    last: dict[int, str] = {}
    for place in sorted(levels[0]):
        parts = []
        for at in range(len(levels) - 1, -1, -1):
            if place in levels[at]:
                last[at] = levels[at][place]
            if at in last:
                parts.append(last[at])
        found[place] = " ".join(parts)
    return found


def _newer_series(chart: Element) -> list[Series]:
    labels: dict[str, dict[int, str]] = {}
    values: dict[str, dict[int, str]] = {}
    for data in chart.iter(CX + "data"):
        key = data.get("id", "")
        for dimension in data:
            levels = [
                {number(point.get("idx")): (point.text or "").strip() for point in level.findall(CX + "pt")}
                for level in dimension.findall(CX + "lvl")
            ]
            if not levels:
                continue
            if dimension.tag == CX + "strDim":
                labels[key] = _joined(levels) if len(levels) > 1 else levels[0]
            else:
                values[key] = {place: _number(text, "", from_1904=False) for place, text in levels[0].items()}
    found = []
    for series in chart.iter(CX + "series"):
        data_id = series.find(CX + "dataId")
        key = "" if data_id is None else data_id.get("val", "")
        name = (series.findtext(f"{CX}tx/{CX}txData/{CX}v") or "").strip()
        found.append((name, labels.get(key, {}), values.get(key, {})))
    return found


def _tables(series: list[Series]) -> Iterable[list[list[str]]]:
    """A table for each run of series with the same labels."""
    at = 0
    while at < len(series):
        labels, end = series[at][1], at + 1
        while end < len(series) and series[end][1] in (labels, {}):
            end += 1
        together, at = series[at:end], end
        places = sorted({*labels, *(place for _name, _labels, values in together for place in values)})[
            :_MOST_POINTS
        ]
        rows = [["", *(name for name, _labels, _values in together)]]
        rows += [
            [labels.get(place, ""), *(values.get(place, "") for _name, _labels, values in together)]
            for place in places
        ]
        yield rows if labels else [row[1:] for row in rows]


def _number(text: str, code: str, from_1904: bool) -> str:
    """A cached number without the rests of binary fractions; as a date or a percentage where its format is one."""
    try:
        amount = float(text)
    except ValueError:
        return text
    plain = _QUOTED.sub("", code).lower()
    if plain.endswith("%"):
        return f"{amount * 100:.10g}%"
    if "y" in plain or ("d" in plain and "m" in plain):
        try:
            day = (datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)) + timedelta(days=amount)  # noqa: DTZ001
        except OverflowError:
            return text
        return day.date().isoformat() if amount == int(amount) else day.isoformat(" ", "minutes")
    return f"{amount:.15g}" if abs(amount) < 1e15 else text
