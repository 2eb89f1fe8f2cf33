"""What comes of a file: its places in blocks and chunks, and bounded warnings."""

from pathlib import Path

import orjson
import pytest

from lethe.adapters import parsers
from lethe.core.ingestion.prepare import open_results, prepare, prepare_again, read_chunks, read_parts
from lethe.domain.document import ParsedFile, Place
from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.domain.records import Prepared

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
