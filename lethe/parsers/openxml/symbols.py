"""Maps characters of symbol fonts to Unicode, so that a tick is read as ✓ and an alpha as α."""

import re

_GREEK = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"
_SYMBOL = (
    dict(zip(range(0x20, 0x40), " !∀#∃%&∋()∗+,−./0123456789:;<=>?", strict=True))
    | {
        0x40: "≅",
        0x5B: "[",
        0x5C: "∴",
        0x5D: "]",
        0x5E: "⊥",
        0x5F: "_",
        0x7B: "{",
        0x7C: "|",
        0x7D: "}",
        0x7E: "∼",
    }
    | dict(zip(range(0x41, 0x5B), _GREEK, strict=True))
    | dict(zip(range(0x61, 0x7B), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True))
    | dict(zip(range(0xA0, 0xC0), "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵", strict=True))
    | dict(zip(range(0xC0, 0xE0), "ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓", strict=True))
    | dict(zip(range(0xE0, 0xFF), "◊⟨®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪\uf8ff⟩∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭", strict=True))
)
_WINGDINGS = (
    {0x20: " ", 0x28: "☎", 0x2A: "✉", 0x4A: "☺", 0x4B: "😐", 0x4C: "☹", 0x6C: "●", 0x6D: "❍", 0x6E: "■"}
    | {0x6F: "□", 0x71: "❑"}
    | {0x72: "❒", 0x74: "⧫", 0x75: "◆", 0x76: "❖", 0x77: "⬥", 0x9E: "·", 0x9F: "•", 0xA1: "○", 0xA7: "▪", 0xA8: "◻"}
    | {0xAB: "★", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓"}
    | {0xFD: "☒", 0xFE: "☑", 0x22: "✂", 0x21: "✏", 0xEF: "⇦", 0xF1: "⇧", 0xF2: "⇩", 0xF3: "⬄", 0x46: "☞", 0x45: "☜"}
)  # fmt: skip
_WINGDINGS2 = {
    0x4F: "✗",
    0x50: "✓",
    0x51: "☒",
    0x52: "☑",
    0x53: "☒",
    0x54: "☒",
    0x97: "●",
    0xA3: "□",
    0x2A: "☐",
}
_FONTS: dict[str, dict[int, str]] = {"symbol": _SYMBOL, "wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS2}
_PRIVATE = 0xF000
_KEPT_APART = re.compile("[\uf000-\uf0ff]")


def symbol(font: str, code: int) -> str:
    """The character `code` of `font`; symbol fonts may add 0xF000 to it. A symbol without an equivalent in Unicode is
    "□". A code of any other font is a Unicode character."""
    low = code - _PRIVATE if _PRIVATE <= code < _PRIVATE + 0x100 else code
    known = _FONTS.get(font.strip().lower())
    if known is not None and low < 0x100:
        return known.get(low, "□")
    if low < 0x20 or (low != code and font.strip().lower().startswith(("webdings", "wingdings", "marlett"))):
        return "□"
    return chr(low) if low <= 0x10FFFF and not 0xD800 <= low < 0xE000 else "□"


def symbols(text: str, font: str) -> str:
    """`text` with the characters of symbol fonts (0xF000 to 0xF0FF) mapped to Unicode. Other fonts use these codes for
    signs of their own."""
    if font and font.strip().lower() not in _FONTS:
        return text
    return _KEPT_APART.sub(lambda match: symbol(font or "Symbol", ord(match[0])), text)
