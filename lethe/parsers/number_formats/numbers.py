"""Formats numbers and fractions by the digits, points and signs in a section of a format code."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import partial

from lethe.parsers.number_formats.tokens import Kind, Token

_EXACT = Context(prec=400)


def number_writer(found: list[Token]) -> Callable[[float, bool], str]:
    """Formats with a decimal point, thousands, scale, percent and power of ten, and literal text anywhere."""
    power = next((index for index, token in enumerate(found) if token.kind is Kind.POWER), None)
    mantissa = found[:power]
    point = next((index for index, token in enumerate(mantissa) if token.kind is Kind.POINT), len(mantissa))
    last = max(index for index, token in enumerate(found) if token.kind is Kind.DIGIT)
    last_whole = max((i for i, token in enumerate(mantissa[:point]) if token.kind is Kind.DIGIT), default=-1)
    commas = [index for index, token in enumerate(mantissa) if token.kind is Kind.COMMA]
    scale = -3 * sum(index > last or last_whole < index < point for index in commas)
    scale += 2 * sum(token.kind is Kind.PERCENT for token in found)
    grouped = any(index < last_whole for index in commas)
    whole, rest = mantissa[:point], mantissa[point:]
    write_whole = _whole_writer(whole, grouped)
    write_power = _whole_writer([] if power is None else found[power + 1 :])
    places = sum(token.kind is Kind.DIGIT for token in rest)
    width = sum(token.kind is Kind.DIGIT for token in whole)

    def write(value: float, _from_1904: bool) -> str:
        number = decimal(value).scaleb(scale)
        exponent = 0
        if power is not None:
            number, exponent = _powered(number, max(1, width), places)
        number = rounded(number, places)
        digits, _, decimals = f"{number.copy_abs():f}".partition(".")
        text = write_whole(digits.lstrip("0")) + _decimals(rest, decimals)
        if power is not None:
            sign = "-" if exponent < 0 else found[power].text[1].replace("-", "")
            text += f"{found[power].text[0]}{sign}{write_power(str(abs(exponent)).lstrip('0'))}"
        return "-" + text if number < 0 else text

    return write


def _powered(number: Decimal, width: int, places: int) -> tuple[Decimal, int]:
    """`number` as a mantissa and an exponent of ten that is a multiple of `width`, the digits of the whole part."""
    if not number:
        return number, 0
    exponent = number.adjusted() // width * width
    mantissa = rounded(number.scaleb(-exponent), places)
    if mantissa.adjusted() >= width:
        exponent += width
        mantissa = number.scaleb(-exponent)
    return mantissa, exponent


def _whole_writer(found: list[Token], grouped: bool = False) -> Callable[[str], str]:
    """A function that fills the places of a whole number from the right; surplus digits go to the leftmost place. Most
    codes have nothing between the places."""
    found = [token for token in found if token.kind is not Kind.COMMA]
    places = [index for index, token in enumerate(found) if token.kind is Kind.DIGIT]
    if not places:
        words = "".join(token.text for token in found)
        return lambda digits: words + digits
    first, last = places[0], places[-1]
    if last - first >= len(places):
        return partial(_laid, found, first)
    before = "".join(token.text for token in found[:first])
    after = "".join(token.text for token in found[last + 1 :])
    zeros = next((last + 1 - index for index in places if found[index].text == "0"), 0)

    def write(digits: str) -> str:
        digits = digits.zfill(zeros)
        return f"{before}{_grouped(digits) if grouped else digits}{after}"

    return write


def _laid(found: list[Token], first: int, digits: str) -> str:
    out: list[str] = []
    for index in range(len(found) - 1, -1, -1):
        token = found[index]
        if token.kind is not Kind.DIGIT:
            out.append(token.text)
        elif not digits:
            out.append("0" if token.text == "0" else " " if token.text == "?" else "")
        else:
            out.append(digits if index == first else digits[-1])
            digits = digits[:-1]
    return "".join(reversed(out))


def _grouped(digits: str) -> str:
    start = len(digits) % 3 or 3
    return ",".join([digits[:start], *(digits[at : at + 3] for at in range(start, len(digits), 3))])


def _decimals(found: list[Token], digits: str) -> str:
    needed = len(digits.rstrip("0"))
    out: list[str] = []
    at = 0
    for token in found:
        if token.kind is Kind.DIGIT:
            out.append(digits[at] if at < needed or token.text == "0" else " " if token.text == "?" else "")
            at += 1
        elif token.kind is not Kind.COMMA:
            out.append(token.text)
    return "".join(out)


def fraction_writer(found: list[Token]) -> Callable[[float, bool], str]:
    """Formats as `# ?/?`, `# ?/8` or `?/?`: a whole part if the code has a place for it, and the nearest fraction."""
    slash = next(index for index, token in enumerate(found) if token.kind is Kind.SLASH)
    before, after = found[:slash], found[slash + 1 :]
    above = len(before)
    while above and before[above - 1].kind is Kind.DIGIT:
        above -= 1
    whole, below = before[:above], 0
    while below < len(after) and (after[below].kind is Kind.DIGIT or after[below].text.isdigit()):
        below += 1
    wanted, tail = after[:below], "".join(token.text for token in after[below:])
    fixed = "".join(token.text for token in wanted)
    parts = int(fixed) if fixed.isdigit() and fixed.strip("0") else None
    most = 10 ** min(6, max(1, len(wanted))) - 1
    has_whole = any(token.kind is Kind.DIGIT for token in whole)
    write_whole = _whole_writer(whole)

    def write(value: float, _from_1904: bool) -> str:
        number = decimal(abs(value))
        rounds = number - int(number) if has_whole else number
        if parts:
            over, under = int(rounded(rounds * parts, 0)), parts
        else:
            over, under = _nearest(rounds, most)
        units = int(number) if has_whole else 0
        if has_whole and over == under:
            units, over = units + 1, 0
        text = write_whole(str(units).lstrip("0")) if has_whole and (units or not over) else ""
        if has_whole and not units and not over:
            text = text.replace(" ", "") or "0"
        if over or not has_whole:
            text += f" {over}/{under}" if text.strip() else f"{over}/{under}"
        return ("-" if value < 0 and (units or over) else "") + text + tail

    return write


def _nearest(number: Decimal, most: int) -> tuple[int, int]:
    """The fraction nearest to `number` whose denominator is at most `most`."""
    found = Fraction(number).limit_denominator(most)
    return found.numerator, found.denominator


def decimal(value: float) -> Decimal:
    """`value` with 15 digits, Excel's precision."""
    return Decimal(f"{value:.15g}")


def rounded(number: Decimal, places: int) -> Decimal:
    """Rounds half away from zero; never returns a negative zero."""
    found = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT)
    return found or abs(found)
