"""XML as an outline: elements and attributes by name, with their text; a sentence stays on one line."""

import codecs
import re
from enum import IntEnum
from typing import NamedTuple

from lethe.parsers import markup
from lethe.parsers.plain.encodings import is_utf8, marked_encoding, wide_encoding
from lethe.parsers.plain.entities import resolved
from lethe.parsers.plain.outline import Lines
from lethe.parsers.plain.texts import coded
from lethe.parsers.source import Reading, Source
from lethe.parsers.text import clean, decode

_DECLARATION = re.compile(r"""\s*<\?xml\s[^>]{0,300}?\?>""")
_DECLARED = re.compile(rb"""^\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_SUPERSETS |= {"iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874"}
_BLOCK_NAMES = """p para simpara div section sect1 sect2 sect3 chapter title subtitle h1 h2 h3 h4 h5 h6 li item listitem
    dt dd td th tr row entry cell table list ul ol dl blockquote quote pre note caption head lg l u speech line br lb
    hr"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
"""Elements that begin a new line even within text."""


def read_xml_file(source: Source) -> Reading:
    """The outline of an XML file in a code block. An element's text and that of the elements within it stay on one
    line, in order; names are shown without prefixes.

    Raises InputRejected for XML that is not well-formed, nests too deep, or declares entities that grow or are
    external.
    """
    text, warnings = decode_xml(source.read())
    if text.count("<") > 2 * markup.MOST_ELEMENTS:
        raise source.rejected(f"contains more than {markup.MOST_ELEMENTS:,} elements: split it")
    text, left = resolved(text)
    data = text.encode()
    del text
    outline = _Outline(source, _kinds(source, data))
    markup.read_xml(source, data, start=outline.start, end=outline.end, text=outline.text)
    return coded(source, outline.written(), warnings + left)


def decode_xml(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of an XML file without its declaration, and warnings. The declared encoding is used if the bytes fit."""
    declared = _DECLARED.search(data[:1000])
    if declared and not marked_encoding(data[:4]) and not wide_encoding(data[:4096]):
        encoding = _codec(declared[1].decode())
        if encoding and not (encoding != "utf-8" and not data.isascii() and is_utf8(data)):
            try:
                return _undeclared(clean(data.decode(encoding))), ()
            except (UnicodeDecodeError, LookupError):  # the bytes are invalid, or the codec is not for text
                pass
    text, warnings = decode(data)
    return _undeclared(text), warnings


def _codec(name: str) -> str | None:
    """Python's codec for a name, or None; a superset if programs often write more than the name allows."""
    try:
        codec = codecs.lookup(name.removeprefix("x-"))
    except LookupError:
        return None
    if codec.name.startswith(("utf-16", "utf-32")):
        return None  # the bytes are not: the declaration is left over from another file
    return _SUPERSETS.get(codec.name, codec.name)


def _undeclared(text: str) -> str:
    found = _DECLARATION.match(text)
    return text[found.end() :] if found else text.lstrip()


class _Kind(IntEnum):
    EMPTY = 0
    OF_ELEMENTS = 1
    OF_TEXT = 2


def _kinds(source: Source, data: bytes) -> bytearray:
    """A first pass: what each element contains, in order of their starts; this is known only at their ends."""
    kinds = bytearray()
    open_: list[int] = []

    def start(_name: str, _attributes: list[str]) -> None:
        if open_:
            kinds[open_[-1]] = max(kinds[open_[-1]], _Kind.OF_ELEMENTS)
        open_.append(len(kinds))
        markup.check_depth(source, len(open_))
        kinds.append(_Kind.EMPTY)

    def text(piece: str) -> None:
        if open_ and not piece.isspace():
            kinds[open_[-1]] = _Kind.OF_TEXT

    def end(_name: str) -> None:
        open_.pop()

    markup.read_xml(source, data, start=start, end=end, text=text)
    return kinds


class _Open(NamedTuple):
    """An open element: whether it is inline in another's line, its kind of content, and the depth of its line."""

    inline: bool
    kind: int
    depth: int


class _Outline:
    """Writes one line per element. Elements within text are added to the line around them."""

    def __init__(self, source: Source, kinds: bytearray) -> None:
        self._lines = Lines(source)
        self._kinds = iter(kinds)
        self._open: list[_Open] = []
        self._label = ""
        self._line: list[str] = []
        self._line_depth = 0
        self._below: list[str] = []
        """Attributes of inline elements. They are written below the line, since they would split the sentence."""

    def start(self, name: str, attributes: list[str]) -> None:
        name, kind = _local(name), next(self._kinds)
        pairs = [
            (_local(key), value)
            for key, value in zip(attributes[::2], attributes[1::2], strict=True)
            if key != "xmlns" and not key.startswith("xmlns:")
        ]
        around = self._open[-1] if self._open else _Open(inline=False, kind=_Kind.OF_ELEMENTS, depth=-1)
        begins_line = name.lower() in _BLOCKS
        if around.kind == _Kind.OF_TEXT and begins_line and kind == _Kind.EMPTY and not pairs:
            self._line.append(" ")  # <br/>
            begins_line = False
        if around.kind == _Kind.OF_TEXT and kind != _Kind.OF_ELEMENTS and not begins_line:
            self._open.append(_Open(inline=True, kind=kind, depth=around.depth))
            self._below += [f"{name} {key}: {value}" for key, value in pairs]
            return
        self._flush()
        self._open.append(_Open(inline=False, kind=kind, depth=around.depth + 1))
        self._label, self._line_depth = f"{name}:", around.depth + 1
        if pairs:
            self._below = [f"{key}: {value}" for key, value in pairs]
            self._flush()

    def text(self, piece: str) -> None:
        self._line.append(piece)

    def end(self, _name: str) -> None:
        element = self._open.pop()
        if not element.inline:
            self._flush()
            self._line_depth = element.depth

    def written(self) -> str:
        return self._lines.text()

    def _flush(self) -> None:
        words = " ".join("".join(self._line).split())
        if self._label or words:
            self._put(f"{self._label} {words}".strip())
        self._line_depth += bool(self._label)
        for line in self._below:
            self._put(line)
        self._label = ""
        self._line.clear()
        self._below.clear()

    def _put(self, line: str) -> None:
        self._lines.put(self._line_depth, line)


def _local(name: str) -> str:
    return name.rpartition(":")[2]
