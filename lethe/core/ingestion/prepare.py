"""The CPU-bound part of an ingestion: from a file to parts and chunks. Runs in a child process with its own limits.

Results are JSON lines in files of a scratch folder, so that no process holds a large document twice. They are
validated when read, since a compromised parser may have written them.
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

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import Block, BlockType, Chunk, ParsedFile, Part, Place, Turn
from lethe.domain.records.documents import Prepared
from lethe.text import blocks as tree
from lethe.text import chunking, languages, lexemes
from lethe.text.blocks import with_rows

_PARTS, _CHUNKS = "parts.jsonl", "chunks.jsonl"
_MOST_WARNINGS = 50
_WARNING_CHARACTERS = 500
_MOST_NAMES = 10_000
_NAME_CHARACTERS = 200
_LINE_BYTES = 64 * 1024 * 1024
"""The longest line read: a part has up to 128 Ki characters, and as many blocks of about 60 bytes each."""

Line = TypeVar("Line")


class PartLine(NamedTuple):
    """A line of the parts' file; `blocks` is JSON."""

    number: int
    start: int
    text: str
    blocks: str


class PreparedChunk(NamedTuple):
    """A line of the chunks' file: the chunk, and its words as their number (`length`) and a tsvector literal."""

    position: int
    start: int
    stop: int
    tokens: int
    headings: list[str]
    text: str
    length: int
    tsvector: str
    place: int = 0
    turns: tuple[Turn, ...] = ()
    rows: tuple[int, ...] = ()

    @property
    def passage(self) -> str:
        """The text to embed: the headings above the chunk, and its text."""
        return f"{' > '.join(self.headings)}\n{self.text}" if self.headings else self.text


class Results(NamedTuple):
    """The open files for parts and chunks."""

    parts: BinaryIO
    chunks: BinaryIO


@contextmanager
def open_results(folder: Path, *, parts: Literal["rb", "wb"] = "wb") -> Iterator[Results]:
    """Open a folder's files for `prepare` to write, or for `prepare_again` with `parts="rb"`."""
    with (folder / _PARTS).open(parts) as parts_file, (folder / _CHUNKS).open("wb") as chunks_file:
        yield Results(parts_file, chunks_file)


def prepare(
    source: BinaryIO, results: Results, file_name: str | None, limits: Limits, label: str
) -> Prepared:
    """Parse a file, split it along its structure and analyse its words.

    Args:
        source: the original.
        results: for `read_parts` and `read_chunks`.
        file_name: its extension determines the type; None to detect it from the content.
        label: the name used in error messages for a file without a name.

    Raises:
        InputRejected: the file is of the wrong type, damaged, encrypted, without text or over a limit.
    """
    parsed = _parse(source, file_name, limits, label)
    language = languages.detect(parsed.markdown)
    parts = _Recorded(parsed, results.parts)
    chunks = _write_chunks(parts, results.chunks, language, limits)
    return _described(parsed, language=language, blocks=parts.blocks, chunks=chunks)


def prepare_all(
    sources: Sequence[BinaryIO], results: Results, names: Sequence[tuple[str | None, str]], limits: Limits
) -> list[Prepared | str]:
    """Like `prepare`, for several small files, each with its file name and label.

    `results` has them in order. A rejected file adds nothing to `results`; its error message takes the place of its
    description.
    """
    prepared: list[Prepared | str] = []
    for source, (file_name, label) in zip(sources, names, strict=True):
        starts = [file.tell() for file in results]
        try:
            prepared.append(prepare(source, results, file_name, limits, label))
        except InputRejected as exc:
            prepared.append(str(exc))
            for file, start in zip(results, starts, strict=True):
                file.seek(start)
                file.truncate()
    return prepared


def read(source: BinaryIO, parts: BinaryIO, file_name: str | None, limits: Limits, label: str) -> Prepared:
    """Like `prepare`, without chunks: for a text that will not be searched."""
    parsed = _parse(source, file_name, limits, label)
    recorded = _Recorded(parsed, parts)
    for _ in recorded:
        pass
    return _described(parsed, language="", blocks=recorded.blocks, chunks=0)


def _parse(source: BinaryIO, file_name: str | None, limits: Limits, label: str) -> ParsedFile:
    from lethe import parsers  # noqa: PLC0415 30 MB that only the parsing process needs

    # The path of the open file: the child may not open any other.
    return parsers.parse(Path(f"/proc/self/fd/{source.fileno()}"), file_name, limits, label)


class _Recorded:
    """The parts of a parsed file, each written to `file` as it is consumed; `blocks` counts their blocks."""

    def __init__(self, parsed: ParsedFile, file: BinaryIO) -> None:
        self._parsed = parsed
        self._file = file
        self.blocks = 0

    def __iter__(self) -> Iterator[Part]:
        for bare in tree.split_parts(self._parsed.markdown):
            part = with_rows(_placed(bare, self._parsed.places), self._parsed.rows)
            self._file.write(orjson.dumps(tuple(row_of(part))) + b"\n")
            self.blocks += len(part.blocks)
            yield part


def _described(parsed: ParsedFile, *, language: str, blocks: int, chunks: int) -> Prepared:
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
    """The first warnings, each cut to one line, and a final one that counts the rest."""
    told = tuple(_line(sentence, _WARNING_CHARACTERS) for sentence in warnings[:_MOST_WARNINGS])
    more = len(warnings) - len(told)
    return (*told, f"There are {more:,} more such warnings.") if more else told


def _line(text: str, characters: int) -> str:
    """`text` on one line, cut at `characters`, without anything that the database or JSON cannot hold."""
    line = " ".join(text.replace("\0", " ").split()).encode("utf-8", "replace").decode()
    return line if len(line) <= characters else f"{line[: characters - 1]}…"


def _placed(part: Part, places: Sequence[Place]) -> Part:
    """The part, with each block's page, slide, sheet or part of the file."""
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
    """Rebuild a document's chunks from the parts that `write_parts` wrote.

    Returns:
        The number of chunks, and the language of the text.
    """
    language = languages.detect("".join(text for _, _, text, _ in _lines(results.parts, PartLine)))
    results.parts.seek(0)
    parts = (
        Part(number, start, text, tuple(Block(b[0], BlockType(b[1]), *b[2:]) for b in orjson.loads(blocks)))
        for number, start, text, blocks in _lines(results.parts, PartLine)
    )
    return _write_chunks(parts, results.chunks, language, limits), language


def write_parts(folder: Path, parts: Iterable[tuple[int, int, str, str]]) -> None:
    """Write stored parts in the format of `prepare`: number, start, text, blocks as JSON."""
    with (folder / _PARTS).open("wb") as file:
        file.writelines(orjson.dumps(part) + b"\n" for part in parts)


def row_of(part: Part) -> PartLine:
    """A part as it is stored."""
    blocks = orjson.dumps([tuple(block if block.row else block[:-1]) for block in part.blocks]).decode()
    return PartLine(part.number, part.start, part.text, blocks)


def read_parts(folder: Path) -> Iterator[PartLine]:
    """The parts that `prepare` wrote. Raises InputRejected for malformed lines."""
    with (folder / _PARTS).open("rb") as file:
        yield from lines_of_parts(file)


def lines_of_parts(file: BinaryIO) -> Iterator[PartLine]:
    """The parts that `prepare` or `read` wrote to a file. Raises InputRejected for malformed lines."""
    return _lines(file, PartLine)


def read_chunks(folder: Path) -> Iterator[PreparedChunk]:
    """The chunks that `prepare` wrote, by position. Raises InputRejected for malformed lines."""
    with (folder / _CHUNKS).open("rb") as file:
        yield from _lines(file, PreparedChunk)


def _lines(file: BinaryIO, kind: type[Line]) -> Iterator[Line]:
    decoder = msgspec.json.Decoder(kind)
    while line := file.readline(_LINE_BYTES):
        try:
            decoded = decoder.decode(line)
        except ValueError:  # not `from` the cause, which may quote the document
            raise InputRejected("The document could not be parsed: its parser wrote no results.") from None
        yield decoded


def _says_something(text: str) -> bool:
    """Whether the text has a letter, a digit or a symbol such as an emoji, and so anything to search for."""
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
        turns=chunk.turns,
        rows=chunk.rows,
    )
