"""The state that control words change while an rtf file is read: that of its groups, and where text goes."""

from collections.abc import Callable

from lethe.parsers.markdown.blocks import Lines
from lethe.parsers.markdown.inline import Run
from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.markdown.writer import Writer
from lethe.parsers.rich_text.definitions import Fonts, StyleSheet
from lethe.parsers.rich_text.fields import Field
from lethe.parsers.rich_text.state import PLAIN, Paragraph, Sink, State
from lethe.parsers.rich_text.story import Notes, Story
from lethe.parsers.source import Source

_NO_NOTES = Notes(lambda _mark, _text: None)
"""For stories within the text, whose notes are written with those of the body."""


class RichText:
    """The state of a file being read (reader.py). Control words (groups.py, words.py) change its public attributes."""

    def __init__(self, source: Source, *, counts_lists: bool) -> None:
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
        self._was_hidden = ""

    @property
    def story(self) -> Story | None:
        """The story that receives text; None if the group's text belongs to no story."""
        return self.state.sink if isinstance(self.state.sink, Story) else None

    def enter(self, sink: Sink | None, done: Callable[[], None] | None = None) -> None:
        """Sends the text of the group to `sink`, and calls `done` at its end."""
        self.change(sink=sink, form=PLAIN)
        self.state.done = done

    def enter_story(self, done: Callable[[list[str]], None]) -> None:
        """Reads the group as a story of its own, and passes its lines to `done`."""
        lines = Lines()
        story = Story(lines, self.styles.heading_level, _NO_NOTES)

        def finish() -> None:
            story.finish(self.state.paragraph)
            done(lines.lines)

        self.enter(story, finish)
        self.change(paragraph=Paragraph(), hidden=False, deleted=False)

    def change(self, **fields: object) -> None:
        """Changes the state of this group only."""
        if self._stack and self._stack[-1] is self.state:
            self.state = self.state.inner()
        for name, value in fields.items():
            setattr(self.state, name, value)

    def put(self, text: str, form: Run | None = None) -> None:
        """Sends text to the sink, unless it is hidden or deleted."""
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

    def header(self, lines: list[str]) -> None:
        """Writes a header, once, before the text that follows it."""
        text = "\n".join(lines)
        if text and text not in self.headers:
            self.headers.add(text)
            self.writer.paragraph(text)
