"""xls: what a person sees on the sheets is in the text, once and in order."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lethe.domain.limits import Limits
from lethe.parsers.source import Reading, Source
from lethe.parsers.workbooks.old_sheets import read_old_workbook
from tests.unit.parsers.made import old_sheets as made


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    def read(data: bytes) -> Reading:
        path = tmp_path / "upload"
        path.write_bytes(data)
        return read_old_workbook(Source(path, "book", Limits()))

    return read


CASES: list[tuple[str, bytes, str]] = [
    (
        "cells",
        made.xls(("Fées", [(1, 1, "ñ", 0), (1, 2, 5.0, 0), (2, 1, True, 0), (2, 2, 2.5, 0)])),
        "# Fées\n\n| ñ | 5 |\n| --- | --- |\n| TRUE | 2.5 |\n",
    ),
    (
        "formats",
        made.xls(
            ("S", [(1, 1, 0.075, 1), (1, 2, 26.5 / 24, 2), (1, 3, 1067.0, 3), (1, 4, 45429.0, 4)]),
            codes=["0.00%", "[h]:mm", "00000", "dd.mm.yyyy"],
        ),
        "| 7.50% | 26:30 | 01067 | 17.05.2024 |",
    ),
    (
        "since 1904",
        made.xls(("S", [(1, 1, 43967.0, 1)]), codes=["yyyy-mm-dd"], from_1904=True),
        "2024-05-17\n",
    ),
    ("texts' formats", made.xls(("S", [(1, 1, "7", 1)]), codes=['"No. "@']), "No. 7\n"),
    (
        "merged",
        made.xls(
            ("S", [(1, 1, "North", 0), (1, 2, "a", 0), (2, 2, "b", 0)]),
            extras={"S": made.record(0xE5, b"\1\0\0\0\1\0\0\0\0\0")},
        ),
        "| North | a |\n| --- | --- |\n| North | b |\n",
    ),
    ("boxes", made.xls(("S", [(1, 1, "a", 0)]), extras={"S": made.text_box("señal")}), "a\n\nseñal\n"),
    (
        "comments",
        made.xls(
            ("S", [(1, 1, "a", 0)]),
            extras={
                "S": made.text_box("why?", 25, 3)
                + made.record(0x1C, b"\0\0\0\0\0\0\3\0" + made.long_text("Ana"))
            },
        ),
        "a[^c1]\n\n[^c1]: Ana: why?\n",
    ),
    (
        "headers",
        made.xls(
            ("S", [(1, 1, "a", 0)]),
            extras={
                "S": made.record(0x14, made.long_text("&LCasa &P"))
                + made.record(0x15, made.long_text("&CSecret"))
            },
        ),
        "a\n\nSecret\n",
    ),
    (
        "charts",
        made.xls(
            ("S", [(1, 1, "a", 0)]),
            extras={
                "S": made.record(0x809, bytes(16))
                + made.record(0x100D, b"\0\0" + made.short_text("Sales"))
                + made.record(0x0A, b"")
            },
        ),
        "a\n\nSales\n",
    ),
    (
        "two sheets",
        made.xls(("One", [(1, 1, "a", 0)]), ("Two", [(1, 1, "b", 0)])),
        "# One\n\na\n\n# Two\n\nb\n",
    ),
    ("far cells", made.xls(("S", [(1, 1, "a", 0), (65536, 256, "z", 0)])), "a\n\nz\n"),
]


@pytest.mark.parametrize(("name", "data", "text"), CASES, ids=[case[0] for case in CASES])
def test_what_an_old_sheet_shows_is_in_its_text(
    name: str, data: bytes, text: str, read: Callable[..., Reading]
) -> None:
    reading = read(data)
    assert text in reading.markdown
    assert not reading.warnings


def test_hidden_old_sheets_and_images_are_told(read: Callable[..., Reading]) -> None:
    image = made.record(0x5D, bytes([0x15, 0, 0x12, 0, 8, 0]) + bytes(16))
    book = made.xls(("S", [(1, 1, "a", 0)]), ("H", [(1, 1, "secret", 0)]), hidden=["H"], extras={"S": image})
    reading = read(book)
    assert "secret" not in reading.markdown
    assert reading.warnings == (
        "1 hidden sheet is left out: 'H'.",
        "1 image has no readable text: text recognition (OCR) is not available.",
    )
