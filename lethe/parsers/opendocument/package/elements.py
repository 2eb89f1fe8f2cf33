"""The XML of an OpenDocument file as elements with short names, whatever prefixes the file gives them."""

import re
from collections.abc import Callable
from xml.etree.ElementTree import Element, TreeBuilder

from lethe.parsers import markup
from lethe.parsers.source import Source

_NAMESPACE = re.compile(r"urn:oasis:names:tc:opendocument:xmlns:([a-z0-9-]+?)(?:-compatible)?:1\.0")
_SHORT = {"drawing": "draw", "datastyle": "number", "xsl-fo": "fo"}
_OTHERS = {
    "http://www.w3.org/1999/xlink": "xlink",
    "http://www.w3.org/1998/Math/MathML": "math",
    "http://www.w3.org/XML/1998/namespace": "xml",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://openoffice.org/2009/office": "office",  # comments on slides before ODF 1.3
    "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0": "loext",
    "urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0": "field",
}

Ended = Callable[[Element, list[Element]], bool]
"""Called at an element's end with the element and its ancestors, outermost first; True removes it from its parent."""


def read_tree(
    source: Source,
    data: bytes,
    ended: Ended | None = None,
    of: frozenset[str] = frozenset(),
    deepest: int = markup.DEEPEST,
) -> Element:
    """The root of `data`, with the names that the standard uses: "text:p", "fo:font-weight". `ended` is called for
    the elements named in `of`.

    Raises InputRejected for XML that is not well-formed, declares entities, is too large, or nests deeper than
    `deepest`.
    """
    if data.count(b"<") > 2 * markup.MOST_ELEMENTS:
        raise source.rejected(f"contains more than {markup.MOST_ELEMENTS:,} elements: split it")
    names, builder, path = _Names(), TreeBuilder(), list[Element]()

    def start(name: str, attributes: list[str]) -> None:
        if len(path) >= deepest:
            markup.check_depth(source, markup.DEEPEST + 1)
        named = {names[attributes[at]]: attributes[at + 1] for at in range(0, len(attributes), 2)}
        path.append(builder.start(names[name], named))

    def end(name: str) -> None:
        element = builder.end(names[name])
        path.pop()
        if element.tag in of and path and ended and ended(element, path):
            del path[-1][-1]

    markup.read_xml(source, data, start=start, end=end, text=builder.data, namespaces=True)
    return builder.close()


class _Names(dict[str, str]):
    """Maps the parser's names ("namespace local") to short ones."""

    def __missing__(self, name: str) -> str:
        namespace, _, local = name.rpartition(" ")
        match = _NAMESPACE.fullmatch(namespace)
        prefix = _SHORT.get(match[1], match[1]) if match else _OTHERS.get(namespace, "")
        self[name] = short = f"{prefix}:{local}" if prefix else local
        return short


def below(element: Element | None, *tags: str) -> Element | None:
    """The first element down a path of tags; ElementTree's own paths do not support names with a colon."""
    for tag in tags:
        element = None if element is None else element.find(tag)
    return element


def number(element: Element, attribute: str, default: int = 1, most: int = 1_000_000) -> int:
    """A count in an attribute, limited to 0 to `most`; `default` if it is missing or not a number."""
    value = element.get(attribute)
    if value is None:
        return default
    return min(int(value), most) if value.isascii() and value.isdigit() and len(value) < 20 else default


def words(element: Element | None) -> str:
    """All text below an element, in one line."""
    return "" if element is None else " ".join("".join(element.itertext()).split())
