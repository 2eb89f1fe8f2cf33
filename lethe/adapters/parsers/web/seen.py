"""What is left out of the pages of one document, counted."""

from dataclasses import dataclass

from lethe.adapters.parsers.markdown.writer import Writer


@dataclass
class Seen:
    """Images without text, hidden elements that have some, frames and media; and the notes that were counted."""

    images: int = 0
    hidden: int = 0
    media: int = 0
    notes: int = 0

    def tell(self, writer: Writer) -> None:
        """Warns of each kind once, with its number."""
        _tell(
            writer,
            self.images,
            "1 image has no text that can be read: text recognition is not there.",
            "{:,} images have no text that can be read: text recognition is not there.",
        )
        _tell(
            writer,
            self.hidden,
            "1 hidden element with text is left out.",
            "{:,} hidden elements with text are left out.",
        )
        _tell(
            writer,
            self.media,
            "1 embedded frame, video or sound is left out.",
            "{:,} embedded frames, videos or sounds are left out.",
        )


def _tell(writer: Writer, count: int, one: str, many: str) -> None:
    if count:
        writer.warn(one if count == 1 else many.format(count))
