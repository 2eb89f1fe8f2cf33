"""XML namespaces of Office that several readers use, and functions that read an element's properties."""

from xml.etree.ElementTree import Element

_OFFICE = "{http://schemas.openxmlformats.org/"
W = _OFFICE + "wordprocessingml/2006/main}"
P = _OFFICE + "presentationml/2006/main}"
A = _OFFICE + "drawingml/2006/main}"
C = _OFFICE + "drawingml/2006/chart}"
DGM = _OFFICE + "drawingml/2006/diagram}"
PIC = _OFFICE + "drawingml/2006/picture}"
WP = _OFFICE + "drawingml/2006/wordprocessingDrawing}"
M = _OFFICE + "officeDocument/2006/math}"
R = _OFFICE + "officeDocument/2006/relationships}"
MC = _OFFICE + "markup-compatibility/2006}"
C15 = "{http://schemas.microsoft.com/office/drawing/2012/chart}"
CX = "{http://schemas.microsoft.com/office/drawing/2014/chartex}"
A14 = "{http://schemas.microsoft.com/office/drawing/2010/main}"
V = "{urn:schemas-microsoft-com:vml}"
O = "{urn:schemas-microsoft-com:office:office}"  # noqa: E741 - Office's prefix

_OFF = frozenset({"0", "false", "off"})


def switch(properties: Element | None, name: str) -> bool | None:
    """Whether the property `name` is on; None if it is not set."""
    found = None if properties is None else properties.find(name)
    return None if found is None else found.get(W + "val") not in _OFF


def value(properties: Element | None, path: str, attribute: str = W + "val") -> str | None:
    """The value of the property at `path`; None if it is not set."""
    found = None if properties is None else properties.find(path)
    return None if found is None else found.get(attribute)


def number(text: str | None, otherwise: int = 0) -> int:
    """A whole number from an attribute; `otherwise` if it is not one."""
    try:
        return int(text or "")
    except ValueError:
        return otherwise


def local(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]
