"""The console's menu, in order, with the scopes that each page needs; None: any token will do. `whole`: the page is
about the whole company, and so not for tokens that are bound to folders."""

from dataclasses import dataclass

EVERYTHING = "all"
"""Stands for all scopes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the menu; `label` is translated where it is shown."""

    path: str
    icon: str
    label: str
    scope: str | None
    also: str | None = None
    whole: bool = False


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


MENU = (
    Entry("/library", "library", _("Library"), "knowledge:read"),
    Entry("/overview", "chart", _("Overview"), "knowledge:read"),
    Entry("/search", "search", _("Search"), "knowledge:query"),
    Entry("/trash", "trash", _("Trash"), "knowledge:write"),
    Entry("/deletions", "eraser", _("Delete by filter"), "knowledge:delete", "knowledge:read", whole=True),
    Entry("/receipts", "receipt", _("Receipts"), "knowledge:delete"),
    Entry("/tasks", "tasks", _("Tasks"), "knowledge:read"),
    Entry("/assistants", "people", _("Assistants"), "assistants:read", whole=True),
    Entry("/tokens", "key", _("Tokens"), EVERYTHING, whole=True),
    Entry("/about", "settings", _("About"), None),
)
