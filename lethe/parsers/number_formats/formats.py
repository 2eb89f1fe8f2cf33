"""Numbers as a sheet shows them: formats a value by an Excel format code ("#,##0.00", "[h]:mm", "[>100]0;@").

No maintained library does this: the best on PyPI (xlfmt 0.1.0) runs the parts of "dd.mm.yyyy" together.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite

from lethe.parsers.markdown.inline import literal
from lethe.parsers.number_formats.date_names import language
from lethe.parsers.number_formats.dates import date_writer
from lethe.parsers.number_formats.numbers import decimal, fraction_writer, number_writer, rounded
from lethe.parsers.number_formats.tokens import Kind, Token, sections, tokens

_SHORT = re.compile(r"0|-?[1-9]\d{0,9}|-?(?:0|[1-9]\d{0,6})\.\d{0,3}[1-9]")
"""Numbers that General shows unchanged."""
_LONGEST_CODE = 1000
"""The longest part of a code that is read; Excel allows 255 characters."""
_COMPARE = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "<>": operator.ne,
    "=": operator.eq,
}
_LARGEST = 1e15
"""From here on, a number has more digits than a workbook stores."""

_BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
    5: "$#,##0;-$#,##0", 6: "$#,##0;-$#,##0", 7: "$#,##0.00;-$#,##0.00", 8: "$#,##0.00;-$#,##0.00",
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm",
    37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;(#,##0.00)",
    41: '#,##0;(#,##0);"-"', 42: '$#,##0;$(#,##0);$"-"', 43: '#,##0.00;(#,##0.00);"-"',
    44: '$#,##0.00;$(#,##0.00);$"-"', 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""Formats that a workbook gives by number only. Dates whose order depends on the reader's country are in ISO order."""
_BY_COUNTRY = frozenset({*range(27, 37), *range(50, 59), *range(71, 82)})
"""Dates and times of East Asia and Thailand that differ by country: shown as `BY_VALUE`."""
BY_VALUE = "by value"
"""Lethe's own code for an unknown date format: shows a date, a time or both, whichever the value contains."""


def built_in(number: int) -> str:
    """The code of a built-in format number; "General" for an unknown one."""
    return BY_VALUE if number in _BY_COUNTRY else _BUILT_IN.get(number, "General")


def shown(value: float, code: str, *, from_1904: bool = False) -> str:
    """`value` as a cell with this format code shows it, in a wide enough column; runs of blanks become one.

    `from_1904`: dates count from 1904-01-01 (old Macs). A date before the first or after the last that Excel
    knows is written as a number, where Excel shows a row of `#`.
    """
    if code == "General":
        return general(value)
    if code == BY_VALUE:
        code = "h:mm" if 0 < value < 1 else "yyyy-mm-dd" if value == int(value) else "yyyy-mm-dd h:mm"
    section, bare = _compiled(code).of_number(value)
    text = section.write(abs(value) if bare else value, from_1904)
    return general(value) if text is None else " ".join(text.split())


def number_text(value: str, code: str, from_1904: bool) -> str:
    """The number in `value` as a cell with this format shows it; unchanged if it is not a number."""
    if code == "General" and len(value) < 12 and _SHORT.fullmatch(value):
        return value
    return _number_text(value, code, from_1904)


@lru_cache(maxsize=65_536)
def _number_text(value: str, code: str, from_1904: bool) -> str:
    try:
        number = float(value)
    except ValueError:
        return literal(value)
    if not isfinite(number):
        return literal(value)
    text = shown(number, code, from_1904=from_1904)
    return literal(text) if "<" in text else text


def shown_text(text: str, code: str) -> str:
    """Text as a cell with this format code shows it: `"No. "@` adds a prefix, `;;;` hides it."""
    if "@" not in code and ";" not in code:
        return text
    found = _compiled(code).text
    if found is None:
        return text
    return "".join(text if token.kind is Kind.TEXT else token.text for token in found)


def general(value: float) -> str:
    """`value` in Excel's General format: 11 characters at most. A longer whole number is added in full, as it may be an
    identifier that somebody searches for."""
    if value == int(value) and abs(value) < 1e11:
        return str(int(value))
    if 1e-4 <= abs(value) < 1e11:
        room = 10 - max(0, len(str(int(abs(value)))) - 1)
        text = _trimmed(_fixed(value, max(0, room - 1)))
        return "0" if text == "-0" else text
    short = f"{value:.9g}"
    if "e" not in short and len(short.lstrip("-")) <= 11:
        return short
    plain = _trimmed(_fixed(value, 20))
    if abs(value) < 1 and len(plain.lstrip("-")) <= 11:
        return plain
    mantissa, _, power = f"{value:.5E}".partition("E")
    text = f"{_trimmed(mantissa)}E{power}"
    return f"{text} ({int(value)})" if value == int(value) and abs(value) < _LARGEST else text


@dataclass(frozen=True, slots=True)
class _Section:
    """One of the parts of a code between `;`. `write` returns None for a value that it cannot show."""

    condition: "_Condition | None"
    write: Callable[[float, bool], str | None]


@dataclass(frozen=True, slots=True)
class _Condition:
    holds: Callable[[float], bool]
    only_negative: bool
    """Whether only negative numbers match: then the section marks them itself, and no sign is added."""


@dataclass(frozen=True, slots=True)
class _Format:
    numbers: tuple[_Section, ...]
    text: tuple[Token, ...] | None

    def of_number(self, value: float) -> tuple[_Section, bool]:
        """The section for `value`, and whether that section itself marks it as negative."""
        numbers = self.numbers
        if any(section.condition for section in numbers):
            for section in numbers:
                if section.condition is None or section.condition.holds(value):
                    return section, section.condition is not None and section.condition.only_negative
            return numbers[-1], False
        if len(numbers) == 1 or value > 0:
            return numbers[0], False
        if value < 0:
            return numbers[1], True
        return numbers[2 if len(numbers) > 2 else 0], False


@lru_cache(maxsize=4096)
def _compiled(code: str) -> _Format:
    parts = sections(code[:_LONGEST_CODE])[:4]
    read = [(condition, tokens(body), language(body)) for condition, body in parts]
    text = None
    if len(read) == 4 or (read and any(token.kind is Kind.TEXT for token in read[-1][1])):
        text = tuple(read.pop()[1])
    numbers = [_Section(_condition(condition), _writer(found, names)) for condition, found, names in read]
    return _Format(tuple(numbers) or (_Section(None, _general_writer([])),), text)


def _condition(condition: str) -> _Condition | None:
    match = re.fullmatch(r"(<=|>=|<>|<|>|=)\s*(-?\d{1,30}(?:\.\d{0,30})?(?:[eE][+-]?\d{1,3})?)", condition)
    if not match:
        return None
    limit, compare = float(match[2]), _COMPARE[match[1]]
    negative = match[1] in ("<", "<=", "=") and (limit < 0 or (limit == 0 and match[1] == "<"))
    return _Condition(lambda value: bool(compare(value, limit)), negative)


def _writer(found: list[Token], names: str) -> Callable[[float, bool], str | None]:
    kinds = {token.kind for token in found}
    if Kind.DATE in kinds:
        return date_writer(found, names)
    if Kind.GENERAL in kinds or Kind.TEXT in kinds:
        return _general_writer(found)
    if Kind.DIGIT not in kinds:
        words = "".join(token.text for token in found if token.kind is not Kind.COMMA)
        return lambda value, _: ("-" if value < 0 and words else "") + words
    if Kind.SLASH in kinds:
        return fraction_writer(found)
    return number_writer(found)


def _general_writer(found: list[Token]) -> Callable[[float, bool], str]:
    def write(value: float, _from_1904: bool) -> str:
        number = general(abs(value))
        body = "".join(number if token.kind in (Kind.GENERAL, Kind.TEXT) else token.text for token in found)
        return ("-" if value < 0 else "") + (body if found else number)

    return write


def _fixed(value: float, places: int) -> str:
    return f"{rounded(decimal(value), places):f}"


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
