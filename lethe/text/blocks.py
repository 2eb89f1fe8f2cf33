"""Parses Markdown into the typed block tree of a document, part by part, in bounded memory and time."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import accumulate

from markdown_it import MarkdownIt
from markdown_it.token import Token

from lethe.domain.records.blocks import Block, BlockType, Part, SheetRows

STRUCTURE_STEPS = 4_000_000
"""Budget of lines and parser tokens per document, about 9 us each. A 100 MB report of 60-character lines takes
2.7 million; 100 MB of `- a` lines would take 150 million and 20 minutes. Beyond the budget, the rest is plain TEXT."""

_FRONT_MATTER = re.compile(r"---[ \t]*\n(?=[\w-]+:)(?:[^\n]{0,2000}\n){1,200}?---[ \t]*(?:\n|\Z)")
_DELIMITER_ROW = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_CELL_BORDER = re.compile(r"(?<!\\)\|")
_IMAGE = r"!\[[^\[\]]{0,2000}\](?:\([^()\n]{0,4000}\)|\[[^\[\]]{0,200}\])"
_IMAGES = re.compile(rf"\s*(?:{_IMAGE}|\[{_IMAGE}\]\([^()\n]{{0,4000}}\))(?:\s+{_IMAGE})*\s*")
_ATX_HEADING = re.compile(r"[ \t]*#{1,6}(?:[ \t]+|$)")
_ATX_CLOSING = re.compile(r"(?:^|[ \t])#+$")
_FENCE = re.compile(r" *(?:```|~~~)")
_LISTS = {"bullet_list_open", "ordered_list_open"}
_CONTAINERS = {kind: BlockType.LIST for kind in _LISTS} | {"list_item_open": BlockType.LIST_ITEM}
_LEAVES = {"paragraph_open", "heading_open", "blockquote_open", "fence", "code_block", "html_block", "hr"}
_OPENINGS = _LEAVES | _CONTAINERS.keys()
_CLOSINGS = {kind.replace("_open", "_close") for kind in _CONTAINERS}


@dataclass(slots=True)
class _Draft:
    """A block as a range of lines of the parsed text, [first, last). `parent` is an index, -1 at the top level."""

    type: BlockType
    parent: int
    first: int
    last: int
    level: int = 0


@dataclass(slots=True)
class _Segment:
    """Whole lines as parsed. The first `lead` characters repeat lines of the previous segment."""

    text: str
    lead: int
    starts: list[int]
    drafts: list[_Draft] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    """Lines at which a top-level block, or an item of a top-level list, begins."""
    steps: int = 0
    context: str = ""
    """What must be repeated before the next line if the text is cut at the end of this segment."""

    def lines(self, first: int, last: int) -> list[str]:
        return self.text[self.starts[first] : self.starts[last]].split("\n")[: last - first]


def with_rows(part: Part, rows: SheetRows) -> Part:
    """The part, with the sheet row in which each of its blocks begins."""
    if not rows.starts:
        return part
    return replace(part, blocks=tuple(block._replace(row=rows.at(block.start)) for block in part.blocks))


def split_parts(
    markdown: str, part_characters: int = 128 * 1024, *, steps: int = STRUCTURE_STEPS
) -> Iterator[Part]:
    """Parse the block structure of `markdown` (LF line ends) and yield it in parts of at most about
    `part_characters` characters, whose texts concatenate to exactly `markdown`.

    A part is cut before a top-level block, or before an item of a top-level list, which then becomes two LISTs.
    A fence or table larger than a part continues in the next part as a block of the same type. Any other block of that
    size is cut at a line end, and a line of that size anywhere, both as TEXT. Sections nest across parts.

    The own texts of SECTION (the heading), TEXT, IMAGE, LIST_ITEM and TABLE_ROW are disjoint, in reading order,
    whole lines (if the line fits a part), and together contain every character that is not white space.
    - An item's own text ends where its first nested list begins; it is empty if both begin on the same line, as
      in `- - a`. What follows a nested list in the item is TEXT under the item.
    - A table's first row includes the delimiter row. LIST and TABLE span everything in them.
    - Quotes, code, HTML, rules, front matter and link definitions are TEXT. A heading in an item is part of the item.

    Args:
        steps: the budget; beyond it, the rest is plain TEXT.
    """
    outline = _Outline()
    position = 0
    context = ""
    budget = steps
    matter = _FRONT_MATTER.match(markdown)
    if matter:
        yield outline.plain_part(0, matter.group())
        position = matter.end()
    while position < len(markdown):
        end, inside_line = _window(markdown, position, part_characters)
        text = markdown[position:end]
        if inside_line or budget <= 0 or text.isspace():
            if text.isspace() and not _FENCE.match(context):
                context = ""
            yield outline.plain_part(position, text)
        else:
            segment = _parse(context, text)
            budget -= segment.steps
            cut = len(segment.starts) - 1
            first = bisect_right(segment.starts, segment.lead) - 1
            context = segment.context
            if end < len(markdown) and segment.breaks and segment.breaks[-1] > first:
                cut, context = segment.breaks[-1], ""
            yield outline.part(position, segment, cut)
            end = position + segment.starts[cut] - segment.lead
        position = end


def heading_title(source: str) -> str:
    """The text of a heading without its markup. `source` is the own text of a SECTION."""
    lines = source.strip().split("\n")
    mark = _ATX_HEADING.match(lines[0])
    if mark and len(lines) == 1:
        return _ATX_CLOSING.sub("", lines[0][mark.end() :].rstrip()).strip()
    return " ".join(line.strip() for line in lines[:-1])


class _Outline:
    """Numbers the blocks and tracks the open sections, across parts."""

    def __init__(self) -> None:
        self._parts = 0
        self._blocks = 0
        self._sections: list[tuple[int, int]] = []

    def plain_part(self, start: int, text: str) -> Part:
        """A part with one TEXT, or without blocks if it is blank."""
        block = (
            self._block(BlockType.TEXT, -1, start, start + len(text.rstrip()), 0) if text.strip() else None
        )
        return self._part(start, text, (block,) if block else ())

    def part(self, start: int, segment: _Segment, cut: int) -> Part:
        """The blocks of `segment` before its line `cut`, with offsets into the document."""
        shift = start - segment.lead
        limit = segment.starts[cut]
        blocks: list[Block] = []
        numbers: list[int] = []
        for draft in segment.drafts:
            first = max(segment.starts[draft.first], segment.lead)
            last = max(first, min(segment.starts[draft.last], limit))
            last = first + len(segment.text[first:last].rstrip())
            dropped = first >= limit or (last == first and draft.type is not BlockType.LIST_ITEM)
            numbers.append(-1 if dropped else self._blocks)
            if not dropped:
                parent = numbers[draft.parent] if draft.parent >= 0 else -1
                blocks.append(self._block(draft.type, parent, first + shift, last + shift, draft.level))
        return self._part(start, segment.text[segment.lead : limit], tuple(blocks))

    def _block(self, kind: BlockType, parent: int, start: int, end: int, level: int) -> Block:
        number = self._blocks
        self._blocks += 1
        if kind is BlockType.SECTION:
            while self._sections and self._sections[-1][0] >= level:
                self._sections.pop()
        if parent < 0 and self._sections:
            parent = self._sections[-1][1]
        if kind is BlockType.SECTION:
            self._sections.append((level, number))
        return Block(number, kind, parent, start, end, level)

    def _part(self, start: int, text: str, blocks: tuple[Block, ...]) -> Part:
        number = self._parts
        self._parts += 1
        return Part(number, start, text, blocks)


def _window(markdown: str, position: int, size: int) -> tuple[int, bool]:
    """The end of the next stretch of text, and whether it begins or ends inside a line."""
    end = min(position + size, len(markdown))
    if position and markdown[position - 1] != "\n":
        newline = markdown.find("\n", position, end)
        if newline >= 0:
            return newline + 1, True
    elif end == len(markdown):
        return end, False
    else:
        newline = markdown.rfind("\n", position, end)
        if newline >= 0:
            return newline + 1, False
    space = markdown.rfind(" ", max(position + 1, end - 1000), end) if end < len(markdown) else -1
    return (space if space > 0 else end), True


@cache
def _parser() -> MarkdownIt:
    # Without `reference`, link definitions stay paragraphs, so no text is outside the tree. Tables are found in
    # paragraphs below: the library's own rule parses every cell, 48 us per row instead of 10.
    parser = MarkdownIt("commonmark").disable("reference")
    parser.core.ruler.enableOnly(["block"])
    return parser


def _parse(context: str, text: str) -> _Segment:
    source = context + text
    lengths = [len(line) + 1 for line in source.split("\n")]
    if source.endswith("\n"):
        lengths.pop()
    starts = list(accumulate(lengths, initial=0))
    starts[-1] = len(source)
    segment = _Segment(source, len(context), starts)
    tokens = _parser().parse(source)
    segment.steps = len(tokens) + len(starts)
    _draft(tokens, segment)
    return segment


def _outside_quotes(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens without the content of quotes: a quote is one leaf."""
    quote = -1
    for token in tokens:
        if quote < 0:
            yield token
            if token.type == "blockquote_open":
                quote = token.level
        elif token.type == "blockquote_close" and token.level == quote:
            quote = -1


def _draft(tokens: Sequence[Token], segment: _Segment) -> None:
    """Fill in the drafts, the breaks and the context of `segment`."""
    drafts = segment.drafts
    parents: list[int] = []  # the open lists and items
    split: set[int] = set()  # items in which a nested list has begun
    for token in _outside_quotes(tokens):
        if token.type in _CLOSINGS:
            parents.pop()
        if token.map is None or token.type not in _OPENINGS:
            continue
        first, last = token.map
        parent = parents[-1] if parents else -1
        if token.level == 0 or (token.type == "list_item_open" and token.level == 1):
            segment.breaks.append(first)
        if token.type in _LEAVES:
            if parent < 0:
                _draft_top(token, first, last, segment)
            elif parent in split:
                drafts.append(_Draft(BlockType.TEXT, parent, first, last))
            continue
        if token.type in _LISTS and parent >= 0 and parent not in split:
            split.add(parent)
            drafts[parent].last = first
        parents.append(len(drafts))
        drafts.append(_Draft(_CONTAINERS[token.type], parent, first, last))


def _draft_top(token: Token, first: int, last: int, segment: _Segment) -> None:
    """Draft a top-level leaf, and set the context that its continuation would need."""
    segment.context = ""
    if token.type == "heading_open":
        segment.drafts.append(_Draft(BlockType.SECTION, -1, first, last, int(token.tag[1])))
        return
    lines = segment.lines(first, last) if token.type in ("paragraph_open", "fence") else []
    if token.type == "paragraph_open":
        header = _table_header(lines)
        if header is not None:
            _draft_table(first, first + header, last, segment)
            segment.context = "\n".join(lines[header : header + 2]) + "\n"
            return
        kind = BlockType.IMAGE if _is_image(lines) else BlockType.TEXT
        segment.drafts.append(_Draft(kind, -1, first, last))
        return
    if token.type == "fence":
        end = lines[-1].strip()
        closed = len(lines) > 1 and len(end) >= len(token.markup) and not end.strip(token.markup[0])
        segment.context = "" if closed else lines[0] + "\n"
    segment.drafts.append(_Draft(BlockType.TEXT, -1, first, last))


def _is_image(lines: list[str]) -> bool:
    return lines[0].lstrip().startswith(("![", "[![")) and bool(_IMAGES.fullmatch("\n".join(lines)))


def _table_header(lines: list[str]) -> int | None:
    """The index of the header row in the lines of a paragraph; None if there is no table."""
    for index in range(len(lines) - 1):
        header, row = lines[index], lines[index + 1]
        table = "|" in header and "|" in row and _DELIMITER_ROW.fullmatch(row)
        if table and _columns(header) == _columns(row):
            return index
    return None


def _columns(row: str) -> int:
    return len(_CELL_BORDER.findall(row.strip().removeprefix("|").removesuffix("|"))) + 1


def _draft_table(first: int, header: int, last: int, segment: _Segment) -> None:
    drafts = segment.drafts
    if first < header:
        drafts.append(_Draft(BlockType.TEXT, -1, first, header))
    table = len(drafts)
    drafts.append(_Draft(BlockType.TABLE, -1, header, last))
    drafts.append(_Draft(BlockType.TABLE_ROW, table, header, header + 2))
    drafts.extend(_Draft(BlockType.TABLE_ROW, table, line, line + 1) for line in range(header + 2, last))
