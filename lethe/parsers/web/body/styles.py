"""Finds the elements of a page that are blocks by their inline style; style sheets are not read."""

import re

from selectolax.lexbor import LexborNode

_BLOCK = re.compile(r"(?:^|;)\s*display\s*:\s*(?:block|flex|grid|table|list-item)", re.IGNORECASE)


class Styles:
    """The inline styles of a page.

    Hidden elements are read too: menus, tabs and dialogs appear on a click, so their text must not be lost.
    """

    def __init__(self, root: LexborNode) -> None:
        styled = ((node, node.attributes.get("style") or "") for node in root.css("[style]"))
        self._blocks = {node.mem_id for node, style in styled if _BLOCK.search(style)}

    def is_block(self, node: LexborNode) -> bool:
        """Whether the element's style makes it a block."""
        return bool(self._blocks) and node.mem_id in self._blocks
