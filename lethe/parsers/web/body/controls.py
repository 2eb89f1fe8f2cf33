"""The text that a person sees for images, drawings and form fields."""

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborNode

_NUMBER = re.compile(r"\s*(\d{1,5})")
_SMALLEST = 8
"""The smallest width and height in pixels of an image that may contain text; smaller ones are lines and counters."""
_SPACES = re.compile(r"\s+")


def shown(tag: str, node: LexborNode) -> str | None:
    """The text of an `<img>`, `<svg>`, `<input>` or `<select>`; None for an image whose text cannot be read."""
    if tag == "img":
        return _image(node)
    if tag == "svg":
        text = _joined(child.text() for child in node.css("text, title, foreignObject"))
        return None if not text and node.css_first("image") is not None else text
    if tag == "select":
        return _joined((_option(child) for child in node.css("option")), ", ")
    return _field(node.attributes)


def _image(node: LexborNode) -> str | None:
    attributes = node.attributes
    file = (attributes.get("src") or "").rpartition("/")[2]
    for name in ("alt", "title", "aria-label"):
        text = attributes.get(name) or ""
        if text.strip() and not ("." in file and text.endswith(file)):  # a file name says nothing
            return text
    if attributes.get("alt", "x") in ("", None) or attributes.get("role") in ("presentation", "none"):
        return ""  # declared as decorative
    sizes = [_NUMBER.match(attributes.get(side) or "") for side in ("width", "height")]
    if any(size and int(size[1]) < _SMALLEST for size in sizes):
        return ""
    return None


def _option(node: LexborNode) -> str:
    return node.attributes.get("label") or node.text()


def _field(attributes: dict[str, str | None]) -> str | None:
    kind = (attributes.get("type") or "text").strip().lower()
    if kind in ("checkbox", "radio"):
        return "[x]" if "checked" in attributes else "[ ]"
    if kind in ("hidden", "password", "file", "range", "color"):
        return ""
    if kind == "image":
        return attributes.get("alt") or attributes.get("value") or ""
    default = {"submit": "Submit", "reset": "Reset"}.get(kind, "")
    return (
        attributes.get("value") or attributes.get("placeholder") or ("" if "value" in attributes else default)
    )


def _joined(texts: Iterable[str], mark: str = " ") -> str:
    return mark.join(filter(None, (_SPACES.sub(" ", text).strip() for text in texts)))
