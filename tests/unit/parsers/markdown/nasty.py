"""Texts of which every second line means something to markdown."""

import re

from hypothesis import strategies as st

from lethe.parsers.text import clean

_LINES = (
    "# heading",
    "#",
    "###### six ##",
    "####### seven",
    "#tag",
    "word #",
    "---",
    "--",
    "-",
    "- - -",
    "***",
    "_ _ _",
    "===",
    "=",
    "= x",
    "```",
    "``` code",
    "```a``` b",
    "~~~",
    "~~~~ info",
    "`tick`",
    "a | b",
    "| --- | --- |",
    "--- | ---",
    ":-: | -",
    "| a \\| b |",
    "|",
    "\\",
    "\\|",
    "> quote",
    "[link]: http://example.com",
    "[^1]: note",
    "![alt](a.png)",
    "<div>",
    "<div",
    "</p>",
    "<script>",
    "<script",
    "<pre x",
    "<!-- comment",
    "<!DOCTYPE",
    "<![CDATA[ x",
    "<?php x",
    "<b>bold</b>",
    "x<y && y>1",
    "AT&T &amp; &lt;b&gt;",
    "    indented",
    "\ttab",
    "\u2028line",
    "\u0085next",
    "\u00a0nbsp",
    "word\x0b# vertical",
    "word\x0c---",
    "word\r# return",
    "\x00# nul",
    "`\x00``",
    "\ud800 lone",
    "\u202eright to left שלום",
    "**bold** *italic* ~~struck~~ 10^6^ H~2~O",
    "日本語のテキスト。",
    "word " * 40,
)
_LISTS = ("- item", "* item", "+", "1. item", "12) item", "- ```", "- <script>", "1986. year")

marks = st.sampled_from("#-*_>`~|=:1.) \t\n\r\x00\x0b\\[]()!<>/?&a\u2028\ud800é日ש")
lines = st.sampled_from(_LINES)
listed = st.sampled_from(_LISTS)

texts = st.lists(lines | st.text(marks, max_size=12) | st.text(max_size=12), max_size=5).map("\n".join)
"""Without lines that are items of a list, which stay what they are."""
any_texts = st.lists(lines | listed | st.text(marks, max_size=12), max_size=5).map("\n".join)

_LISTED = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])(?:\s|$)|^\s*>|^\s*\[?!\[", re.MULTILINE)


def stays_listed(text: str) -> bool:
    """Whether a line of it is an item, a quote or an image as a line of a paragraph too."""
    return bool(_LISTED.search(clean(text)))


def words(text: str) -> list[str]:
    """The words of a text as a reader of it would see them, whatever the marks around them."""
    return re.findall(r"\w+", clean(text).replace("_", " "))
