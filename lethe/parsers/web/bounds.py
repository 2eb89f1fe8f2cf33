"""Makes pages harmless to the parser, whose time and memory grow quadratically with some constructs.

Measured on Lexbor: 100,000 nested `<div>` take minutes, so do 300,000 attributes of one element, and 3,000 unclosed
`<font>` become 4,500,000 elements, as the HTML standard requires. Like browsers, Lethe limits the depth.
"""

import re
from collections import Counter
from html import escape

from lethe.parsers.source import Source

DEEPEST = 250
"""The deepest nesting. Deeper elements keep their text and lose their formatting."""
_MOST_ELEMENTS = 2_000_000
"""The most elements and attributes of one page: about 500 MB as a tree."""
_MOST_FORMATS = 16
"""The most formats (`<b>`, `<font>` ...) open at once: the parser repeats each in every block until it is closed."""
_MOST_ATTRIBUTES = 1_000
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"})
_VOID |= {"source", "track", "wbr", "frame", "basefont", "bgsound", "keygen"}
_ENDED_BY_OTHERS = frozenset(
    {"html", "head", "body", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody"}
)
_ENDED_BY_OTHERS |= {"tfoot", "colgroup", "option", "a"}
"""Elements that can nest in themselves only through another element, which is counted."""
_FORMATS = frozenset(
    {"b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
_RAW = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"})
_RAW_END = {name: re.compile(f"</{name}", re.IGNORECASE) for name in _RAW}
_COMMENT_END = re.compile("--!?>")
# Possessive, and with an optional end: nothing is tried twice, so that every page takes linear time.
_TOKEN = re.compile(
    r"""<(?:(!--)|(!\[CDATA\[)|(/?)([a-zA-Z][^\s/>]*+)((?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+)>?)"""
)


def bounded(source: Source, page: str, *, xhtml: bool) -> str:
    """The page without elements that are too deep or too many. In `xhtml`, `<a/>` is closed and CDATA is text; by
    HTML's rules, the rest of the page would be inside the unclosed element.

    Raises InputRejected for more than 2,000,000 elements and attributes.
    """
    return _Bounds(source, page, xhtml).read()


class _Bounds:
    def __init__(self, source: Source, page: str, xhtml: bool) -> None:
        self._source, self._page, self._xhtml = source, page, xhtml
        self._open: Counter[str] = Counter()
        self._depth = self._formats = self._elements = 0
        self._pieces: list[str] = []
        self._done = 0

    def read(self) -> str:
        page, position = self._page, 0
        while (token := _TOKEN.search(page, position)) is not None:
            comment, cdata, _slash, name, _attributes = token.groups()
            position = token.end()
            if comment:
                position = self._after_comment(position)
            elif cdata:
                position = self._after_cdata(token)
            elif name:
                name = name.lower()
                if not self._tag(name, token):
                    continue
                if name == "plaintext":
                    break
                if name in _RAW:
                    end = _RAW_END[name].search(page, position)
                    if end is None:
                        break
                    position = end.start()
        if not self._pieces:
            return page
        return "".join([*self._pieces, page[self._done :]])

    def _tag(self, name: str, token: re.Match[str]) -> bool:
        """Counts a tag, and removes it if there are too many. True if it opens an element."""
        if token[3]:
            self._end(name, token)
            return False
        attributes: str = token[5]
        self._elements += 1 + attributes.count("=") + (0 if name in _FORMATS else self._formats)
        if self._elements > _MOST_ELEMENTS:
            raise self._source.rejected(f"contains more than {_MOST_ELEMENTS:,} elements: split it")
        if (
            len(attributes) > _MOST_ATTRIBUTES
            and attributes.count("=") + attributes.count(" ") > _MOST_ATTRIBUTES
        ):
            self._replace(token, f"<{name}>")
        if name in _VOID:
            return False
        if self._xhtml and attributes.endswith("/"):
            self._replace(token, f"<{name}{attributes[:-1]}></{name}>")
            return False
        if name not in _ENDED_BY_OTHERS:
            return self._begin(name, token)
        return True

    def _begin(self, name: str, token: re.Match[str]) -> bool:
        if self._depth >= DEEPEST or (name in _FORMATS and self._formats >= _MOST_FORMATS):
            self._replace(token, "" if name in _FORMATS or name == "span" else "<br>")
            return name in _RAW
        self._open[name] += 1
        self._depth += 1
        self._formats += name in _FORMATS
        return True

    def _end(self, name: str, token: re.Match[str]) -> None:
        if self._open[name]:
            self._open[name] -= 1
            self._depth -= 1
            self._formats -= name in _FORMATS
        elif name not in _ENDED_BY_OTHERS and self._depth >= DEEPEST:
            self._replace(token, " " if name in _FORMATS or name == "span" else "<br>")
        if name == "ruby":
            for part in ("rt", "rp", "rb", "rtc"):  # these are usually left open
                self._depth -= self._open.pop(part, 0)

    def _replace(self, token: re.Match[str], new: str) -> None:
        if token.start() >= self._done:
            self._pieces += [self._page[self._done : token.start()], new]
            self._done = token.end()

    def _after_comment(self, start: int) -> int:
        page = self._page
        for short in (">", "->"):  # an empty comment, by the standard
            if page.startswith(short, start):
                return start + len(short)
        end = _COMMENT_END.search(page, start)
        return end.end() if end else len(page)

    def _after_cdata(self, token: re.Match[str]) -> int:
        end = self._page.find("]]>", token.end())
        end = len(self._page) if end < 0 else end
        if self._xhtml:
            self._pieces += [
                self._page[self._done : token.start()],
                escape(self._page[token.end() : end], quote=False),
            ]
            self._done = min(len(self._page), end + 3)
        return end
