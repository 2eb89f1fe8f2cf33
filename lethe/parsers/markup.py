"""Makes XML safe before any other parser sees it: well-formed, no declared entities, no deep nesting."""

from collections.abc import Callable
from xml.etree import ElementTree
from xml.parsers import expat

from lethe.parsers.source import Source

DEEPEST = 256
"""The deepest nesting of elements. Real documents stay below 100."""
MOST_ELEMENTS = 5_000_000
"""The most elements of one XML file: about a minute's work."""


def check_xml(source: Source, data: bytes) -> None:
    """Raises InputRejected for XML that is not well-formed, declares entities, or nests too deep."""
    depth = 0

    def start(_name: str, _attributes: object) -> None:
        nonlocal depth
        depth += 1
        check_depth(source, depth)

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    read_xml(source, data, start=start, end=end)


def element_tree(source: Source, data: bytes) -> ElementTree.Element:
    """The root of a small XML file, after `check_xml`."""
    check_xml(source, data)
    try:
        return ElementTree.fromstring(data)  # noqa: S314 - it was checked
    except ElementTree.ParseError as exc:  # an undeclared prefix, which the check lets pass
        raise source.rejected(f"is damaged: its XML cannot be read ({exc})") from exc


def read_xml(
    source: Source,
    data: bytes,
    *,
    start: Callable[[str, list[str]], None] | None = None,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
    namespaces: bool = False,
) -> None:
    """Calls `start` (name, attributes as a flat list), `end` and `text` for what `data` holds, in order.

    With `namespaces`, a name is "namespace local" instead of the file's "prefix:local". Entities are refused at their
    declaration, before one can expand, and nothing outside the file is read.
    """
    parser = expat.ParserCreate(namespace_separator=" " if namespaces else None)
    parser.ordered_attributes = True
    parser.buffer_text = True

    def refuse(*_declaration: object) -> None:
        raise source.rejected("declares XML entities (DTD), which are not read: send it without them")

    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as exc:
        raise source.rejected(f"is damaged: its XML cannot be read ({exc})") from exc


def check_depth(source: Source, depth: int) -> None:
    """Raises InputRejected if `depth` exceeds `DEEPEST`."""
    if depth > DEEPEST:
        raise source.rejected(f"is nested more than {DEEPEST} levels deep")


def check_doctype(source: Source, data: bytes) -> None:
    """Raises InputRejected for an HTML page whose DOCTYPE declares entities."""
    lowered = data[: 1 << 20].lower()
    start = lowered.find(b"<!doctype")
    if start >= 0 and b"[" in lowered[start : lowered.find(b">", start)] and b"<!entity" in lowered[start:]:
        raise source.rejected("declares XML entities (DTD), which are not read: send it without them")
