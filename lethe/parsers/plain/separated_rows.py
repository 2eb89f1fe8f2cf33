"""Splits separated values into rows, and detects their delimiter.

Excel writes semicolons where the comma is the decimal point, exports add titles and notes, and people edit by hand. In
`csv.reader`, one unclosed quote swallows the rest of the file; `csv.Sniffer` and clevercsv detect fewer delimiters
(docs/dependencies.md).
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

_DELIMITERS = {",": 1.0, ";": 1.0, "\t": 1.0, "|": 0.95, "\x1f": 0.95, "^": 0.6, "~": 0.6, "¦": 0.6, ":": 0.4}
"""Possible delimiters and their weights: colons also occur in times and addresses."""
_SAMPLE_ROWS = 300
_SAMPLE_CHARACTERS = 100_000
_LONGEST_FIELD = 1 << 20
"""The most characters within quotes. A quote that is not closed within them is an ordinary character."""
_IN_VAIN = 1 << 18
"""The most characters searched in vain for closing quotes, plus twice the characters already read."""
_SEPARATOR_LINE = re.compile(r'\s*"?sep=(?P<delimiter>[^\n"])"?[^\S\n\t]*\n', re.IGNORECASE)
_KNOWN = re.compile(
    r"""[ "']*(?:
      [-+(]?\s?[$€£¥₽%]?\ ?\d+(?:[ .,'’]\d+)*(?:[eE][-+]?\d+)?\ ?(?:[%$€£¥₽]|[A-Za-z]{1,3})?\)?   # a number
    | \d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:[T ]\d{1,2}:\d{2}.{0,12})? | \d{1,2}:\d{2}(?::\d{2})?     # a date, a time
    | [\w.+-]+@[\w.-]+ | https?://\S+
    | [^\W\d_][\w.'’-]*(?:,?\ [\w.'’()-]+){0,3}                                                 # a name
    )[ "']*""",
    re.VERBOSE,
)


class Dialect(NamedTuple):
    """The delimiter between fields, and the quote around fields that contain it."""

    delimiter: str
    quote: str = '"'


def find_dialect(text: str, *, expected: str = ",") -> tuple[Dialect, int]:
    """The dialect of `text`, and where its rows begin: after Excel's line `sep=;`, if there is one.

    A delimiter is good if rows have the same number of fields, and fields look like numbers, dates or names. `expected`
    is the delimiter that the file name suggests; it breaks ties.
    """
    named = _SEPARATOR_LINE.match(text)
    start = named.end() if named else 0
    quote = '"'
    best, most = Dialect("\n", quote), 0.0  # one column, unless a delimiter is found
    sample = text[start : start + _SAMPLE_CHARACTERS]
    quotes = ['"', "'"] if "'" in sample and sample.count('"') < 2 else ['"']
    for delimiter, weight in _DELIMITERS.items():
        if delimiter not in sample or (named and delimiter != named["delimiter"]):
            continue
        for quote in quotes:
            dialect = Dialect(delimiter, quote)
            if quote == "'" and not _is_quoted(sample, dialect):
                continue
            merit = _merit(list(islice(rows(sample, dialect), _SAMPLE_ROWS))) * weight
            merit *= 1 if _is_sound(sample, dialect) else 0.5
            merit *= (1.1 if delimiter == expected else 1) * (1.2 if quote == "'" else 1)
            if merit > most:
                best, most = dialect, merit
    if named:
        best = Dialect(named["delimiter"], best.quote)
    return best, start


def rows(text: str, dialect: Dialect, start: int = 0) -> Iterator[list[str]]:
    """The rows of `text`, with their fields unquoted and doubled quotes halved.

    A quote that is not closed at the end of a field is an ordinary character.
    """
    delimiter, quote = dialect
    vain = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if text.find(quote, start, end) < 0:
            yield text[start:end].split(delimiter)
            start = end + 1
            continue
        plain = _plain_row(text[start:end], dialect)
        if plain is not None:
            yield plain
            start = end + 1
            continue
        row: list[str] = []
        while True:
            if vain > _IN_VAIN + 2 * start:
                row += text[start:end].split(delimiter)
                start = end
                break
            field, start, looked = _field(text, start, end, dialect)
            vain += looked
            row.append(field)
            if start > end:  # the field continued on another line
                end = text.find("\n", start)
                end = len(text) if end < 0 else end
            if start >= end:
                break
            start += 1
        yield row
        start += 1


def _plain_row(line: str, dialect: Dialect) -> list[str] | None:
    """The row of a line whose quotes are all balanced, as most are; else None."""
    delimiter, quote = dialect
    try:
        return next(
            csv.reader((line,), delimiter=delimiter, quotechar=quote, skipinitialspace=True, strict=True)
        )
    except (csv.Error, TypeError, ValueError):
        return None


def _field(text: str, start: int, line_end: int, dialect: Dialect) -> tuple[str, int, int]:
    """The field at `start`, where it ends, and how many characters were searched in vain."""
    delimiter, quote = dialect
    opening = _after_spaces(text, start)
    looked = 0
    if text.startswith(quote, opening):
        closing, looked = _closing(text, opening + 1, delimiter, quote)
        if closing >= 0:
            field = text[opening + 1 : closing].replace(quote * 2, quote)
            if "\\" in field:
                field = field.replace("\\" + quote, quote)
            return field, _after_spaces(text, closing + 1), 0
    end = text.find(delimiter, start, line_end)
    end = line_end if end < 0 else end
    return text[start:end], end, looked


def _closing(text: str, start: int, delimiter: str, quote: str) -> tuple[int, int]:
    """The position of the quote that ends a field, or -1, and how many characters were searched.

    A quote within the field is doubled or escaped by a backslash. Any other is part of the field only before the first
    line end in it.
    """
    last = start + _LONGEST_FIELD
    position, has_escapes = text.find(quote, start, last), False
    while position >= 0:
        ends = _ends_field(text, position + 1, delimiter)
        escaped = text[position - 1] == "\\" and position > start
        if text.startswith(quote, position + 1):
            if escaped and _ends_field(text, position + 2, delimiter):
                return position + 1, 0
            position = text.find(quote, position + 2, last)
        elif ends and not (escaped and has_escapes):  # else "C:\\" would not end
            return position, 0
        elif escaped or text.find("\n", start, position) < 0:
            position, has_escapes = text.find(quote, position + 1, last), has_escapes or escaped
        else:
            return -1, position - start
    return -1, min(last, len(text)) - start


def _ends_field(text: str, position: int, delimiter: str) -> bool:
    position = _after_spaces(text, position)
    return position >= len(text) or text[position] == "\n" or text.startswith(delimiter, position)


def _after_spaces(text: str, position: int) -> int:
    while text[position : position + 1] == " ":
        position += 1
    return position


def _is_quoted(sample: str, dialect: Dialect) -> bool:
    """Whether there are at least half as many fields in single quotes as lines."""
    delimiter = re.escape(dialect.delimiter)
    fields = re.findall(rf"(?:^|{delimiter})\s*'(?:[^'\n]|'')*'\s*(?={delimiter}|$)", sample, re.MULTILINE)
    return 2 * len(fields) >= sample.strip("\n").count("\n") + 1


def _is_sound(sample: str, dialect: Dialect) -> bool:
    """Whether `csv.reader` in strict mode accepts the quotes of the sample."""
    delimiter, quote = dialect
    lines = sample.split("\n") if quote in sample else []
    reader = csv.reader(
        (f"{line}\n" for line in lines),
        delimiter=delimiter,
        quotechar=quote,
        skipinitialspace=True,
        strict=True,
    )
    try:
        return all(row is not None for row in islice(reader, _SAMPLE_ROWS))
    except csv.Error:
        return False


def _merit(sample: list[list[str]]) -> float:
    """From 0 to 1: how even the rows are, and how many of their fields look like numbers, dates or names."""
    filled = [row for row in sample if any(field.strip() for field in row)]
    wide = [number for number, row in enumerate(filled) if len(row) > 1]
    if not wide:
        return 0
    table = [row for row in filled[wide[0] : wide[-1] + 1] if not row[0].startswith("#") or len(row) > 1]
    if 2 * len(wide) <= len(table) or (4 * len(wide) < len(filled) and len(wide) < 5):
        return 0  # sentences with a comma here and there
    usual = Counter(len(row) for row in table if len(row) > 1).most_common(1)[0][1]
    fields = [field for row in table if len(row) > 1 for field in row]
    known = sum(1 for field in fields if _KNOWN.fullmatch(field[:200]) or len(field) > 200)
    even = 0.7 * usual / len(table) + 0.3 * len(wide) / len(filled)
    return even * (0.3 + 0.7 * known / len(fields))
