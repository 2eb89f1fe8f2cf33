"""The state at one point of an rtf file: text format, paragraph, and where text goes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from lethe.parsers.markdown.inline import Run

PLAIN = Run("")


class Sink(Protocol):
    """A target for text."""

    def add(self, text: str, form: Run = PLAIN) -> None:
        """Takes a piece of text in one format."""


class Nowhere:
    """Drops text, in groups that contain others whose text counts."""

    def add(self, text: str, form: Run = PLAIN) -> None:
        """Does nothing."""


NOWHERE = Nowhere()


class Kept:
    """Collects text, up to about 100,000 characters, for use when its group ends."""

    def __init__(self) -> None:
        self.text = ""

    def add(self, text: str, form: Run = PLAIN) -> None:  # noqa: ARG002
        self.text += text if len(self.text) < 100_000 else ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The format of a paragraph: style, outline level (0 is the highest, 9 no heading), depth in lists and tables."""

    style: int = 0
    outline: int | None = None
    listed: bool = False
    depth: int = 0
    in_table: bool = False
    table_level: int = 1
    drop_cap: int = 0
    """The height of a large first letter in lines; 0 for other paragraphs."""

    @property
    def level(self) -> int:
        """How many tables enclose it."""
        return max(1, self.table_level) if self.in_table or self.table_level > 1 else 0


@dataclass(slots=True)
class State:
    """The state of a group. `sink` None means that nothing in it counts; `done` is called at its end.

    `skip` is the number of fallback characters after each `\\u`, written for programs without Unicode.
    """

    sink: Sink | None
    done: Callable[[], None] | None = None
    form: Run = PLAIN
    hidden: bool = False
    deleted: bool = False
    font: int | None = None
    far_font: int | None = None
    far: bool = False
    skip: int = 1
    in_object: bool = False
    unicode_sink: Sink | None = None
    """The sink for the Unicode version of a text that exists in two versions."""
    paragraph: Paragraph = Paragraph()

    def inner(self) -> "State":
        """The initial state of a group within this one."""
        return State(
            self.sink, None, self.form, self.hidden, self.deleted, self.font, self.far_font, self.far,
            self.skip, self.in_object, self.unicode_sink, self.paragraph,
        )  # fmt: skip


@lru_cache(1_000)
def changed_form(form: Run, change: tuple[tuple[str, object], ...]) -> Run:
    """`form` with these fields changed. Cached, as the same changes recur."""
    return replace(form, **dict(change))  # type: ignore[arg-type]


@lru_cache(1_000)
def changed_paragraph(paragraph: Paragraph, name: str, value: object) -> Paragraph:
    """`paragraph` with one field changed."""
    return replace(paragraph, **{name: value})  # type: ignore[arg-type]
