"""Charts: their titles, and a table of the numbers behind them."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from lethe.parsers.opendocument.package.elements import words

_TITLES = ("chart:title", "chart:subtitle", "chart:footer")


def chart_titles(chart: Element) -> Iterator[str]:
    """The titles of a chart (or of a body that contains one) and of its axes, in the order of the file."""
    for element in chart.iter():
        if element.tag in _TITLES and (text := words(element)):
            yield text


def chart_table(chart: Element) -> Element | None:
    """The table in which a chart keeps a copy of its numbers, with the names of series and categories."""
    table = next(chart.iter("table:table"), None)
    if table is not None:
        for paragraph in table.iter("text:p"):
            if paragraph.text in ("NaN", "1.#NAN", "nan"):
                paragraph.text = ""
        for cell in table.iter("table:table-cell"):
            for place in cell.findall("draw:g"):  # where in the sheet a series comes from
                cell.remove(place)
    return table
