"""Reads the values of cells that are neither number nor text: pictures placed in a cell, and data types such as a
company. For older programs such a cell contains an error."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.inline import literal
from lethe.parsers.openxml.package import Package, Relation

_PARTS = ("sheetMetadata", "rdRichValue", "rdRichValueStructure")
_RICH = "XLRICHVALUE"


def rich_values(package: Package, relations: Mapping[str, Relation]) -> dict[str, str]:
    """What cells show, by their attribute `vm`; "" for a picture without an alternative text."""
    parts = {one.kind: one.target for one in relations.values() if one.kind in _PARTS and not one.external}
    metadata, values, structures = (
        package.plain_tree(parts[kind]) if kind in parts else None for kind in _PARTS
    )
    if metadata is None or values is None or structures is None:
        return {}
    forms = {str(at): form for at, form in enumerate(structures.iterfind("s"))}
    shown = {
        str(at): _shown(value, forms.get(value.get("s", "")))
        for at, value in enumerate(values.iterfind("rv"))
    }
    kind = next(
        (str(at) for at, one in enumerate(metadata.iter("metadataType"), 1) if one.get("name") == _RICH), ""
    )
    groups = [group for group in metadata.iterfind("futureMetadata") if group.get("name") == _RICH]
    places = {str(at): one.get("i", "") for group in groups for at, one in enumerate(group.iter("rvb"))}
    found = {}
    for at, used in enumerate(metadata.iterfind("valueMetadata/bk/rc"), start=1):
        text = shown.get(places.get(used.get("v", ""), "")) if used.get("t") == kind else None
        if text is not None:
            found[str(at)] = text
    return found


def _shown(value: Element, form: Element | None) -> str | None:
    """The alternative text of a picture, or the words of a data type; None for other values, such as errors."""
    if form is None:
        return None
    names = [key.get("n", "") for key in form.iterfind("k")]
    fields = dict(zip(names, (one.text or "" for one in value.iterfind("v")), strict=False))
    if form.get("t", "").lower().endswith("image"):
        return literal(fields.get("Text", "").strip())
    return literal(fields.get("_DisplayString", "").strip()) or None
