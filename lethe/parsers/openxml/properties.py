"""The properties of an Office file."""

from lethe.parsers.openxml.package import Package

_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_CORE = "docProps/core.xml"
_SAYS_NOTHING = frozenset({"powerpoint presentation", "powerpoint-präsentation", "présentation powerpoint",
                           "presentación de powerpoint", "slide 1", "document"})  # fmt: skip
"""Titles that programs set by default."""


def title(package: Package) -> str | None:
    """The title in the file's properties; None if it is missing or a program's default."""
    parts = [
        one.target
        for one in package.relations("").values()
        if one.kind == "core-properties" and not one.external
    ]
    root = package.tree(parts[0] if parts else _CORE)
    found = "" if root is None else (root.findtext(_TITLE) or "").strip()
    return None if not found or found.lower() in _SAYS_NOTHING else found
