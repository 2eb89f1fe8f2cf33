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
"""Where Unicode's private area for symbol fonts begins."""
_LONGEST_NAME = 200


@dataclass(slots=True)
class Font:
    """A font. `encoding` None means the document's; `signs` is set for symbol fonts."""

    name: str = ""
    encoding: str | None = None
    signs: bool = False


class Fonts:
    """The font table. As a sink it receives font names, each ended by a semicolon."""

    def __init__(self) -> None:
        self._fonts: dict[int, Font] = {}
        self._open = Font()
        self.document = charsets.WESTERN
        """The encoding of text without a font, or in a font that declares none."""

    def begin(self, number: int) -> None:
        """Begins the description of a font."""
        self._open = self._fonts[number] = Font()

    def charset(self, charset: int) -> None:
        """Sets the charset of the current font."""
        self._open.signs = charset == charsets.SYMBOLS
        self._open.encoding = charsets.by_charset(charset) or self._open.encoding

    def page(self, page: int) -> None:
        """Sets the code page of the current font, which overrides its charset."""
        self._open.encoding = charsets.by_page(page) or self._open.encoding

    def add(self, text: str, form: Run = PLAIN) -> None:  # noqa: ARG002
        """Adds text to the name of the current font."""
        name = text.partition(";")[0]
        if len(self._open.name) < _LONGEST_NAME:
            self._open.name += name

    def decoded(self, data: bytes, number: int | None) -> str:
        """The text of `data` in this font."""
        font = self._font(number)
        if font.signs:
            return "".join(symbol(font.name, _PRIVATE + code) for code in data)
        return charsets.decode(data, font.encoding, self.document)

    def character(self, code: int, number: int | None) -> str:
        """The character with this code in this font."""
        if not _PRIVATE <= code < _PRIVATE + 0x100:
            return chr(code)
        font = self._font(number)
        return symbol(font.name if font.signs else "Symbol", code)

    def _font(self, number: int | None) -> Font:
        return self._fonts.get(-1 if number is None else number, _NO_FONT)


_NO_FONT = Font()


class StyleSheet:
    """The style sheet, of which only headings matter. As a sink it receives style names, each ended by a semicolon."""

    def __init__(self) -> None:
        self._levels: dict[int, int] = {}
        self._name = ""
        self.open = 0
        self.outline: int | None = None

    def add(self, text: str, form: Run = PLAIN) -> None:  # noqa: ARG002
        """Adds text to the name of the current style; a semicolon ends it."""
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
