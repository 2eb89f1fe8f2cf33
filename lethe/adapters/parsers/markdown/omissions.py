"""What a reader leaves out, counted, and told in a sentence of each kind."""

from collections import Counter
from collections.abc import Iterable, Sequence

from lethe.adapters.parsers.markdown.writer import Writer

_MOST_NAMED = 10


class Omissions:
    """Counts of what was seen but not read."""

    def __init__(self) -> None:
        self.images = 0
        """Images without a text in place of them."""
        self.hidden = 0
        """Pieces of hidden text, or hidden shapes."""
        self.deleted = 0
        """Deletions that are still shown as tracked changes."""
        self.objects: Counter[str] = Counter()
        """Embedded files and media, by kind."""
        self.slides: list[int] = []
        """Numbers of hidden slides."""
        self.sheets: list[str] = []
        """Names of hidden sheets."""
        self.missing: list[str] = []
        """Names of sheets that the file lists, but does not hold."""
        self.results = 0
        """Formulas of a sheet without a stored result."""

    def tell(self, writer: Writer, damaged: Iterable[str] = ()) -> None:
        """Warns of each kind once; `damaged` names parts of the file that could not be read."""
        if self.slides:
            writer.warn(_left_out(len(self.slides), "hidden slide", "hidden slides", _named(self.slides)))
        if self.sheets:
            writer.warn(_left_out(len(self.sheets), "hidden sheet", "hidden sheets", _named(self.sheets)))
        if self.missing:
            are = "sheet is" if len(self.missing) == 1 else "sheets are"
            writer.warn(f"{len(self.missing)} {are} not in the file{_named(self.missing)}.")
        if self.hidden:
            writer.warn(_left_out(self.hidden, "piece of hidden text", "pieces of hidden text"))
        if self.deleted:
            writer.warn(_left_out(self.deleted, "tracked deletion", "tracked deletions"))
        if self.images:
            has = "image has" if self.images == 1 else "images have"
            writer.warn(f"{self.images} {has} no text that can be read: text recognition is not there.")
        for kind, count in sorted(self.objects.items())[:_MOST_NAMED]:
            writer.warn(_left_out(count, "embedded object", "embedded objects", f" of the kind {kind[:100]}"))
        if self.results:
            have = "formula has" if self.results == 1 else "formulas have"
            writer.warn(f"{self.results:,} {have} no stored result: the formula stands in its place.")
        for part in sorted(set(damaged))[:_MOST_NAMED]:
            writer.warn(f"The part {part} of the file is damaged and was left out.")


def _named(names: Sequence[object]) -> str:
    shown = [f"'{name}'" if isinstance(name, str) else str(name) for name in names[:_MOST_NAMED]]
    return f" ({', '.join(shown)}{', ...' if len(names) > _MOST_NAMED else ''})"


def _left_out(count: int, one: str, several: str, which: str = "") -> str:
    return f"{count} {one if count == 1 else several}{which} {'was' if count == 1 else 'were'} left out."
