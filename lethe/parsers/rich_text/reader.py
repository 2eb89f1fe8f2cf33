"""Rich text (rtf), read token by token."""

from lethe.parsers.rich_text import groups, words
from lethe.parsers.rich_text.document import RichText
from lethe.parsers.rich_text.state import NOWHERE
from lethe.parsers.rich_text.tokens import BYTES, OPEN, SYMBOL, WORD, tokens
from lethe.parsers.source import Reading, Source

_DEEPEST = 1_000_000
_BLANK = b"\0 \t\r\n"


def read_rtf(source: Source) -> Reading:
    """Reads an rtf file: its text, with notes, comments, lists, tables and boxes in their places.

    Raises InputRejected if it ends before its last brace.
    """
    data = source.read()
    reader = _Reader(source, counts_lists=b"\\listtext" not in data)
    if not reader.read(data) and not data.rstrip(_BLANK).endswith(b"}"):
        raise source.rejected("is damaged: the rtf ends before its last brace")
    return reader.reading()


class _Reader(RichText):
    """Reads token by token."""

    def __init__(self, source: Source, *, counts_lists: bool) -> None:
        super().__init__(source, counts_lists=counts_lists)
        self._source = source
        self._pending = bytearray()
        self._high = 0
        self._to_skip = 0

    def read(self, data: bytes) -> bool:
        """Reads up to the end of the outermost group; what follows is not text. False if the group does not end."""
        for kind, word, number, text in tokens(data):
            if kind == BYTES:
                self._bytes(text)
            elif kind == WORD:
                self._word(word, number)
            elif kind == OPEN:
                self._open()
            elif kind == SYMBOL:
                self._symbol(word)
            elif self._close():
                return True
        return False

    def reading(self) -> Reading:
        """The finished document."""
        while self._stack:
            self._close()
        self._flush()
        self.body.finish(self.state.paragraph)
        for text in self.footers:
            self.writer.paragraph(text)
        self.notes.hold()
        self.notes.put()
        self.writer.tell(self.left_out)
        return self.writer.reading(self.title or None)

    def _flush(self) -> None:
        """Decodes and writes the collected bytes; they are collected because a character may have two."""
        if not self._pending:
            return
        state = self.state
        font = state.far_font if state.far and state.far_font is not None else state.font
        text = self.fonts.decoded(bytes(self._pending), font)
        self._pending.clear()
        self.put(text)

    def _open(self) -> None:
        self._flush()
        self.starred = False
        self._to_skip = 0
        if len(self._stack) >= _DEEPEST:
            raise self._source.rejected(f"is nested more than {_DEEPEST:,} groups deep")
        self._stack.append(self.state)

    def _close(self) -> bool:
        """Ends a group; True for the outermost one."""
        self._flush()
        self.starred = False
        self._to_skip = 0
        if not self._stack:
            return True
        before = self._stack.pop()
        if self.state is not before:
            if self.state.done is not None:
                self.state.done()
            self.state = before
        return not self._stack

    def _bytes(self, data: bytes) -> None:
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        if self.state.sink is not None and self.state.sink is not NOWHERE:
            self._pending += data
        self.starred = False

    def _symbol(self, sign: str) -> None:
        if self._to_skip:
            self._to_skip -= 1
        elif sign == "*":
            self.starred = True
        elif sign in "\\{}":
            self._pending += sign.encode()
        else:
            self._flush()
            if sign in "\r\n":
                self._word("par", None)
            else:
                self.put(words.SYMBOLS.get(sign, ""))

    def _word(self, word: str, number: int | None) -> None:
        if self._to_skip and word != "u":
            self._to_skip -= 1
            return
        self._flush()
        starred, self.starred = self.starred, False
        if self.state.sink is None:
            return
        if word == "u":
            self._character(number or 0)
            return
        action = groups.DESTINATIONS.get(word)
        if action is not None:
            action(self, number)
        elif starred or (word[0] == "m" and word.endswith("Pr")):  # unknown, or properties of a formula
            self.enter(None)
        elif word in words.CHARACTERS:
            self.put(words.CHARACTERS[word])
        elif (change := words.CHANGES.get(word)) is not None:
            change(self, number)

    def _character(self, number: int) -> None:
        """Writes a character by its code; one above U+FFFF comes as two surrogates."""
        self._to_skip = self.state.skip
        code = number & 0xFFFF if number < 0x10000 or number > 0x10FFFF else number
        if 0xD800 <= code < 0xDC00:
            self._high = code
            return
        if 0xDC00 <= code < 0xE000:
            if self._high:
                self.put(chr(0x10000 + ((self._high - 0xD800) << 10) + code - 0xDC00))
        else:
            self.put(self.fonts.character(code, self.state.font))
        self._high = 0
