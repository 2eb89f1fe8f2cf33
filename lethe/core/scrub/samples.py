"""Samples a document while it is stored: windows of its text, embeddings, original and names."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from lethe.core.ingestion.prepare import PreparedChunk
from lethe.core.scrub.fingerprints import SIZE, WINDOW, Fingerprint, FingerprintHasher, Kind, split
from lethe.domain.json import Json
from lethe.store.database.vectors import Vectors

MOST_BYTES = 19 * SIZE
_TEXTS, _EMBEDDINGS, _ORIGINALS, _NAMES = 8, 4, 4, 3
_HALVES = WINDOW // 2
_LOOK = 512
"""How many bytes are searched for a distinctive window."""
_DISTINCT = 10
"""A window with at least this many distinct bytes is distinctive: prose has 14 to 20, a ruled line of a table 2."""

_ESCAPED = frozenset((*range(32), *b'"\\'))
"""Bytes that JSON escapes. A name's window has none, since the metadata of remaining documents is searched as JSON."""


class FingerprintSampler:
    """The samples of one document.

    Args:
        chunks: how many chunks the document has; the samples are spread over them.
    """

    def __init__(self, marker: FingerprintHasher, *, chunks: int) -> None:
        self._marker = marker
        self._chunks = chunks
        self._index = 0
        self._found: dict[Fingerprint, None] = {}

    @property
    def stored(self) -> bytes:
        """The fingerprints as they are stored, at most MOST_BYTES."""
        return b"".join(self._found)

    def noting(self, chunks: Iterable[PreparedChunk], vectors: Vectors) -> Iterator[PreparedChunk]:
        """Pass the chunks on, sampling some of them; `vectors` are their embeddings."""
        for chunk, vector in zip(chunks, vectors, strict=False):
            self._text(chunk.text)
            self._embedding(vector)
            self._index += 1
            yield chunk

    def original(self, path: Path) -> None:
        """Sample the original file."""
        size = path.stat().st_size
        with path.open("rb") as file:
            for number in range(_ORIGINALS):
                file.seek(number * size // _ORIGINALS)
                self._add(_telling(file.read(_LOOK)), Kind.ORIGINAL)

    def names(self, values: Iterable[Json]) -> None:
        """Sample the longest texts in these values, such as title and metadata, without duplicates."""
        longest = sorted({text.encode() for text in _texts(values)}, key=len, reverse=True)
        windows = (_telling(text[:_LOOK], _ESCAPED) for text in longest[: 4 * _NAMES])
        for window in islice(dict.fromkeys(filter(None, windows)), _NAMES):
            self._add(window, Kind.NAME)

    def keep(self, stored: bytes | None) -> None:
        """Keep the samples of original and names taken when the document was first stored."""
        lasting = (Kind.ORIGINAL.value, Kind.NAME.value)
        self._found.update(dict.fromkeys(f for f in split(stored or b"") if f[:1] in lasting))

    def _text(self, text: str) -> None:
        encoded = b""
        for number in range(_TEXTS):
            index, rest = divmod(number * self._chunks, _TEXTS)
            if index == self._index:
                encoded = encoded or text.encode()
                start = rest * len(encoded) // _TEXTS
                self._add(_telling(encoded[start : start + _LOOK]), Kind.TEXT)

    def _embedding(self, vector: Vectors) -> None:
        if any(number * self._chunks // _EMBEDDINGS == self._index for number in range(_EMBEDDINGS)):
            self._add(_common_to_row_and_index(vector), Kind.EMBEDDING)

    def _add(self, window: bytes | None, kind: Kind) -> None:
        if window is not None:
            self._found.setdefault(self._marker.mark(window, kind))


def of_names(hasher: FingerprintHasher, names: Iterable[Json]) -> bytes:
    """The fingerprints of titles and metadata, for each as many as `FingerprintSampler.names` takes."""
    samples = FingerprintSampler(hasher, chunks=0)
    for each in names:
        samples.names([each])
    return samples.stored


def _telling(data: bytes, without: frozenset[int] = frozenset()) -> bytes | None:
    """The first distinctive window without the bytes in `without`; None if there is none."""
    for start in range(len(data) - WINDOW + 1):
        window = data[start : start + WINDOW]
        if len(set(window)) >= _DISTINCT and without.isdisjoint(window):
            return window
    return None


def _common_to_row_and_index(vector: Vectors) -> bytes | None:
    """16 numbers that are stored identically in the row and in the HNSW index, which scales vectors to length 1."""
    if len(vector) < _HALVES:
        return None
    exact = vector.astype(np.float32)
    length = np.sqrt(np.square(exact, dtype=np.float64).sum())
    scaled = (exact / length).astype(np.float32).astype(np.float16) if length else vector
    start = int(np.argmax(np.convolve(vector == scaled, np.ones(_HALVES, np.intp), "valid")))
    return vector[start : start + _HALVES].astype("<f2").tobytes()


def _texts(values: Iterable[Json]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from _texts(value.values())
        elif isinstance(value, list):
            yield from _texts(value)
