"""A page's tree to blocks. The tree is walked without recursion, as pages nest as deep as they like."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin

from selectolax.lexbor import LexborNode

from lethe.adapters.parsers.markdown.inline import literal
from lethe.adapters.parsers.markdown.writer import Writer
from lethe.adapters.parsers.web import controls
from lethe.adapters.parsers.web.flow import FORMATS, Flow
from lethe.adapters.parsers.web.formulas import formula
from lethe.adapters.parsers.web.lists import Lists
from lethe.adapters.parsers.web.notes import Notes, is_link_back
from lethe.adapters.parsers.web.tables import Table, layout_tables
from lethe.adapters.parsers.web.visible import Visible

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CODE = frozenset({"pre", "listing", "xmp", "plaintext"})
_LISTS = frozenset({"ul", "ol", "menu", "dir", "dl"})
_ITEMS = frozenset({"li", "dt", "dd"})
_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_BLOCKS = frozenset(
    ["address", "article", "aside", "blockquote", "body", "center", "details", "dialog", "div", "fieldset", "figcaption", "figure", "footer", "form", "frameset", "header", "hgroup", "hr", "html", "legend", "main", "nav", "noframes", "optgroup", "option", "p", "search", "section", "summary", "caption", "col", "colgroup"]
)
_LEFT_OUT = frozenset(
    {"head", "script", "style", "template", "noscript", "datalist", "noembed", "rp", "title"}
)
_FRAMES_IN_FRAMES = 3
_SHOWS_A_PAGE = re.compile(r"(?!about:|javascript:)\s*\S", re.IGNORECASE)
_MEDIA = frozenset({"audio", "video", "canvas", "embed", "applet", "frame"})


@dataclass
class Seen:
    """What was left out of a document's pages, and the notes that were counted in them."""

    images: int = 0
    hidden: int = 0
    media: int = 0
    notes: int = 0

    def tell(self, writer: Writer) -> None:
        """Warns of each kind once, with its number."""
        if self.images:
            things = "1 image has" if self.images == 1 else f"{self.images:,} images have"
            writer.warn(f"{things} no text that can be read: text recognition is not there.")
        if self.hidden:
            things = "1 hidden element" if self.hidden == 1 else f"{self.hidden:,} hidden elements"
            writer.warn(f"{things} with text {'is' if self.hidden == 1 else 'are'} left out.")
        if self.media:
            things = (
                "1 embedded frame, video or sound"
                if self.media == 1
                else (f"{self.media:,} embedded frames, videos or sounds")
            )
            writer.warn(f"{things} {'is' if self.media == 1 else 'are'} left out.")


class Blocks:
    """Writes the blocks of one page.

    `base` is the address that links are relative to, "" where there is none. `tree` makes a tree of a page that
    stands inside the page (`<iframe srcdoc>`).
    """

    def __init__(
        self,
        writer: Writer,
        seen: Seen,
        visible: Visible,
        base: str,
        tree: Callable[[str], LexborNode],
    ) -> None:
        self._writer, self._seen, self._visible, self._base, self._tree = writer, seen, visible, base, tree
        self._flow = Flow()
        self._lists = Lists()
        self._notes = Notes(seen)
        self._tables: list[Table | None] = []
        self._layout: set[int] = set()
        self._cells: list[dict[str, str | None]] = []
        self._code: list[str] | None = None
        self._in_line = 0
        """Elements that are open and hold one line: a heading, a cell, a caption."""
        self._frames = 0
        self._below: list[Flow] = []
        """The lines to which the readings (`<rt>`) that are open belong."""
        self._readings: list[list[str]] = []
        """Readings of the words (`<ruby>`) that are open: they follow the whole word, which is to be found."""

    def read(self, root: LexborNode) -> None:
        """Writes all of the page."""
        self._layout |= layout_tables(root.css("table"))
        self._notes.find(root)
        self._walk(root)
        self._flush()
        self._put_notes()

    def _walk(self, root: LexborNode) -> None:
        path: list[tuple[LexborNode, str]] = []
        node: LexborNode | None = root
        while node is not None:
            tag = node.tag or "-"
            if tag == "-text":
                self._text(node.text_content or "")
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

    def _text(self, text: str) -> None:
        if self._code is not None:
            self._code.append(text)
        else:
            self._flow.text(text)

    def _enter(self, tag: str, node: LexborNode) -> bool:
        """An element begins. False when what is in it is left out, or was read here."""
        if tag in _LEFT_OUT:
            return False
        if self._visible.hides(node):
            self._seen.hidden += self._visible.has_text(node)
            return False
        if self._notes.is_note(node):
            return False
        if tag in FORMATS:
            self._flow.begin(tag)
        elif tag == "a":
            return self._enter_link(node)
        elif tag in _HEADINGS or tag == "caption":
            self._break()
            self._in_line += 1
        elif tag in _BLOCKS:
            self._part()
        elif tag in _LISTS:
            self._enter_list(tag, node)
        elif tag in _ITEMS:
            self._enter_item(tag, node)
        elif tag in ("table", "tr", "td", "th") or tag in _GROUPS:
            self._enter_table(tag, node)
        elif tag in _CODE:
            self._break()
            if self._code is None and not self._in_line:
                self._code = []
        else:
            return self._enter_other(tag, node)
        return True

    def _enter_other(self, tag: str, node: LexborNode) -> bool:
        flow = self._flow
        if tag == "br":
            self._line_end()
        elif tag == "q":
            self._text("“")
        elif tag == "ruby":
            self._readings.append([])
        elif tag == "rt":
            self._below.append(flow)
            self._flow = Flow()
            self._in_line += 1
        elif tag in ("img", "svg", "math", "input", "select", "textarea"):
            self._replaced(tag, node)
            return False
        elif tag == "iframe":
            self._enter_frame(node)
            return False
        elif tag in _MEDIA:
            self._seen.media += 1
            return False
        elif tag == "button" or "-" in tag:
            flow.space()
        elif self._visible.is_block(node):
            self._part()
        return True

    def _leave(self, tag: str, node: LexborNode) -> None:  # noqa: C901, PLR0912 - one case a line
        if tag in FORMATS:
            self._flow.end(tag)
        elif tag == "a":
            self._flow.end_link()
        elif tag in _HEADINGS:
            self._leave_heading(_HEADINGS[tag])
        elif tag == "caption":
            self._leave_caption()
        elif tag in _BLOCKS:
            self._part()
        elif tag in _LISTS:
            self._leave_list()
        elif tag in _ITEMS:
            self._break()
        elif tag in ("table", "tr", "td", "th"):
            self._leave_table(tag)
        elif tag in _CODE:
            self._leave_code()
        elif tag == "q":
            self._text("”")
        elif tag in ("rt", "ruby"):
            self._leave_ruby(tag)
        elif tag == "button" or "-" in tag:
            self._flow.space()
        elif self._visible.is_block(node):
            self._part()

    def _enter_link(self, node: LexborNode) -> bool:
        attributes = node.attributes
        href = (attributes.get("href") or "").strip()
        if is_link_back(attributes):
            return False
        if self._code is None and (mark := self._notes.mark(attributes, href)):
            self._flow.mark(mark)
            return False
        if self._base and href and not href.startswith("#"):
            try:
                href = urljoin(self._base, href)
            except ValueError:  # an address that is none
                href = ""
        self._flow.begin_link(href[:2000] or None)
        return True

    def _enter_list(self, tag: str, node: LexborNode) -> None:
        self._break()
        self._lists.begin(tag, node)

    def _leave_list(self) -> None:
        self._break()
        self._lists.end()
        if not self._lists.depth and not self._in_line:
            self._put_notes()

    def _enter_item(self, tag: str, node: LexborNode) -> None:
        self._break()
        if not self._in_line:
            self._lists.begin_item(tag, node)
        elif (marker := self._lists.marker(tag, node)) != "-":
            self._flow.text(f"{marker} ")

    def _enter_table(self, tag: str, node: LexborNode) -> None:
        if tag == "table":
            self._break()
            data = node.mem_id not in self._layout and not self._in_line and self._code is None
            self._in_line += data
            self._tables.append(Table() if data else None)
            return
        table = self._tables[-1] if self._tables else None
        if table is None:
            self._part()
        elif tag in _GROUPS:
            table.begin_group(tag)
        elif tag == "tr":
            table.begin_row()
        else:
            self._flow.take()
            self._cells.append(node.attributes)

    def _leave_table(self, tag: str) -> None:
        table = self._tables[-1] if self._tables else None
        if tag == "table":
            self._tables.pop()
            if table is not None:
                self._in_line -= 1
                table.write(self._writer)
                self._put_notes()
        elif table is not None and tag in ("td", "th"):
            table.add(self._flow.take(), self._cells.pop())
        if table is None:
            self._part()

    def _leave_caption(self) -> None:
        self._in_line -= 1
        table = self._tables[-1] if self._tables else None
        if table is not None:
            table.caption = self._flow.take()
        else:
            self._part()

    def _leave_heading(self, level: int) -> None:
        self._in_line -= 1
        if self._in_line:
            self._part()
        else:
            self._writer.heading(level, self._flow.take())
            self._put_notes()

    def _leave_code(self) -> None:
        if self._code is None:
            self._part()
        else:
            code, self._code = "".join(self._code), None
            self._writer.code(code.strip("\n"))

    def _leave_ruby(self, tag: str) -> None:
        if tag == "rt":
            self._in_line -= 1
            text = self._flow.take()
            self._flow = self._below.pop()
            if self._readings:
                self._readings[-1].append(text)
            return
        readings = "".join(self._readings.pop())
        if readings:
            self._flow.mark(f"({readings})")

    def _enter_frame(self, node: LexborNode) -> None:
        page = node.attributes.get("srcdoc")
        if page and self._frames < _FRAMES_IN_FRAMES:
            self._frames += 1
            outer, root = self._layout, self._tree(page)
            self._part()
            self._layout = layout_tables(root.css("table"))
            self._walk(root)
            self._part()
            self._layout = outer
            self._frames -= 1
        elif _SHOWS_A_PAGE.match(node.attributes.get("src") or ""):
            self._seen.media += 1

    def _replaced(self, tag: str, node: LexborNode) -> None:
        """An element that shows what its attributes or its own language say."""
        if tag == "math":
            self._flow.mark(literal(formula(node)))
            return
        if tag == "textarea":
            self._part()
            self._flow.verbatim(literal(node.text().strip() or node.attributes.get("placeholder") or ""))
            self._part()
            return
        text = controls.shown(tag, node)
        if text is None:
            self._seen.images += 1
        elif self._code is not None:
            self._code.append(text)
        else:
            self._flow.apart(text)

    def _line_end(self) -> None:
        if self._code is not None:
            self._code.append("\n")
        else:
            self._flow.line_end()

    def _part(self) -> None:
        """A block begins or ends: ends the paragraph, or the line where what is around holds one line."""
        if self._code is not None:
            if self._code and not self._code[-1].endswith("\n"):
                self._code.append("\n")
        elif self._in_line or self._lists.has_marker:
            self._flow.part()
        else:
            self._flush()

    def _break(self) -> None:
        """A block begins or ends that no item goes on in: a list, a table, a heading, code."""
        if self._in_line or self._code is not None:
            self._part()
        else:
            self._flush()
            self._lists.drop_marker()

    def _flush(self) -> None:
        text = self._flow.take()
        if not text:
            return
        if self._lists.has_marker:
            marker, depth = self._lists.take_marker()
            self._writer.item(text, depth, marker)
        else:
            self._writer.paragraph(text)
        if not self._lists.depth:
            self._put_notes()

    def _put_notes(self) -> None:
        for mark, node in self._notes.due():
            blocks = Blocks(self._writer, self._seen, self._visible, self._base, self._tree)
            blocks._in_line = 1
            blocks._walk(node)
            self._writer.note(mark, blocks._flow.take())
