"""Writes a page's tree as blocks. The tree is walked without recursion, since pages may be nested very deep."""

import re
from collections.abc import Callable
from itertools import count
from urllib.parse import urljoin

from selectolax.lexbor import LexborNode

from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.web.body import controls
from lethe.parsers.web.body.elements import KIND
from lethe.parsers.web.body.formulas import formula
from lethe.parsers.web.body.notes import Notes, is_link_back
from lethe.parsers.web.body.open_tables import OpenTables
from lethe.parsers.web.body.paragraphs import Paragraphs
from lethe.parsers.web.body.styles import Styles

_FRAMES_IN_FRAMES, _DEEPEST_SHADOW = 3, 8
_SHOWS_A_PAGE = re.compile(r"(?!about:|javascript:)\s*\S", re.IGNORECASE)
_MEDIA = {"audio": "sound", "video": "video", "canvas": "drawing", "frame": "frame"}
_LONGEST_ADDRESS = 2_000


class Seen:
    """State shared by all pages of one document: what was left out, and the numbers of notes."""

    def __init__(self) -> None:
        self.left_out = LeftOut()
        self.notes = count(1)


class Blocks:
    """Writes the blocks of one page.

    `base` is the address to which links are relative, or "". `tree` parses a page within the page (`<iframe srcdoc>`).
    """

    def __init__(
        self, writer: Writer, seen: Seen, styles: Styles, base: str, tree: Callable[[str], LexborNode]
    ) -> None:
        self._writer, self._seen, self._styles, self._base, self._tree = writer, seen, styles, base, tree
        self._notes = Notes(writer, seen.notes, self._line_of)
        self._out = Paragraphs(writer, self._notes)
        self._tables = OpenTables(writer, self._out, self._notes)
        self._inside = 0

    def read(self, root: LexborNode) -> None:
        """Writes the whole page."""
        self._tables.find(root)
        self._notes.find(root)
        self._walk(root)
        self._out.flush()
        self._notes.write()

    def _line_of(self, node: LexborNode) -> str:
        """The content of an element as one line. Notes in it are ignored."""
        inner = Blocks(self._writer, self._seen, self._styles, self._base, self._tree)
        inner._out.begin_line()
        inner._walk(node)
        return inner._out.flow.take()

    def _walk(self, root: LexborNode) -> None:
        path: list[tuple[LexborNode, str]] = []
        node: LexborNode | None = root
        while node is not None:
            tag = node.tag or "-"
            if tag == "-text":
                self._out.text(node.text_content or "")
            elif tag[0] != "-" and self._enter(tag, node):
                child = node.first_child
                if child is not None:
                    path.append((node, tag))
                    node = child
                    continue
                self._leave(tag, node)
            while node.next is None and path:
                node, tag = path.pop()
                self._leave(tag, node)
            node = node.next if path else None

    def _enter(self, tag: str, node: LexborNode) -> bool:
        """Starts an element. False if its content is left out or already read."""
        if self._notes.is_note(node):
            return False
        kind = KIND.get(tag)
        if kind is None:
            self._pass_other(tag, node)
            return True
        return _ENTER[kind](self, tag, node)

    def _leave(self, tag: str, node: LexborNode) -> None:
        kind = KIND.get(tag)
        if kind is None:
            self._pass_other(tag, node)
        elif kind in _LEAVE:
            _LEAVE[kind](self, tag)

    def _pass_other(self, tag: str, node: LexborNode) -> None:
        if self._styles.is_block(node):
            self._out.part()
        elif "-" in tag:  # custom elements: their styles are unknown
            self._out.flow.space()

    def _leave_out(self, _tag: str, _node: LexborNode) -> bool:
        return False

    def _enter_block(self, _tag: str, _node: LexborNode) -> bool:
        self._out.part()
        return True

    def _leave_block(self, _tag: str) -> None:
        self._out.part()

    def _enter_format(self, tag: str, _node: LexborNode) -> bool:
        self._out.flow.begin(tag)
        return True

    def _leave_format(self, tag: str) -> None:
        self._out.flow.end(tag)

    def _enter_line(self, _tag: str, _node: LexborNode) -> bool:
        self._out.end_block()
        self._out.begin_line()
        return True

    def _leave_heading(self, tag: str) -> None:
        self._out.end_line()
        if self._out.in_line:
            self._out.part()
        else:
            self._writer.heading(int(tag[1]), self._out.flow.take())
            self._notes.write()

    def _enter_table(self, tag: str, node: LexborNode) -> bool:
        self._tables.enter(tag, node)
        return True

    def _leave_table(self, tag: str) -> None:
        self._tables.leave(tag)

    def _enter_code(self, _tag: str, _node: LexborNode) -> bool:
        self._out.begin_code()
        return True

    def _leave_code(self, _tag: str) -> None:
        self._out.end_code()

    def _enter_list(self, tag: str, node: LexborNode) -> bool:
        self._out.end_block()
        self._out.lists.begin(tag, node)
        return True

    def _leave_list(self, _tag: str) -> None:
        self._out.end_block()
        self._out.lists.end()
        if not self._out.lists.depth and not self._out.in_line:
            self._notes.write()

    def _enter_item(self, tag: str, node: LexborNode) -> bool:
        self._out.end_block()
        if not self._out.in_line:
            self._out.lists.begin_item(tag, node)
        elif (marker := self._out.lists.marker(tag, node)) != "-":
            self._out.flow.text(f"{marker} ")
        return True

    def _leave_item(self, _tag: str) -> None:
        self._out.end_block()

    def _enter_link(self, _tag: str, node: LexborNode) -> bool:
        attributes = node.attributes
        if is_link_back(attributes):
            return False
        href = (attributes.get("href") or "").strip()
        mark = self._notes.mark(attributes, href)
        if mark and not self._out.in_code:
            self._out.flow.mark(mark)
            return False
        if self._base and href and not href.startswith("#"):
            try:
                href = urljoin(self._base, href)
            except ValueError:  # an invalid address
                href = ""
        self._out.flow.begin_link(href[:_LONGEST_ADDRESS] or None)
        return True

    def _leave_link(self, _tag: str) -> None:
        self._out.flow.end_link()

    def _end_line(self, _tag: str, _node: LexborNode) -> bool:
        self._out.line_end()
        return True

    def _enter_quote(self, _tag: str, _node: LexborNode) -> bool:
        self._out.text("“")
        return True

    def _leave_quote(self, _tag: str) -> None:
        self._out.text("”")

    def _enter_word(self, _tag: str, _node: LexborNode) -> bool:
        self._out.flow.begin_word()
        return True

    def _leave_word(self, _tag: str) -> None:
        self._out.flow.end_word()

    def _enter_reading(self, _tag: str, _node: LexborNode) -> bool:
        self._out.begin_line()
        self._out.flow.begin_reading()
        return True

    def _leave_reading(self, _tag: str) -> None:
        self._out.flow.end_reading()
        self._out.end_line()

    def _enter_control(self, _tag: str, _node: LexborNode) -> bool:
        self._out.flow.space()
        return True

    def _leave_control(self, _tag: str) -> None:
        self._out.flow.space()

    def _replace(self, tag: str, node: LexborNode) -> bool:
        """Writes the text of a formula, image or form control instead of the element's content."""
        if tag == "math":
            self._out.text(formula(node))
        elif tag == "textarea":
            self._out.part()
            self._out.flow.verbatim(node.text().strip() or node.attributes.get("placeholder") or "")
            self._out.part()
        elif (text := controls.shown(tag, node)) is not None:
            self._out.apart(text)
        else:
            self._seen.left_out["image"] += 1
        return False

    def _enter_frame(self, _tag: str, node: LexborNode) -> bool:
        page = node.attributes.get("srcdoc")
        if page and self._inside < _FRAMES_IN_FRAMES:
            self._out.part()
            self._read_inside(self._tree(page))
            self._out.part()
        elif _SHOWS_A_PAGE.match(node.attributes.get("src") or ""):
            self._seen.left_out["embedded frame"] += 1
        return False

    def _enter_template(self, tag: str, node: LexborNode) -> bool:
        """Reads a template only if it is an element's shadow tree, as in pages saved by browsers."""
        if "shadowrootmode" in node.attributes:
            if self._inside < _DEEPEST_SHADOW:
                tree = self._tree((node.html or "").replace(tag, "span", 1))
                self._out.flow.space()
                self._read_inside(tree.css_first("span") or tree)
                self._out.flow.space()
            else:
                self._seen.left_out["deeply nested part"] += 1
        return False

    def _read_inside(self, root: LexborNode) -> None:
        self._inside += 1
        outer = self._tables.find(root)
        self._walk(root)
        self._tables.layout = outer
        self._inside -= 1

    def _count_media(self, tag: str, _node: LexborNode) -> bool:
        self._seen.left_out[f"embedded {_MEDIA.get(tag, 'object')}"] += 1
        return False


_ENTER: dict[str, Callable[[Blocks, str, LexborNode], bool]] = {
    "left out": Blocks._leave_out,
    "format": Blocks._enter_format,
    "heading": Blocks._enter_line,
    "block": Blocks._enter_block,
    "list": Blocks._enter_list,
    "item": Blocks._enter_item,
    "table": Blocks._enter_table,
    "group": Blocks._enter_table,
    "row": Blocks._enter_table,
    "cell": Blocks._enter_table,
    "caption": Blocks._enter_line,
    "code": Blocks._enter_code,
    "link": Blocks._enter_link,
    "line end": Blocks._end_line,
    "quote": Blocks._enter_quote,
    "word": Blocks._enter_word,
    "reading": Blocks._enter_reading,
    "replaced": Blocks._replace,
    "frame": Blocks._enter_frame,
    "template": Blocks._enter_template,
    "media": Blocks._count_media,
    "control": Blocks._enter_control,
}
_LEAVE: dict[str, Callable[[Blocks, str], None]] = {
    "format": Blocks._leave_format,
    "heading": Blocks._leave_heading,
    "block": Blocks._leave_block,
    "list": Blocks._leave_list,
    "item": Blocks._leave_item,
    "table": Blocks._leave_table,
    "group": Blocks._leave_table,
    "row": Blocks._leave_table,
    "cell": Blocks._leave_table,
    "caption": Blocks._leave_table,
    "code": Blocks._leave_code,
    "link": Blocks._leave_link,
    "quote": Blocks._leave_quote,
    "word": Blocks._leave_word,
    "reading": Blocks._leave_reading,
    "control": Blocks._leave_control,
}
