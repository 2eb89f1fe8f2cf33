"""Where a hit is in its file."""

import pytest

from lethe.core.search.citing import find_spot
from lethe.domain.records.search import FoundChunk

ITEMS = "# Invoice\n\nRear derailleur, 61 euros. To be paid soon."
WARRANTY = "\n\n## Warranty\n\nThe warranty of the derailleur covers two years."


def chunk(text: str, turn: int) -> FoundChunk:
    """A chunk of a PDF whose second page begins at an offset."""
    return FoundChunk(
        node_id="0" * 24,
        position=0,
        score=1.0,
        title="invoice.pdf",
        collection=None,
        artifact="invoice.pdf",
        metadata={},
        language="en",
        file_type="pdf",
        source_uri=None,
        place=1,
        turns=[(0, 1, 0, ("Invoice",)), (turn, 2, 1, ("Warranty",))],
        place_names=None,
        sheet_rows=None,
        headings=(),
        text=text,
        previous_texts=[],
        next_texts=[],
        evidence=None,
        most=None,
    )


@pytest.mark.parametrize(
    ("words", "page", "headings"),
    [
        ({"derailleur"}, 1, ["Invoice"]),
        ({"paid"}, 1, ["Invoice"]),
        ({"year"}, 2, ["Invoice", "Warranty"]),
        ({"warranti", "derailleur"}, 2, ["Invoice", "Warranty"]),
        ({"zebra"}, 1, ["Invoice"]),
    ],
)
def test_a_hit_is_on_the_page_with_most_of_its_words(words: set[str], page: int, headings: list[str]) -> None:
    spot = find_spot(chunk(ITEMS + WARRANTY, len(ITEMS) + 2), frozenset(words))
    assert (spot.place, list(spot.headings)) == ({"page": page}, headings)
