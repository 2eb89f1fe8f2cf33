"""Removes from text the characters that break databases or confuse readers."""

import re

# C0 controls except tab and newline, and DEL. Vertical tab and form feed separate words: they become line ends.
_CONTROLS = bytes([*range(9), *range(13, 32), 127])
_BREAKS = bytes.maketrans(b"\x0b\x0c", b"\n\n")
_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_COLOURS = re.compile(
    rb"\x1b(?:\[[0-9;?]{0,30}[ -/]{0,3}[@-~]|\][0-9]{1,3};[^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)|[()][AB0])"
)
"""Escape sequences that move a terminal's cursor, colour its text, name its window, link or choose its letters."""
_OVERSTRUCK = re.compile(rb"((?:[\xc0-\xff][\x80-\xbf]{1,3}|[!-~]))\x08(?=\1)|_\x08")
"""Bold and underlined letters of manual pages: a letter, a step back, and the letter again."""
_WIDE_BREAKS = ((b"\xc2\x85", b"\n"), (b"\xe2\x80\xa8", b"\n"), (b"\xe2\x80\xa9", b"\n\n"))
"""U+0085, U+2028 and U+2029 in UTF-8: ends of a line, a line and a paragraph."""
_LOOK = 1024 * 1024


def clean(text: str) -> str:
    """`text` with LF line ends, without controls except tab and newline, and with surrogates replaced."""
    # Most texts are clean, and a copy takes up to four bytes per character. Other threads run between two searches.
    if not any(_UNCLEAN.search(text, start, start + _LOOK) for start in range(0, len(text), _LOOK)):
        return text
    return clean_bytes(_SURROGATE.sub("\ufffd", text).encode()).decode()


def clean_bytes(data: bytes) -> bytes:
    """Like `clean`, for UTF-8, where these bytes are never part of another character."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\x1b" in data:
        data = _COLOURS.sub(b"", data)
    if b"\x08" in data:
        data = _OVERSTRUCK.sub(b"", data)
    for wide, narrow in _WIDE_BREAKS:
        if wide in data:
            data = data.replace(wide, narrow)
    return data.translate(_BREAKS, _CONTROLS)
