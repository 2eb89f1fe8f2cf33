"""Turns pdfium's character codes into letters, and joins accents with the letters under them."""

import unicodedata
from collections.abc import Sequence

_SYMBOLS = {
    0xF0B7: "•", 0xF0A7: "▪", 0xF0D8: "➢", 0xF0FC: "✓", 0xF0A8: "□", 0xF06F: "□", 0xF071: "❑", 0xF076: "❖",
    0xF0FE: "☑", 0xF0FD: "☒", 0xF0FB: "✗",
    0xF02D: "-", 0xF02B: "+", 0xF03D: "=", 0xF0B0: "°", 0xF0B1: "±", 0xF0B4: "×", 0xF0A3: "≤", 0xF0B3: "≥", 0xF0B9: "≠",
    0xF0AE: "→", 0xF0AC: "←", 0xF0E0: "→", 0xF06D: "µ", 0xF061: "α", 0xF062: "β", 0xF044: "Δ",
}  # fmt: skip
"""Signs of the fonts Symbol and Wingdings, by the private codes that files commonly use for them."""

Glyph = tuple[float, float, str]
"""Where a letter begins and ends in its frame, and its text."""


def texts(codes: Sequence[int]) -> tuple[list[str], int]:
    """The text of each character ("" if it cannot be read or shown, " " for any space), and how many cannot be read."""
    out: list[str] = []
    unreadable = high = 0
    for code in codes:
        low = 0xDC00 <= code < 0xE000
        unreadable += (high > 0) != low  # half of a surrogate pair
        if low and high:
            out.append(chr(0x10000 + ((high - 0xD800) << 10) + code - 0xDC00))
        elif 32 < code < 0xAD and code != 0xA0:
            out.append(chr(code))
        else:
            text = _odd(code)
            unreadable += text is None
            out.append(text or "")
        high = code if 0xD800 <= code < 0xDC00 else 0
    return out, unreadable + (high > 0)


def _odd(code: int) -> str | None:
    """The text of a character that is not a plain letter; None if it cannot be read."""
    if code == 2:
        return "-"  # pdfium's code for a hyphen at a line's end
    if code == 0 or 0xE000 <= code < 0xF900 or code in (0xFFFD, 0xFFFE, 0xFFFF) or code > 0xF0000:
        return _SYMBOLS.get(code)
    text = chr(code)
    kind = unicodedata.category(text)
    if code <= 32 or kind in ("Zs", "Zl", "Zp"):
        return " "
    if kind in ("Cs", "Cf") and code != 0xAD:
        return ""
    return unicodedata.normalize("NFKC", text) if 0xFB00 <= code < 0xFF00 else text


def is_accent(text: str) -> bool:
    """Whether a character may be drawn over another one."""
    return text in _ACCENTS or unicodedata.combining(text[0]) > 0


_ACCENTS = {"´": "\u0301", "`": "\u0300", "¨": "\u0308", "ˆ": "\u0302", "˜": "\u0303", "¸": "\u0327", "˚": "\u030a",
            "ˇ": "\u030c", "˘": "\u0306", "˙": "\u0307", "˝": "\u030b", "¯": "\u0304", "˛": "\u0328"}  # fmt: skip


def with_marks(glyphs: list[Glyph]) -> list[Glyph]:
    """The letters, each joined with the accents and vowel signs drawn over it, whether drawn before or after it."""
    marks = {number for number, glyph in enumerate(glyphs) if is_accent(glyph[2])}
    if not marks or len(marks) == len(glyphs):
        return glyphs
    letters = [glyph for number, glyph in enumerate(glyphs) if number not in marks]
    before = 0
    alone: list[Glyph] = []
    for number, (left, right, text) in enumerate(glyphs):
        if number not in marks:
            before += 1
            continue
        middle = (left + right) / 2
        near = range(max(0, before - 3), min(len(letters), before + 3))
        best = min(near, key=lambda at: abs(letters[at][0] + letters[at][1] - 2 * middle))
        start, end, letter = letters[best]
        if text in _ACCENTS and not (letter[0].isalpha() and start < middle < end):
            alone.append((left, right, text))
        else:
            letters[best] = (start, end, unicodedata.normalize("NFC", letter + _ACCENTS.get(text, text)))
    return sorted([*letters, *alone], key=lambda glyph: glyph[0] + glyph[1]) if alone else letters


def runs_down(codes: list[int], boxes: list[float], size: float) -> bool:
    """Whether the characters of one drawn piece run down the page, as in vertical Japanese."""
    if len(codes) < 2 or not all(code >= 0x2E80 for code in codes if code > 32):
        return False
    left, top = boxes[0], boxes[1]
    return all(
        abs(boxes[4 * number] - left) < 0.5 * size and boxes[4 * number + 1] < top - 0.5 * size * number
        for number in range(1, len(codes))
        if codes[number] > 32
    )
