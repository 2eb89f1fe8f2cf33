"""Numbers as lists and notes write them."""

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_MOST_LETTERS = 20


def letters(count: int, *, doubles: bool) -> str:
    """`count` as a, b, ..., z, then aa, ab, ...; with `doubles` aa, bb, ...."""
    if doubles:
        return chr(97 + (count - 1) % 26) * min(_MOST_LETTERS, (count - 1) // 26 + 1)
    text = ""
    while count > 0:
        count, rest = divmod(count - 1, 26)
        text = chr(97 + rest) + text
    return text


def roman(count: int) -> str:
    """`count`, below 4,000, as small Roman figures."""
    text = ""
    for value, figure in _ROMAN:
        times, count = divmod(count, value)
        text += figure * times
    return text
