"""Writes the numbers of lists and notes as letters, or as Roman, Chinese or Hebrew numerals."""

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_MOST_LETTERS = 20
_CHINESE = "零一二三四五六七八九"


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
    """`count`, below 4,000, as a lower-case Roman numeral."""
    text = ""
    for value, figure in _ROMAN:
        times, count = divmod(count, value)
        text += figure * times
    return text


def chinese(count: int) -> str:
    """`count`, from 1 to 9,999, in Chinese characters."""
    text, rest = "", count
    for value, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        times, rest = divmod(rest, value)
        if times:
            text += _CHINESE[times] + sign
        elif text and rest and not text.endswith(_CHINESE[0]):
            text += _CHINESE[0]
    return text[1:] if 10 <= count < 20 else text


def hebrew(count: int) -> str:
    """`count`, from 1 to 499, in Hebrew letters."""
    hundreds, rest = divmod(count, 100)
    end = {15: "טו", 16: "טז"}.get(rest)  # the regular forms would spell parts of the name of God
    tens, ones = divmod(rest, 10)
    return "קרשת"[:hundreds][-1:] + (end or "יכלמנסעפצ"[:tens][-1:] + "אבגדהוזחט"[:ones][-1:])
