"""Frames and shapes: which alternative of a frame is shown, and the texts that describe pictures and objects."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.inline import literal
from lethe.parsers.opendocument.body.formulas import formula
from lethe.parsers.opendocument.package.document import Document
from lethe.parsers.opendocument.package.elements import words

GROUPS = frozenset({"draw:g", "draw:a", "dr3d:scene"})
_FORMS = frozenset({
    "draw:text-box", "draw:image", "draw:object", "draw:object-ole", "draw:plugin", "draw:applet",
    "draw:floating-frame", "table:table", "loext:table",
})  # fmt: skip
OBJECTS = {
    "draw:plugin": "media clip",
    "draw:object": "embedded object",
    "draw:object-ole": "embedded object",
    "draw:applet": "embedded object",
    "draw:floating-frame": "embedded object",
}


def form_of(frame: Element) -> Element | None:
    """The alternative of a frame that is shown: the first. The others are fallbacks for programs that cannot show
    it."""
    return next((child for child in frame if child.tag in _FORMS), None)


def shows_picture(element: Element) -> bool:
    """Whether an element of a paragraph is only a picture, with or without a link around it."""
    if element.tag == "draw:a":
        return len(element) > 0 and all(shows_picture(child) for child in element)
    form = form_of(element) if element.tag == "draw:frame" else None
    return form is not None and form.tag == "draw:image" and not words(form)


def alternative(element: Element, document: Document) -> str:
    """The alternative text of a picture. A picture without one is counted as left out."""
    if element.tag == "draw:a":
        return " ".join(filter(None, (alternative(child, document) for child in element)))
    text = described(element)
    if not text and "true" not in (element.get("loext:decorative"), element.get("draw:decorative")):
        document.left_out["image"] += 1
    return text


def described(element: Element) -> str:
    """The title and description of a drawing, meant for people who cannot see it."""
    title, description = words(element.find("svg:title")), words(element.find("svg:desc"))
    if title and description and title not in description:
        return literal(f"{title}: {description}")
    return literal(description or title)


def in_line(shape: Element) -> Element | None:
    """The paragraph of a shape that is anchored as a character and has no other content."""
    if shape.get("text:anchor-type") != "as-char":
        return None
    holder = form_of(shape) if shape.tag == "draw:frame" else shape
    blocks = (
        [] if holder is None else [child for child in holder if child.tag.startswith(("text:", "table:"))]
    )
    return blocks[0] if len(blocks) == 1 and blocks[0].tag == "text:p" else None


def formula_of(element: Element, document: Document) -> str | None:
    """The formula in a frame of a paragraph; None if the frame contains something else."""
    form = form_of(element) if element.tag == "draw:frame" else None
    if form is None or form.tag != "draw:object":
        return None
    inside = form.find("math:math")
    if inside is None and document.package.holds_formula(form.get("xlink:href", "")):
        inside = document.package.object(form.get("xlink:href", ""))
    return None if inside is None else formula(inside)


def embedded(form: Element, document: Document) -> Element | None:
    """The content of an embedded object: a chart, formula, text, sheets or drawing; None if it cannot be read."""
    inside = form.find("math:math") is not None or form.find("office:document") is not None
    root = form if inside else document.package.object(form.get("xlink:href", ""))
    if root is None:
        return None
    if root.tag == "math:math":
        return root
    return next(_inside(root), None)


def _inside(root: Element) -> Iterator[Element]:
    yield from root.findall("math:math")
    for body in root.iter("office:body"):
        yield from body
