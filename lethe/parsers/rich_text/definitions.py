"""The tables at the head of an rtf file: fonts and styles."""

import re
from dataclasses import dataclass

from lethe.parsers.markdown.inline import Run
from lethe.parsers.openxml.symbols import symbol
from lethe.parsers.rich_text import charsets
from lethe.parsers.rich_text.state import PLAIN, Paragraph

_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_NO_HEADING = 9
_PRIVATE = 0xF000
"""Where Unicode has room for the characters of fonts of symbols."""
_LONGEST_NAME = 200


@dataclass(slots=True)
class Font:
    """`encoding` None is that of the document; `signs` is set for fonts of symbols."""

    name: str = ""
    encoding: str | None = None
    signs: bool = False


class Fonts:
    """The font table. It takes the font names, each up to its semicolon."""

    def __init__(self) -> None:
        self._fonts: dict[int, Font] = {}
        self._open = Font()
        self.document = charsets.WESTERN
        """The encoding of text in no font, or in one that does not say its own."""

    def begin(self, number: int) -> None:
        """What follows describes this font."""
        self._open = self._fonts[number] = Font()

    def charset(self, charset: int) -> None:
        """The charset of the font that is described."""
        self._open.signs = charset == charsets.SYMBOLS
        self._open.encoding = charsets.by_charset(charset) or self._open.encoding

    def page(self, page: int) -> None:
        """Its code page, which counts more than its charset."""
        self._open.encoding = charsets.by_page(page) or self._open.encoding

    def add(self, text: str, form: Run = PLAIN) -> None:  # noqa: ARG002
        """Part of its name."""
        name = text.partition(";")[0]
        if len(self._open.name) < _LONGEST_NAME:
            self._open.name += name

    def decoded(self, data: bytes, number: int | None) -> str:
        """`data` in this font as text."""
        font = self._font(number)
        if font.signs:
            return "".join(symbol(font.name, _PRIVATE + code) for code in data)
        return charsets.decode(data, font.encoding, self.document)

    def character(self, code: int, number: int | None) -> str:
        """The character of this number in this font."""
        if not _PRIVATE <= code < _PRIVATE + 0x100:
            return chr(code)
        font = self._font(number)
        return symbol(font.name if font.signs else "Symbol", code)

    def _font(self, number: int | None) -> Font:
        return self._fonts.get(-1 if number is None else number, _NO_FONT)


_NO_FONT = Font()


class StyleSheet:
    """The paragraph styles, as far as they are headings. It takes their names, each up to its semicolon."""

    def __init__(self) -> None:
        self._levels: dict[int, int] = {}
        self._name = ""
        self.open = 0
        self.outline: int | None = None

    def add(self, text: str, form: Run = PLAIN) -> None:  # noqa: ARG002
        """Part of a name; a semicolon ends the style."""
        name, ended, _ = text.partition(";")
        self._name += name[:_LONGEST_NAME]
        if ended:
            self._end()

    def heading_level(self, paragraph: Paragraph) -> int:
        """The level of a heading from 1; 0 for other text."""
        if paragraph.outline is not None:
            return paragraph.outline + 1 if 0 <= paragraph.outline < _NO_HEADING else 0
        return self._levels.get(paragraph.style, 0)

    def _end(self) -> None:
        name = self._name.strip()
        match = _HEADING.match(name)
        if match:
            self._levels[self.open] = int(match[1])
        elif self.outline is not None and 0 <= self.outline < _NO_HEADING:
            self._levels[self.open] = self.outline + 1
        elif name.casefold() == "title":
            self._levels[self.open] = 1
        self._name, self.open, self.outline = "", 0, None
