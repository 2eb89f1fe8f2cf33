"""PDFs that are heavy, random or damaged are read in time, or refused with a sentence."""

import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lethe.domain.errors import InputRejected
from tests.unit.parsers.made.pdf import (
    document,
    ruled,
    text,
)
from tests.unit.parsers.pdf.pages import a_form, paged, read
from tests.unit.parsers.pdf.test_pdf_documents import LOSSES
from tests.unit.parsers.pdf.test_pdf_text import PAGES

HEAVY = {
    "letters": lambda: document("BT /F1 1 Tf 1 0 0 1 10 10 Tm " + "(abcdefghij) Tj " * 20_000 + "ET"),
    "one letter": lambda: document(
        "".join(f"BT /F1 9 Tf {n % 500} {n % 700} Td (a) Tj ET " for n in range(30_000))
    ),
    "gaps": lambda: document(
        "".join(text(10 + 37 * (n % 16), 780 - n // 16, "ab", 0.5) for n in range(12_000)),
        page=b"/MediaBox[0 0 612 792]",
    ),
    "lines": lambda: document(
        text(9, 9, "a") + "".join(f"{n % 600} 0 m {n % 600} 700 l S " for n in range(50_000))
    ),
    "a net": lambda: document(
        text(9, 9, "a") + "".join(f"{n} 0 m {n} 480 l S 0 {n} m 480 {n} l S " for n in range(0, 490, 4))
    ),
    "notes": lambda: document(
        text(9, 9, "a b"),
        annotations=[b"<</Type/Annot/Subtype/Text/Rect[9 9 20 20]/Contents(x)>>"] * 3_000,
    ),
}


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_page_is_read_in_time(name: str, tmp_path: Path) -> None:
    data = HEAVY[name]()
    start = time.process_time()
    assert read(tmp_path, data).markdown
    assert time.process_time() - start < 60


WORD = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(WORD, min_size=3, max_size=9), min_size=1, max_size=12),
    size=st.integers(7, 16),
    shuffled=st.randoms(use_true_random=False),
)
def test_words_come_out_in_the_order_they_are_read_in(
    rows: list[list[str]], size: int, shuffled: random.Random, tmp_path: Path
) -> None:
    drawn = [text(50, 740 - 1.3 * size * number, " ".join(row), size) for number, row in enumerate(rows)]
    shuffled.shuffle(drawn)
    markdown = read(tmp_path, document("".join(drawn))).markdown
    assert markdown.split() == [word for row in rows for word in row]


def text_or_refusal(directory: Path, data: bytes) -> str:
    try:
        return read(directory, data).markdown
    except InputRejected as refusal:
        return str(refusal)


@pytest.mark.parametrize("seed", range(3))
def test_a_damaged_file_gives_text_or_one_sentence(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    good = [
        a_form(),
        document(*paged(), ruled(72, 700, [90, 90], [["a", "b"], ["c", "d"]])),
        PAGES["a text that stands for an image"][0],
        LOSSES["a layer that is off"][0],
        PAGES["lines that run down the page"][0],
    ]
    for _ in range(100):
        data = bytearray(chance.choice(good))
        for _change in range(chance.choice((1, 2, 8, 40))):
            at = chance.randrange(len(data))
            kind = chance.random()
            if kind < 0.6:
                data[at] = chance.randrange(256)
            elif kind < 0.8:
                del data[at : at + chance.randrange(30)]
            else:
                data[at:at] = data[at : at + chance.randrange(200)]
        start = time.process_time()
        assert text_or_refusal(tmp_path, bytes(data)).strip()
        assert time.process_time() - start < 60
