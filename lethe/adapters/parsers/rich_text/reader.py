"""Rich text (rtf), read token by token."""

from collections.abc import Callable

from lethe.adapters.parsers.markdown.blocks import Lines
from lethe.adapters.parsers.markdown.inline import Run
from lethe.adapters.parsers.markdown.left_out import LeftOut
from lethe.adapters.parsers.markdown.writer import Writer
from lethe.adapters.parsers.rich_text import groups, words
from lethe.adapters.parsers.rich_text.definitions import Fonts, StyleSheet
from lethe.adapters.parsers.rich_text.fields import Field
from lethe.adapters.parsers.rich_text.notes import Notes
from lethe.adapters.parsers.rich_text.state import PLAIN, Paragraph, Sink, State
from lethe.adapters.parsers.rich_text.story import Story
from lethe.adapters.parsers.rich_text.tokens import BYTES, OPEN, SYMBOL, WORD, tokens
from lethe.adapters.parsers.source import Reading, Source

_DEEPEST = 1_000_000
_NO_NOTES = Notes(lambda _mark, _text: None)
"""Of stories within the text, whose notes go to the text's."""
_BLANK = b"\0 \t\r\n"


def read_rtf(source: Source) -> Reading:
    """An rtf file: its text with notes, comments, lists, tables and boxes in their places.

    Raises InputRejected for one that ends before its last brace.
    """
    data = source.read()
    reader = RichText(source, counts_lists=b"\\listtext" not in data)
    if not reader.read(data) and not data.rstrip(_BLANK).endswith(b"}"):
        raise source.rejected("is damaged: the rtf ends before its last brace")
    return reader.reading()


class RichText:
    """Reads token by token. groups.py and words.py define what control words do, by changing the public attributes
    here."""

    def __init__(self, source: Source, *, counts_lists: bool) -> None:
        self._source = source
        self.counts_lists = counts_lists
        """Whether list paragraphs without a marker are items: some programs write no markers at all."""
        self.writer = Writer(source)
        self.fonts: Fonts = Fonts()
        self.styles: StyleSheet = StyleSheet()
        self.left_out = LeftOut()
        self.default_font: int | None = None
        self.notes = Notes(self.writer.note)
        self.body = Story(self.writer, self.styles.heading_level, self.notes)
        self.state = State(self.body)
        self.title, self.author = "", ""
        self.fields: list[Field] = []
        self.properties: dict[str, str] = {}
        """Properties of the current shape or picture."""
        self.property_name = ""
        self.is_endnote = False
        """Whether the current note is an endnote."""
        self.starred = False
        self.footers: dict[str, None] = {}
        self.headers: set[str] = set()
        self._stack: list[State] = []
        self._pending = bytearray()
        self._high = 0
        self._to_skip = 0
        self._was_hidden = ""

    @property
    def story(self) -> Story | None:
        """The story that receives text; None in groups whose text belongs to no story."""
        return self.state.sink if isinstance(self.state.sink, Story) else None

    def read(self, data: bytes) -> bool:
        """Reads up to the end of the outermost group; False if it does not end. What follows is not text."""
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
        self.flush()
        self.body.finish(self.state.paragraph)
        for text in self.footers:
            self.writer.paragraph(text)
        self.notes.hold()
        self.notes.put()
        self.writer.tell(self.left_out)
        return self.writer.reading(self.title or None)

    def enter(self, sink: Sink | None, done: Callable[[], None] | None = None) -> None:
        """From here to the end of the group, text goes to `sink`; then `done` is called."""
        self.change(sink=sink, form=PLAIN)
        self.state.done = done

    def enter_story(self, done: Callable[[list[str]], None]) -> None:
        """The group is a story of its own; `done` gets its lines."""
        lines = Lines()
        story = Story(lines, self.styles.heading_level, _NO_NOTES)

        def finish() -> None:
            story.finish(self.state.paragraph)
            done(lines.lines)

        self.enter(story, finish)
        self.change(paragraph=Paragraph(), hidden=False, deleted=False)

    def change(self, **fields: object) -> None:
        """Changes the state, of this group only."""
        if self._stack and self._stack[-1] is self.state:
            self.state = self.state.inner()
        for name, value in fields.items():
            setattr(self.state, name, value)

    def put(self, text: str, form: Run | None = None) -> None:
        """A piece of text, unless it is hidden here."""
        state = self.state
        if state.sink is None or not text:
            return
        if state.deleted or state.hidden:
            kind = "tracked deletion" if state.deleted else "piece of hidden text"
            if kind != self._was_hidden and text.strip() and isinstance(state.sink, Story):
                self.left_out[kind] += 1
                self._was_hidden = kind
            return
        if not text.isspace():
            self._was_hidden = ""
        state.sink.add(text, state.form if form is None else form)

    def flush(self) -> None:
        """Decodes and writes the collected bytes; a character may have two."""
        if not self._pending:
            return
        state = self.state
        font = state.far_font if state.far and state.far_font is not None else state.font
        text = self.fonts.decoded(bytes(self._pending), font)
        self._pending.clear()
        self.put(text)

    def _open(self) -> None:
        self.flush()
        self.starred = False
        self._to_skip = 0
        if len(self._stack) >= _DEEPEST:
            raise self._source.rejected(f"is nested more than {_DEEPEST:,} groups deep")
        self._stack.append(self.state)

    def _close(self) -> bool:
        """Ends a group; True for the outermost one."""
        self.flush()
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
        if self.state.sink is not None and self.state.sink is not groups.NOWHERE:
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
            self.flush()
            if sign in "\r\n":
                self._word("par", None)
            else:
                self.put(words.SYMBOLS.get(sign, ""))

    def _word(self, word: str, number: int | None) -> None:
        if self._to_skip and word != "u":
            self._to_skip -= 1
            return
        self.flush()
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
        """A character by its number; one above U+FFFF comes as two halves."""
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

    def header(self, lines: list[str]) -> None:
        """A header is written once, before what follows it."""
        text = "\n".join(lines)
        if text and text not in self.headers:
            self.headers.add(text)
            self.writer.paragraph(text)
