"""What comes of a file: its places in blocks and chunks, and bounded warnings; and what of a text is there at once."""

from pathlib import Path

import orjson
import pytest

from lethe import parsers
from lethe.core.ingestion.at_once import readable
from lethe.core.ingestion.prepare import open_results, prepare, prepare_again, read_chunks, read_parts
from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import BlockType, ParsedFile, Place
from lethe.domain.records.documents import Prepared

TEXT = "one\n\ntwo\n\n# Three\n\nthree\n"


def prepared(folder: Path, monkeypatch: pytest.MonkeyPatch, parsed: ParsedFile, limits: Limits) -> Prepared:
    monkeypatch.setattr(parsers, "parse", lambda *_: parsed)
    original = folder / "original"
    original.touch()
    with original.open("rb") as file, open_results(folder) as results:
        return prepare(file, results, None, limits, "x")


def test_blocks_and_chunks_know_their_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = (
        Place(TEXT.index("two") - 1, 1, "Sales"),
        Place(TEXT.index("# Three"), 2, ""),
        Place(25, 3, " "),
    )
    limits = Limits(chunk_tokens=3)
    made = prepared(tmp_path, monkeypatch, ParsedFile("xlsx", "x", TEXT, places=places), limits)
    assert made.places == {"1": "Sales"}
    ((_, _, _, blocks),) = read_parts(tmp_path)
    assert [block[6] for block in orjson.loads(blocks)] == [0, 1, 2, 2]
    expected = [("one", 0), ("two", 1), ("# Three", 2), ("three", 2)]
    assert [(chunk.text.strip(), chunk.place) for chunk in read_chunks(tmp_path)] == expected
    with open_results(tmp_path, parts="rb") as results:
        prepare_again(results, limits)
    assert [(chunk.text.strip(), chunk.place) for chunk in read_chunks(tmp_path)] == expected


def test_warnings_are_bounded_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warnings = ("A \x00 \ud800 b\nc.", *(f"{n} {'long ' * 1000}" for n in range(1, 1060)))
    made = prepared(tmp_path, monkeypatch, ParsedFile("md", "x", TEXT, warnings=warnings), Limits())
    told = made.warnings
    assert told[0] == "A ? b c."
    assert len(told) == 51
    assert all(len(sentence) <= 500 for sentence in told)
    assert told[-1] == "There are 1,010 more such warnings."


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b"\xff", b'[0, 0, "text"]', b'[0, 0, 4, 1, "no list", "text", 1, ""]', b"[" * 100_000],
)
def test_results_that_a_parser_does_not_write_are_refused_without_a_word_of_them(
    line: bytes, tmp_path: Path
) -> None:
    for name in ("parts.jsonl", "chunks.jsonl"):
        (tmp_path / name).write_bytes(line + b"\n")
    for read in (read_parts, read_chunks):
        with pytest.raises(InputRejected, match="its parser wrote no results"):
            list(read(tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        "# A\r\n\r\none\rtwo\x0cthree\x0bfour\u2028five\u2029six\x85seven\x07\n",
        "\ufeff---\ntitle: x\n---\n\n- a\n  - b\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n",
        "\x1b[31mred\x1b[0m and \x7f so on\n\n```\n# no heading\n```\n",
        "long lines " * 20_000 + "\r\n\r\n# End\n\n" + "- a\n" * 1_500,
        "long " * 60_000 + "\r\n\r\n# End\n\n" + "- a\r\n" * 3_000,
    ],
)
async def test_what_is_read_of_a_text_at_once_is_what_its_parser_gives(text: str, tmp_path: Path) -> None:
    original = tmp_path / "original"
    original.write_bytes(text.encode())
    with original.open("rb") as file, open_results(tmp_path) as results:
        made = prepare(file, results, "x.md", Limits(), "x")
    stored = list(read_parts(tmp_path))
    ready = await readable(text)
    assert ready is not None
    rows = list(ready.rows())
    assert "".join(row[2] for row in rows) == "".join(row[2] for row in stored)
    assert (ready.characters, ready.language) == (made.characters, made.language)
    if ready.structured:
        assert (rows, ready.blocks) == (stored, made.blocks)
    else:
        assert {block[1] for row in rows for block in orjson.loads(row[3])} == {BlockType.TEXT}


async def test_nothing_is_read_of_a_text_without_any() -> None:
    assert await readable("\ufeff\x07 \r\n") is None
