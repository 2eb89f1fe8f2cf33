"""Lists of a docx whose bullets come from the paragraph's style.

kreuzberg looks for them in the paragraph itself, so there they are written; else they are running text.
"""

import re
from xml.etree import ElementTree

from lethe.adapters.parsers.markup import element_tree
from lethe.adapters.parsers.source import Source

STYLES, DOCUMENT = "word/styles.xml", "word/document.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PROPERTIES = re.compile(rb"<w:pPr>(?:(?!</w:pPr>).){0,4000}?</w:pPr>", re.DOTALL)
_STYLE = re.compile(rb'<w:pStyle w:val="([^"]{1,200})"\s*/>')
_MOST_PARENTS = 20


def with_lists(source: Source, document: bytes, styles: bytes) -> bytes:
    """`document` (document.xml) in which each paragraph of a list style of `styles` (styles.xml) says itself
    that it is a list item."""
    numbering = _numbering_by_style(element_tree(source, styles))
    if not numbering:
        return document

    def number(match: re.Match[bytes]) -> bytes:
        properties = match[0]
        style = _STYLE.search(properties)
        if style is None or b"<w:numPr" in properties or style[1] not in numbering:
            return properties
        return properties[: style.end()] + numbering[style[1]] + properties[style.end() :]

    return _PROPERTIES.sub(number, document)


def _numbering_by_style(styles: ElementTree.Element) -> dict[bytes, bytes]:
    """For the id of each list style the element that makes its paragraphs list items (all of one level, as
    kreuzberg shows no other)."""
    found = {}
    known = {style.get(_W + "styleId", ""): style for style in styles.iter(_W + "style")}
    for key, style in known.items():
        name = _value(style, _W + "name")
        if _value(style, f"{_W}pPr/{_W}outlineLvl") or name.lower().startswith("heading"):
            continue  # numbered headings stay headings
        holder: ElementTree.Element | None = style
        for _ in range(_MOST_PARENTS):
            if holder is None or holder.find(f"{_W}pPr/{_W}numPr") is not None:
                break
            holder = known.get(_value(holder, _W + "basedOn"))
        if holder is None:
            continue
        number = _value(holder, f"{_W}pPr/{_W}numPr/{_W}numId")
        if number.isdigit() and number != "0":
            found[key.encode()] = (
                f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr>'.encode()
            )
    return found


def _value(element: ElementTree.Element, path: str) -> str:
    below = element.find(path)
    return "" if below is None else below.get(_W + "val", "")
