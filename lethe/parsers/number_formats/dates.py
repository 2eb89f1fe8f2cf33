"""Dates, times and durations as a sheet shows them: formats a number of days by the date codes of a number format."""

import datetime
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from lethe.parsers.number_formats.date_names import day_name, month_name
from lethe.parsers.number_formats.tokens import Kind, Token

_LAST_DAY = 2_958_465
"""9999-12-31, as days since 1900."""
_BETWEEN_EPOCHS = 1462
"""Days from day 0 of the 1900 date system to 1904-01-01."""
_SECONDS = 86_400
_OF_DATES = frozenset("ymdegb")
_ELAPSED = {"[h]": 3600, "[m]": 60, "[s]": 1}
_BUDDHA = 543
"""How many years the Thai calendar is ahead."""


class _Moment(NamedTuple):
    year: int
    month: int
    day: int
    weekday: int
    ticks: int
    """Since midnight, in the smallest unit that the code shows."""
    elapsed: int
    """Since day 0, in the same unit."""


def date_writer(found: list[Token], language: str) -> Callable[[float, bool], str | None]:
    """A function that formats a count of days by these tokens, with names in `language`. It returns None if there is no
    such date."""
    marked = _with_minutes(_with_fractions(found))
    digits = max((len(text) for kind, text in marked if kind == "."), default=0)
    unit = 10**digits
    has_date = any(kind in _OF_DATES for kind, _ in marked)
    twelve = any(kind == "half" for kind, _ in marked)
    marked = [("h12" if kind == "h" and twelve else kind, text) for kind, text in marked]

    def write(value: float, from_1904: bool) -> str | None:
        if abs(value) > _LAST_DAY or (value < 0 and has_date):
            return None
        ticks = int((Decimal(f"{abs(value):.15g}") * _SECONDS * unit).quantize(Decimal(1), ROUND_HALF_UP))
        moment = _moment(ticks, unit, from_1904)
        if moment is None:
            return None
        text = "".join(_piece(kind, text, moment, unit, language) for kind, text in marked)
        return "-" + text if value < 0 else text

    return write


def _with_fractions(found: list[Token]) -> list[tuple[str, str]]:
    """Kinds and texts of tokens: a letter of the code ("m" is a month here), "[h]", "half", "." or "" (a literal)."""
    marked: list[tuple[str, str]] = []
    index = 0
    while index < len(found):
        token = found[index]
        index += 1
        if token.kind is Kind.POINT:
            end = index
            while end < len(found) and found[end].kind is Kind.DIGIT:
                end += 1
            seconds = any(kind in ("s", "[s]") for kind, _ in marked)
            marked.append((".", "0" * min(3, end - index)) if seconds and end > index else ("", "."))
            index = end
        elif token.kind is not Kind.DATE:
            marked.append(("", token.text))
        elif token.text.startswith("["):
            marked.append((f"[{token.text[1]}]", token.text))
        elif "/" in token.text:
            marked.append(("half", token.text))
        else:
            marked.append((token.text[0].lower(), token.text))
    return marked


def _with_minutes(marked: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """`m` and `mm` right after hours or right before seconds are minutes, kind "M"."""
    times = [index for index, (kind, _) in enumerate(marked) if kind and kind not in (".", "half")]
    out = list(marked)
    for at, index in enumerate(times):
        kind, text = marked[index]
        if kind != "m" or len(text) > 2:
            continue
        before = marked[times[at - 1]][0] if at else ""
        after = marked[times[at + 1]][0] if at + 1 < len(times) else ""
        if before in ("h", "[h]") or after in ("s", "[s]"):
            out[index] = ("M", text)
    return out


def _moment(ticks: int, unit: int, from_1904: bool) -> _Moment | None:
    days, since_midnight = divmod(ticks, _SECONDS * unit)
    count = days + _BETWEEN_EPOCHS if from_1904 else days
    if count > _LAST_DAY:
        return None
    if count in (0, 60):  # 1900-01-00 and 1900-02-29, which exist in Excel
        year, month, day = 1900, 1 + bool(count), 29 if count else 0
    else:
        date = datetime.date(1899, 12, 31 if count < 60 else 30) + datetime.timedelta(count)
        year, month, day = date.year, date.month, date.day
    return _Moment(year, month, day, (count - 1) % 7, since_midnight, ticks)


def _piece(kind: str, text: str, at: _Moment, unit: int, language: str) -> str:
    """The text of one token. Eras (`g`) are left out: the year next to them is that of the common calendar."""
    width = len(text)
    if kind in _OF_DATES:
        return _date_piece(kind, at, width, language)
    if kind in _ELAPSED:
        return _padded(at.elapsed // (_ELAPSED[kind] * unit), width - 2)
    if kind in ("h", "h12"):
        hour = at.ticks // (3600 * unit)
        return _padded(hour if kind == "h" else (hour + 11) % 12 + 1, width)
    if kind in ("M", "s"):
        return _padded(at.ticks // ((60 if kind == "M" else 1) * unit) % 60, width)
    if kind == "half":
        return text.split("/")[at.ticks >= _SECONDS * unit // 2]
    return f".{at.ticks % unit * 1000 // unit:03}"[: width + 1] if kind == "." else text


def _date_piece(kind: str, at: _Moment, width: int, language: str) -> str:
    if kind == "m":
        return month_name(language, at.month, width) if width > 2 else _padded(at.month, width)
    if kind == "d":
        return day_name(language, at.weekday, width) if width > 2 else _padded(at.day, width)
    if kind == "g":
        return ""
    year = at.year + _BUDDHA if kind == "b" else at.year
    return f"{year % 100:02}" if width <= 2 and kind != "e" else str(year)


def _padded(number: int, width: int) -> str:
    return f"{number:02}" if width > 1 else str(number)
