"""Splits a number format code into sections with their conditions, and sections into tokens."""

import re
from enum import Enum, auto
from typing import NamedTuple


class Kind(Enum):
    """What a token of a format code stands for."""

    LITERAL = auto()
    DIGIT = auto()  # 0, # or ?
    POINT = auto()
    COMMA = auto()
    PERCENT = auto()
    POWER = auto()  # E+ or E-
    SLASH = auto()
    DATE = auto()  # a run of one of y m d h s e g b, an elapsed time like [h], or AM/PM
    GENERAL = auto()
    TEXT = auto()  # @


class Token(NamedTuple):
    """A token and its text: what a literal shows, or "[h]" for an elapsed time."""

    kind: Kind
    text: str


_QUOTED = r'"[^"]*"?|\\.?|_.?|\*.?'
_SECTION = re.compile(rf'(?:{_QUOTED}|\[[^\]]*\]?|[^;"\\_*\[])*', re.DOTALL)
_CONDITION = re.compile(r"\[\s*([<>=][^\]]*)\]")
_ELAPSED = re.compile(r"(h+|m+|s+)", re.IGNORECASE)
_TOKEN = re.compile(
    rf"""(?P<quoted>{_QUOTED})|(?P<bracket>\[[^\]]*\]?)|(?P<general>general)|(?P<half>am/pm|a/p|上午/下午|午前/午後|오전/오후)
    |(?P<power>e[+-])|(?P<date>y+|m+|d+|h+|s+|e+|g+|b+)|(?P<digit>[0\#?])|(?P<point>\.)|(?P<comma>,)
    |(?P<percent>%)|(?P<slash>/)|(?P<text>@)|(?P<other>.)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_KINDS = {
    "general": Kind.GENERAL, "half": Kind.DATE, "power": Kind.POWER, "date": Kind.DATE, "digit": Kind.DIGIT,
    "point": Kind.POINT, "comma": Kind.COMMA, "percent": Kind.PERCENT, "slash": Kind.SLASH, "text": Kind.TEXT,
    "other": Kind.LITERAL,
}  # fmt: skip


def sections(code: str) -> list[tuple[str, str]]:
    """The parts of a code between `;`, each as its condition (">100", else "") and its body."""
    found = []
    at = 0
    while at <= len(code):
        part = _SECTION.match(code, at)
        body = part[0] if part else ""
        condition = _CONDITION.search(body)
        found.append((condition[1].strip() if condition else "", body))
        at += len(body) + 1
    return found


def tokens(body: str) -> list[Token]:
    """The tokens of one section. Brackets show only a currency, not a colour, country or condition."""
    found: list[Token] = []
    for match in _TOKEN.finditer(body):
        kind, text = match.lastgroup or "other", match[0]
        if kind == "quoted":
            found.append(Token(Kind.LITERAL, _literal(text)))
        elif kind == "bracket":
            found += _bracket(text)
        else:
            found.append(Token(_KINDS[kind], text))
    return _settled(found)


def _literal(text: str) -> str:
    if text[0] == '"':
        return text[1:].removesuffix('"') if len(text) > 1 else ""
    if text[0] == "\\":
        return text[1:]
    return " " if text[0] == "_" else ""  # `_x` leaves the width of an x; `*x` would fill the cell


def _bracket(text: str) -> list[Token]:
    inside = text[1:].removesuffix("]")
    if inside.startswith("$"):
        return [Token(Kind.LITERAL, inside[1:].partition("-")[0] if "-" in inside else inside[1:])]
    if _ELAPSED.fullmatch(inside):
        return [Token(Kind.DATE, f"[{inside.lower()}]")]
    return []


def _settled(found: list[Token]) -> list[Token]:
    """Turns tokens into literals where they have no meaning: number signs in a date, date letters in a number."""
    kinds = {token.kind for token in found}
    if Kind.GENERAL in kinds or (Kind.DATE in kinds and not _is_number(found)):
        plain = {Kind.COMMA, Kind.PERCENT, Kind.POWER, Kind.SLASH}
        return [Token(Kind.LITERAL, text) if kind in plain else Token(kind, text) for kind, text in found]
    if Kind.DATE in kinds:
        found = [
            Token(Kind.LITERAL, text) if kind is Kind.DATE else Token(kind, text) for kind, text in found
        ]
    digits = [index for index, token in enumerate(found) if token.kind is Kind.DIGIT]
    if not digits:
        return [
            token if token.kind in (Kind.TEXT, Kind.LITERAL, Kind.COMMA) else Token(Kind.LITERAL, token.text)
            for token in found
        ]
    return [
        Token(Kind.LITERAL, token.text) if token.kind is Kind.SLASH and not _divides(found, index) else token
        for index, token in enumerate(found)
    ]


def _is_number(found: list[Token]) -> bool:
    """Whether letters like `g` in a code with digits are literal: "0 g" means grams, not an era."""
    dates = {token.text.lower()[0] for token in found if token.kind is Kind.DATE}
    return dates <= {"g", "b", "e"} and any(token.kind is Kind.DIGIT for token in found)


def _divides(found: list[Token], index: int) -> bool:
    before, after = found[:index], found[index + 1 :]
    return bool(
        before
        and before[-1].kind is Kind.DIGIT
        and after
        and (after[0].kind is Kind.DIGIT or after[0].text.isdigit())
    )
