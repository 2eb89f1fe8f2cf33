"""Escapes lines of plain text that markdown would misread as other blocks."""

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.common.html_blocks import block_names

from lethe.parsers.text import clean

_LINE_START = re.compile(r"^[ \t]+", re.MULTILINE)
_HTML = "|".join(["script", "pre", "style", "textarea", *block_names])
_MISREAD = re.compile(
    r"""^(?=
        \#{1,6} (?:[ \t]|$)                         # a heading
      | `{3,}[^`\n]*$ | ~{3}                        # a fence
      | ([-*_]) [ \t]* (?:\1[ \t]*){2,} $           # a rule
      | (?<=[^\n]\n) =+ [ \t]* $                   # the line below a heading
      | (?<=[^\n]\n) \|? [ \t]*:?-+:?[ \t]* (?:\|[ \t]*:?-+:?[ \t]*)* \|? [ \t]* $  # and below a table's head
    """
    rf"""| < (?:[!?] | /?(?:{_HTML})(?:[ \t>]|/>|$))  # a block of HTML
    )""",
    re.MULTILINE | re.VERBOSE | re.IGNORECASE,
)
"""Starts of lines without indentation at which markdown (CommonMark 0.31) would see another block than a paragraph.
List marks and quote marks are not among them: a paragraph that begins with "1." or ">" means what markdown sees."""
_OPENS = re.compile(r"`{3}|~{3}|<[a-z!?]", re.IGNORECASE)
_HTML_ENDS = (
    (re.compile(r"<(script|pre|style|textarea)(?:\s|>|$)", re.IGNORECASE), r"</\1>"),
    (re.compile(r"<!--"), "-->"),
    (re.compile(r"<\?"), "?>"),
    (re.compile(r"<!\[CDATA\["), "]]>"),
    (re.compile(r"<![A-Za-z]"), ">"),
)
"""HTML blocks that continue over empty lines, and what ends them."""


def plain_lines(text: str) -> str:
    """`text` without indentation, and with a backslash before what would begin another kind of block."""
    return _MISREAD.sub(r"\\", _LINE_START.sub("", clean(text).strip()))


def closing(markdown: str) -> str:
    """The line that closes a code or HTML block left open by `markdown`, else "". Without it, what follows would become
    part of that block."""
    if not _OPENS.search(markdown):
        return ""
    last = next((token for token in reversed(_parser().parse(markdown)) if token.level == 0), None)
    if last is None or last.map is None:
        return ""
    lines = [line.strip() for line in markdown.rstrip("\n").split("\n")[last.map[0] :]]
    if last.type == "fence":
        mark = last.markup
        closed = len(lines) > 1 and len(lines[-1]) >= len(mark) and not lines[-1].strip(mark[0])
        return "" if closed else f"{mark}\n"
    if last.type == "html_block":
        end = next(
            (start.expand(end) for pattern, end in _HTML_ENDS if (start := pattern.match(lines[0]))), ""
        )
        return "" if end.lower() in "\n".join(lines).lower() else f"{end}\n"
    return ""


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").disable("reference")
    parser.core.ruler.enableOnly(["block"])
    return parser
