"""A cell's value as text, for files that do not store the text shown."""

import re
from xml.etree.ElementTree import Element

_DURATION = re.compile(
    r"(-?)P(?:(\d{1,9})D)?T?(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:[.,](\d{1,20}))?S)?"
)


def shown_value(cell: Element) -> str:
    """The plain form of a cell's value: "15.5", "12%", "4 EUR", "2026-11-02", "12:30:00", "TRUE"."""
    kind = cell.get("office:value-type", "")
    value = cell.get("office:value", "")
    if kind == "boolean" or "office:boolean-value" in cell.attrib:
        return cell.get("office:boolean-value", value).upper()
    if kind == "percentage":
        return _percent(value)
    if kind == "currency":
        return f"{value} {cell.get('office:currency', '')}".strip()
    if kind == "date":
        return cell.get("office:date-value", "").replace("T", " ")
    if kind == "time":
        return _clock(cell.get("office:time-value", ""))
    return cell.get("office:string-value", value)


def _percent(value: str) -> str:
    try:
        return f"{float(value) * 100:.10g}%"
    except ValueError:
        return value


def _clock(duration: str) -> str:
    match = _DURATION.fullmatch(duration)
    if match is None:
        return duration
    sign, days, hours, minutes, seconds, _ = match.groups()
    hours_in_all = int(days or 0) * 24 + int(hours or 0)
    return f"{sign}{hours_in_all:02}:{int(minutes or 0):02}:{int(seconds or 0):02}"
