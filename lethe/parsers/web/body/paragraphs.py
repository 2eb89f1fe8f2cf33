"""Writes the paragraphs, items and code blocks of a page as they end."""

from lethe.parsers.markdown.writer import Writer
from lethe.parsers.web.body.flow import Flow
from lethe.parsers.web.body.lists import Lists
from lethe.parsers.web.body.notes import Notes


class Paragraphs:
    """Receives the text of a page and writes it block by block.

    `flow` is the text of the open block, `lists` the lists around it. The content of a heading, a cell or a caption is
    one line (`begin_line`), even if it contains blocks.
    """

    def __init__(self, writer: Writer, notes: Notes) -> None:
        self._writer, self._notes = writer, notes
        self.flow = Flow()
        self.lists = Lists()
        self._lines = 0
        self._code: list[str] | None = None

    @property
    def in_line(self) -> bool:
        """Whether the open block must stay on one line."""
        return self._lines > 0

    @property
    def in_code(self) -> bool:
        """Whether a code block is open, in which all spaces count."""
        return self._code is not None

    def begin_line(self) -> None:
        """Puts what follows on one line."""
        self._lines += 1

    def end_line(self) -> None:
        """Ends the line; `flow.take()` returns its text."""
        self._lines -= 1

    def begin_code(self) -> None:
        """Begins a code block; within a line, code is plain text."""
        self.end_block()
        if self._code is None and not self._lines:
            self._code = []

    def end_code(self) -> None:
        """Ends a code block."""
        if self._code is None:
            self.part()
        else:
            code, self._code = "".join(self._code), None
            self._writer.code(code.strip("\n"))

    def text(self, text: str) -> None:
        """Adds text of the page."""
        if self._code is not None:
            self._code.append(text)
        else:
            self.flow.text(text)

    def apart(self, text: str) -> None:
        """Adds text that replaces an object such as an image, or nothing if it is ""."""
        if not text:
            return
        if self._code is not None:
            self._code.append(text)
        else:
            self.flow.apart(text)

    def line_end(self) -> None:
        """Ends a line (`<br>`)."""
        if self._code is not None:
            self._code.append("\n")
        else:
            self.flow.line_end()

    def part(self) -> None:
        """Handles the start or end of a block: ends the paragraph, or only a line within an item, heading or cell."""
        if self._code is not None:
            if self._code and not self._code[-1].endswith("\n"):
                self._code.append("\n")
        elif self._lines or self.lists.has_marker:
            self.flow.part()
        else:
            self.flush()

    def end_block(self) -> None:
        """Handles the start or end of a block in which no list item continues: a list, a table, a heading, code."""
        if self._lines or self._code is not None:
            self.part()
        else:
            self.flush()
            self.lists.drop_marker()

    def flush(self) -> None:
        """Writes the open paragraph or item."""
        text = self.flow.take()
        if not text:
            return
        if self.lists.has_marker:
            marker, depth = self.lists.take_marker()
            self._writer.item(text, depth, marker)
        else:
            self._writer.paragraph(text)
        if not self.lists.depth:
            self._notes.write()
