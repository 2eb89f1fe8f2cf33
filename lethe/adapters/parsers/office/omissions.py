"""What a reader leaves out, counted, and told in a sentence of each kind."""

from collections import Counter

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

    def tell(self, writer: Writer, damaged: list[str]) -> None:
        """Warns of each kind once; `damaged` names parts of the file that could not be read."""
        if self.slides:
            shown = ", ".join(map(str, self.slides[:_MOST_NAMED])) + ", ..." * (
                len(self.slides) > _MOST_NAMED
            )
            writer.warn(_left_out(len(self.slides), "hidden slide", "hidden slides", f" ({shown})"))
        if self.hidden:
            writer.warn(_left_out(self.hidden, "piece of hidden text", "pieces of hidden text"))
        if self.deleted:
            writer.warn(_left_out(self.deleted, "tracked deletion", "tracked deletions"))
        if self.images:
            has = "image has" if self.images == 1 else "images have"
            writer.warn(f"{self.images} {has} no text that can be read: text recognition is not there.")
        for kind, count in sorted(self.objects.items())[:_MOST_NAMED]:
            writer.warn(_left_out(count, "embedded object", "embedded objects", f" of the kind {kind[:100]}"))
        for part in sorted(set(damaged))[:_MOST_NAMED]:
            writer.warn(f"The part {part} of the file is damaged and was left out.")


def _left_out(count: int, one: str, several: str, which: str = "") -> str:
    return f"{count} {one if count == 1 else several}{which} {'was' if count == 1 else 'were'} left out."
