"""The numbers of list items in the formats that Word and PowerPoint know."""

from lethe.adapters.parsers.markdown.numerals import letters, roman

DEEPEST = 8
"""The last level of a list, counted from 0."""
_MOST_LETTERS = 26 * 30
_MOST_ROMAN = 3_999


def counted(count: int, form: str) -> str:
    """A number in a numbering format of Word ("lowerRoman", "upperLetter" ...); digits for those of other scripts."""
    if form == "none":
        return ""
    if form in ("lowerLetter", "upperLetter") and 0 < count <= _MOST_LETTERS:
        text = letters(count, doubles=True)
    elif form in ("lowerRoman", "upperRoman") and 0 < count <= _MOST_ROMAN:
        text = roman(count)
    else:
        return f"{count:02}" if form == "decimalZero" else str(count)
    return text.upper() if form.startswith("upper") else text
