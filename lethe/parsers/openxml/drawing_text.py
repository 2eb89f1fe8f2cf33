"""Text in drawings, slides, charts and diagrams (DrawingML): a paragraph's runs."""

import re
from collections.abc import Iterable, Iterator, Mapping
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.inline import Run, inline
from lethe.parsers.openxml.alternates import ALTERNATES, chosen
from lethe.parsers.openxml.formulas import MATH, formula
from lethe.parsers.openxml.names import A14, A, R, local, number
from lethe.parsers.openxml.package import Relation
from lethe.parsers.openxml.symbols import symbols

_BREAK = re.compile("_x000[BbDd]_")
"""How PowerPoint writes a line break inside a title's text."""


def line(paragraph: Element, relations: Mapping[str, Relation] | None = None) -> str:
    """An `a:p` as inline markdown."""
    return inline(runs(paragraph, relations or {}))


def drawn_text(body: Element, relations: Mapping[str, Relation] | None = None) -> str:
    """The text of a shape (its `txBody`), one line per paragraph."""
    lines = [line(paragraph, relations) for paragraph in body.iter(A + "p")]
    return "\n".join(text for text in lines if text.strip())


def has_text(shape: Element) -> bool:
    """Whether a shape has text, or is a graphic frame (table, chart or diagram)."""
    return any((text.text or "").strip() for text in shape.iter(A + "t")) or local(shape) == "graphicFrame"


def runs(paragraph: Iterable[Element], relations: Mapping[str, Relation]) -> Iterator[Run]:
    """The runs of an `a:p`; `relations` are those of its part, for links."""
    for element in paragraph:
        if element.tag in (A + "r", A + "fld"):
            yield _run(element, relations)
        elif element.tag == A + "br":
            yield Run("\n")
        elif element.tag == ALTERNATES:
            yield from runs(chosen(element), relations)
        elif element.tag in MATH:
            yield Run(formula(element))
        elif element.tag == A14 + "m":
            yield from runs(element, relations)


def _run(element: Element, relations: Mapping[str, Relation]) -> Run:
    text = "".join(_BREAK.sub("\n", part.text or "") for part in element.findall(A + "t")).replace("\t", " ")
    properties = element.find(A + "rPr")
    if properties is None:
        return Run(text)
    font = properties.find(A + "sym")
    text = symbols(text, "" if font is None else font.get("typeface", ""))
    if properties.get("cap") == "all":
        text = text.upper()
    height = number(properties.get("baseline"))
    click = properties.find(A + "hlinkClick")
    link = None if click is None else relations.get(click.get(R + "id", ""))
    return Run(
        text,
        bold=properties.get("b") in ("1", "true"),
        italic=properties.get("i") in ("1", "true"),
        struck=properties.get("strike", "noStrike") != "noStrike",
        raised=height > 0,
        lowered=height < 0,
        link=link.target if link is not None and link.external else None,
    )
