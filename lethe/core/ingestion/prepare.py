"""The CPU part of an ingestion: file to parts and chunks. Runs in a child process with limits of its own.

Results go to files in a scratch folder, a JSON line each, so that no process holds a large document twice. Who reads
them does not trust them: a parser that was taken over may have written them.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, TypeVar

import msgspec
import orjson

from lethe.domain.document import Block, BlockType, Chunk, Part, Place
from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.domain.records import Prepared
from lethe.text import blocks as tree
from lethe.text import chunking, languages, lexemes

_PARTS, _CHUNKS = "parts.jsonl", "chunks.jsonl"
_MOST_WARNINGS = 50
_WARNING_CHARACTERS = 500
_MOST_NAMES = 10_000
_NAME_CHARACTERS = 200
_LINE_BYTES = 64 * 1024 * 1024
"""A part has 128 Ki characters and at most as many blocks, of some 60 bytes each."""

Line = TypeVar("Line")


class PartLine(NamedTuple):
    """A line of the parts' file; `blocks` is JSON."""

    number: int
    start: int
    text: str
    blocks: str


class PreparedChunk(NamedTuple):
    """A line of the chunks' file: the chunk, and its words as `length` and a tsvector literal."""

    position: int
    start: int
    stop: int
    tokens: int
    headings: list[str]
    text: str
    length: int
    tsvector: str
    place: int = 0

    @property
    def passage(self) -> str:
        """What is embedded: the titles of the sections around the chunk, and its text."""
        return f"{' > '.join(self.headings)}\n{self.text}" if self.headings else self.text


class Results(NamedTuple):
    """The open files of parts and chunks."""

    parts: BinaryIO
    chunks: BinaryIO


@contextmanager
def open_results(folder: Path, *, parts: Literal["rb", "wb"] = "wb") -> Iterator[Results]:
    """The files of a folder for `prepare` to write, or with parts "rb" for `prepare_again`."""
    with (folder / _PARTS).open(parts) as parts_file, (folder / _CHUNKS).open("wb") as chunks_file:
        yield Results(parts_file, chunks_file)


def prepare(
    source: BinaryIO, results: Results, file_name: str | None, limits: Limits, label: str
) -> Prepared:
    """Parse a file, split it along its structure and analyse its words.

    Args:
        source: the original.
        results: to be read by `read_parts` and `read_chunks`.
        file_name: its extension tells the type; None to tell it by the content.
        label: what a file without a name is called in the sentence that refuses it.

    Raises:
        InputRejected: wrong type, damaged, encrypted, without text, over a limit.
    """
    from lethe.adapters import parsers  # noqa: PLC0415 30 MB, which only the process with the children needs

    # A path that is the open file's: another one a child may not open.
    parsed = parsers.parse(Path(f"/proc/self/fd/{source.fileno()}"), file_name, limits, label)
    language = languages.detect(parsed.markdown)
    blocks = 0

    def recorded(parts: Iterable[Part]) -> Iterator[Part]:
        nonlocal blocks
        for part in (_placed(part, parsed.places) for part in parts):
            results.parts.write(orjson.dumps(tuple(row_of(part))) + b"\n")
            blocks += len(part.blocks)
            yield part

    parts = recorded(tree.split_parts(parsed.markdown))
    chunks = _write_chunks(parts, results.chunks, language, limits)
    return Prepared(
        file_type=parsed.file_type,
        media_type=parsed.media_type,
        language=language,
        characters=len(parsed.markdown),
        blocks=blocks,
        chunks=chunks,
        title=parsed.title,
        warnings=_told(parsed.warnings),
        places={
            str(place.number): _line(place.name, _NAME_CHARACTERS)
            for place in parsed.places[:_MOST_NAMES]
            if place.name.strip()
        },
    )


def _told(warnings: Sequence[str]) -> tuple[str, ...]:
    """The sentences that are kept, each in a bounded line, and one more that counts the others."""
    told = tuple(_line(sentence, _WARNING_CHARACTERS) for sentence in warnings[:_MOST_WARNINGS])
    more = len(warnings) - len(told)
    return (*told, f"There are {more:,} more such warnings.") if more else told


def _line(text: str, characters: int) -> str:
    """`text` in one line, with nothing that a database or JSON cannot hold, cut at `characters`."""
    line = " ".join(text.replace("\0", " ").split()).encode("utf-8", "replace").decode()
    return line if len(line) <= characters else f"{line[: characters - 1]}…"


def _placed(part: Part, places: Sequence[Place]) -> Part:
    """The part, with the page, slide, sheet or part of the file in which each of its blocks begins."""
    if not places:
        return part
    before = bisect_right(places, part.start, key=lambda place: place.start)
    return replace(
        part,
        blocks=tuple(
            block._replace(place=places[at - 1].number)
            if (at := bisect_right(places, block.start, lo=max(0, before - 1), key=lambda place: place.start))
            else block
            for block in part.blocks
        ),
    )


def prepare_again(results: Results, limits: Limits) -> tuple[int, str]:
    """Make the chunks of a document anew from the parts, which `write_parts` has written.

    Returns:
        How many they are, and the language of the text.
    """
    language = languages.detect("".join(text for _, _, text, _ in _lines(results.parts, PartLine)))
    results.parts.seek(0)
    parts = (
        Part(number, start, text, tuple(Block(b[0], BlockType(b[1]), *b[2:]) for b in orjson.loads(blocks)))
        for number, start, text, blocks in _lines(results.parts, PartLine)
    )
    return _write_chunks(parts, results.chunks, language, limits), language


def write_parts(folder: Path, parts: Iterable[tuple[int, int, str, str]]) -> None:
    """Write a document's stored parts as `prepare` does: number, start, text, blocks as JSON."""
    with (folder / _PARTS).open("wb") as file:
        file.writelines(orjson.dumps(part) + b"\n" for part in parts)


def row_of(part: Part) -> PartLine:
    """A part as it is stored."""
    blocks = orjson.dumps([tuple(block) for block in part.blocks]).decode()
    return PartLine(part.number, part.start, part.text, blocks)


def read_parts(folder: Path) -> Iterator[PartLine]:
    """The parts that `prepare` wrote. Raises InputRejected for what it does not write."""
    with (folder / _PARTS).open("rb") as file:
        yield from _lines(file, PartLine)


def read_chunks(folder: Path) -> Iterator[PreparedChunk]:
    """The chunks that `prepare` wrote, by position. Raises InputRejected for what it does not write."""
    with (folder / _CHUNKS).open("rb") as file:
        yield from _lines(file, PreparedChunk)


def _lines(file: BinaryIO, kind: type[Line]) -> Iterator[Line]:
    decoder = msgspec.json.Decoder(kind)
    while line := file.readline(_LINE_BYTES):
        try:
            decoded = decoder.decode(line)
        except ValueError:  # and not from it, which may quote the document
            raise InputRejected("The document could not be parsed: its parser wrote no results.") from None
        yield decoded


def _says_something(text: str) -> bool:
    """True when there is a letter, a digit or a symbol such as an emoji: else there is nothing to find."""
    return any(c.isalnum() or unicodedata.category(c) == "So" for c in text)


def _write_chunks(parts: Iterable[Part], file: BinaryIO, language: str, limits: Limits) -> int:
    count = 0
    for chunk in chunking.chunks(parts, limits.chunk_tokens):
        if not _says_something(chunk.text):
            continue
        file.write(orjson.dumps(tuple(_analysed(chunk, language))) + b"\n")
        count += 1
    return count


def _analysed(chunk: Chunk, language: str) -> PreparedChunk:
    words = lexemes.analyse(lexemes.searched(chunk.headings, chunk.text), language)
    return PreparedChunk(
        position=chunk.position,
        start=chunk.start,
        stop=chunk.end,
        tokens=chunk.tokens,
        headings=list(chunk.headings),
        text=chunk.text,
        length=words.length,
        tsvector=words.tsvector,
        place=chunk.place,
    )
