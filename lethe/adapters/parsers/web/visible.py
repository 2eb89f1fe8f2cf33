"""What of a page is shown, as far as the page itself says so; style sheets are not read."""

import re

from selectolax.lexbor import LexborNode

_HIDDEN = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)", re.IGNORECASE
)
_BLOCK = re.compile(r"(?:^|;)\s*display\s*:\s*(?:block|flex|grid|table|list-item)", re.IGNORECASE)
_WHOLE = frozenset({"html", "body"})
_NO_TEXT = frozenset({"script", "style", "template", "noscript"})


class Visible:
    """Which elements of a page hide what is in them (`hidden`, inline styles, closed dialogs), and which are
    blocks by their style."""

    def __init__(self, root: LexborNode, *, all_of_it: bool = False) -> None:
        self._hidden: set[int] = set()
        self._blocks: set[int] = set()
        for node in root.css("[hidden], [style], dialog"):
            attributes = node.attributes
            style = attributes.get("style") or ""
            if _BLOCK.search(style):
                self._blocks.add(node.mem_id)
            closed = node.tag == "dialog" and "open" not in attributes
            hidden = "hidden" in attributes and attributes["hidden"] != "until-found"
            if (hidden or closed or _HIDDEN.search(style)) and node.tag not in _WHOLE and not all_of_it:
                self._hidden.add(node.mem_id)

    def hides(self, node: LexborNode) -> bool:
        """Whether the element is not shown."""
        return bool(self._hidden) and node.mem_id in self._hidden

    def is_block(self, node: LexborNode) -> bool:
        """Whether its style makes a block of an element that is none."""
        return bool(self._blocks) and node.mem_id in self._blocks

    @staticmethod
    def has_text(root: LexborNode) -> bool:
        """Whether there is any text in an element that is not shown."""
        path: list[LexborNode] = []
        node: LexborNode | None = root
        while node is not None:
            if node.tag == "-text" and (node.text_content or "").strip():
                return True
            child = None if node.tag in _NO_TEXT else node.first_child
            if child is not None:
                path.append(node)
                node = child
                continue
            while path and node.next is None:
                node = path.pop()
            node = node.next if path else None
        return False
