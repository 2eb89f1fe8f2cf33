"""A document's text and tree, stored in parts, and selections from them.

A document may have millions of nodes, so they are decoded from the stored parts on every iteration and never held in
memory all at once.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import orjson

from lethe.domain.file_types import place_in, rows_in
from lethe.domain.json import Json
from lethe.domain.records.blocks import Block, BlockType, Chunk, Part
from lethe.domain.records.documents import LiveDocument
from lethe.store.documents import StoredPart
from lethe.text import chunking, selection
from lethe.text.blocks import split_parts, with_rows
from lethe.text.selection import Origin

_SLICE = 256 * 1024
"""How many characters are encoded as JSON at a time."""


@dataclass(frozen=True, slots=True)
class NodeFilter:
    """Selects nodes of a document's tree; text/selection.py defines how."""

    include: frozenset[BlockType] | None = None
    exclude: frozenset[BlockType] | None = None
    node_ids: frozenset[str] | None = None
    include_children: bool = True
    include_ancestors: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a document's text for chunked-content. `place`: where it begins (see `Text.place`), and its rows up to
    where the place changes; `headings`: those above its first text."""

    id: str
    document: LiveDocument
    text: str
    start: int
    place: Mapping[str, Json]
    headings: Sequence[str]


@dataclass(frozen=True, slots=True)
class Blocks:
    """All blocks of a document in order; may be iterated more than once."""

    parts: Sequence[StoredPart]

    def __iter__(self) -> Iterator[Block]:
        for part in self.parts:
            yield from _blocks(part)


@dataclass(frozen=True, slots=True)
class Text:
    """A live document with its stored parts."""

    document: LiveDocument
    parts: Sequence[StoredPart]

    @property
    def blocks(self) -> Blocks:
        """Its tree."""
        return Blocks(self.parts)

    def node_id(self, number: int) -> str:
        """The id of a block: unique across documents, and stable while the content does not change."""
        return f"{self._id}-{number:x}"

    def place(self, number: int) -> Mapping[str, Json]:
        """The page, slide, sheet or part with this number, as fields of an answer."""
        return place_in(self.document.file_type, number, (self.document.places or {}).get(str(number)))

    def markdown(self, chosen: AbstractSet[int] | None) -> Iterator[bytes]:
        """The text of the chosen blocks (None: all) as a JSON string."""
        whole = (part.text for part in self.parts)
        return json_string(whole if chosen is None else [self._joined(chosen)])

    def tree(self, chosen: AbstractSet[int] | None) -> Iterator[bytes]:
        """The tree of the chosen blocks as JSON."""
        return selection.to_tree(
            self._joined(None), self.blocks, chosen, node_id=self.node_id, place=self.place
        )

    def pieces(self, chosen: AbstractSet[int] | None, max_tokens: int) -> Iterator[Piece]:
        """The text of the chosen blocks in pieces of at most `max_tokens` tokens.

        Their ids are as stable as those of blocks. The ids of pieces of a filtered text contain that text's hash, since
        their offsets refer to it.
        """
        if chosen is None:
            for chunk in chunking.chunks(map(_part, self.parts), max_tokens):
                yield self._piece(chunk, "", chunk.place, chunk.headings)
            return
        whole = self._joined(None)
        text = selection.to_markdown(whole, self.blocks, chosen)
        origins = selection.origins(whole, self.blocks, chosen)
        rows = selection.sheet_rows(whole, self.blocks, chosen)
        filtered = f".{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        parts = (_from(origins, with_rows(part, rows)) for part in split_parts(text))
        for chunk in chunking.chunks(parts, max_tokens):
            _, place, headings = _origin(origins, chunk.start)
            yield self._piece(chunk, filtered, place, headings)

    def choose(self, nodes: NodeFilter | None) -> AbstractSet[int] | None:
        """The numbers of the chosen blocks; None for all."""
        if nodes is None:
            return None
        return selection.select(
            self.blocks,
            include=nodes.include,
            exclude=nodes.exclude,
            numbers=None if nodes.node_ids is None else self._numbers(nodes.node_ids),
            include_children=nodes.include_children,
            include_ancestors=nodes.include_ancestors,
        )

    @property
    def _id(self) -> str:
        # A text that is not structured yet must not share ids with its later blocks.
        kind = "" if self.document.structured else "t"
        return f"{self.document.node_id[-8:]}{self.document.hash[:12]}{kind}"

    def _piece(self, chunk: Chunk, filtered: str, place: int, headings: Sequence[str]) -> Piece:
        id = f"{self._id}{filtered}@{chunk.start:x}-{chunk.end:x}"
        where = {**self.place(place), **rows_in(chunk.rows)}
        return Piece(id, self.document, chunk.text, chunk.start, where, headings)

    def _numbers(self, node_ids: Iterable[str]) -> set[int]:
        """The block numbers of those ids that belong to this document."""
        numbers = set()
        for id in node_ids:
            own, _, number = id.partition("-")
            try:
                if own == self._id and self.node_id(int(number, 16)) == id:
                    numbers.add(int(number, 16))
            except ValueError:
                continue
        return numbers

    def _joined(self, chosen: AbstractSet[int] | None) -> str:
        return selection.to_markdown("".join(part.text for part in self.parts), self.blocks, chosen)


def together(found: Sequence[LiveDocument], parts: Iterable[StoredPart]) -> Iterator[Text]:
    """Each document with its parts."""
    by_node: dict[str, list[StoredPart]] = {}
    for part in parts:
        by_node.setdefault(part.node_id, []).append(part)
    return (Text(document, by_node.get(document.node_id, [])) for document in found)


def json_string(texts: Iterable[str]) -> Iterator[bytes]:
    """The concatenated texts as one JSON string."""
    yield b'"'
    for text in texts:
        for start in range(0, len(text), _SLICE):
            yield orjson.dumps(text[start : start + _SLICE])[1:-1]
    yield b'"'


def _origin(origins: Sequence[Origin], offset: int) -> Origin:
    at = bisect_right(origins, offset, key=lambda origin: origin.offset)
    return origins[max(0, at - 1)] if origins else Origin(0, 0, ())


def _from(origins: Sequence[Origin], part: Part) -> Part:
    """The part of a filtered text, with the places of its blocks."""
    blocks = (block._replace(place=_origin(origins, block.start).place) for block in part.blocks)
    return replace(part, blocks=tuple(blocks))


def _part(stored: StoredPart) -> Part:
    return Part(stored.part, stored.start, stored.text, tuple(_blocks(stored)))


def _blocks(part: StoredPart) -> Iterator[Block]:
    for number, kind, *rest in orjson.loads(part.blocks):
        yield Block(number, BlockType(kind), *rest)
