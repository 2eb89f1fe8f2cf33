"""Fingerprints find the windows that they were made of, wherever these lie, and nothing else."""

import io
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lethe.core.ingestion.prepare import PreparedChunk
from lethe.core.scrub.fingerprints import (
    PIECE,
    SIZE,
    WINDOW,
    FingerprintHasher,
    Kind,
    SoughtFingerprints,
    split,
)
from lethe.core.scrub.samples import MOST_BYTES, FingerprintSampler

MARKER = FingerprintHasher(b"k" * 32)
WINDOWS = st.binary(min_size=WINDOW, max_size=WINDOW).filter(lambda window: len(set(window)) > 5)


def chunk(position: int, text: str) -> PreparedChunk:
    return PreparedChunk(position, 0, len(text), 1, [], text, 1, "")


@settings(max_examples=30, deadline=None)
@given(window=WINDOWS, others=st.lists(WINDOWS, max_size=5), start=st.integers(0, 3 * PIECE))
def test_a_window_is_found_at_every_place_of_a_file(window: bytes, others: list[bytes], start: int) -> None:
    mark = MARKER.mark(window, Kind.TEXT)
    wanted = SoughtFingerprints(MARKER, [mark, *(MARKER.mark(other, Kind.TEXT) for other in others)])
    file = b"\0" * start + window + b"\0" * 40
    found = wanted.count(io.BytesIO(file))
    assert found[mark] == 1
    assert set(found) == {MARKER.mark(w, Kind.TEXT) for w in [window, *others] if w in file}


def test_windows_over_the_borders_of_reads_and_pieces_are_found_once() -> None:
    file = np.random.default_rng(1).bytes(65 * PIECE + 500)
    places = [
        b + d for b in (0, PIECE, 2 * PIECE, 64 * PIECE) for d in (-32, -31, -16, -1, 0, 1) if b + d >= 0
    ]
    marks = {
        MARKER.mark(file[place : place + WINDOW], Kind.ORIGINAL) for place in [*places, len(file) - WINDOW]
    }
    found = SoughtFingerprints(MARKER, marks).count(io.BytesIO(file))
    assert set(found) == marks
    assert set(found.values()) == {1}


def test_nothing_is_found_with_another_key() -> None:
    window = b"a window of just thirty-two byte"
    other = FingerprintHasher(b"o" * 32)
    assert not SoughtFingerprints(other, [MARKER.mark(window, Kind.TEXT)]).count(io.BytesIO(window))
    assert not SoughtFingerprints(MARKER, []).count(io.BytesIO(window))


@settings(max_examples=30, deadline=None)
@given(
    texts=st.lists(st.text(min_size=1, max_size=300), min_size=1, max_size=20), dimension=st.integers(1, 40)
)
def test_samples_are_bounded_and_lie_in_what_they_were_taken_from(texts: list[str], dimension: int) -> None:
    samples = FingerprintSampler(MARKER, chunks=len(texts))
    vectors = np.random.default_rng(2).normal(size=(len(texts), dimension)).astype(np.float16)
    rows = list(samples.noting((chunk(i, text) for i, text in enumerate(texts)), vectors))
    assert [row.text for row in rows] == texts
    marks = split(samples.stored)
    assert len(samples.stored) <= MOST_BYTES
    assert {len(mark) for mark in marks} <= {SIZE}
    lying = b"\xff".join([*(text.encode() for text in texts), *(vector.tobytes() for vector in vectors)])
    assert set(SoughtFingerprints(MARKER, marks).count(io.BytesIO(lying))) == set(marks)


def test_a_document_is_sampled_everywhere_and_not_where_it_says_nothing(tmp_path: Path) -> None:
    texts = [
        f"Chunk {i} says that the {i * 77} keys of house {i * 13} are with neighbour {i}." for i in range(20)
    ]
    samples = FingerprintSampler(MARKER, chunks=len(texts))
    list(samples.noting((chunk(i, t) for i, t in enumerate(texts)), np.ones((20, 32), np.float16)))
    original = tmp_path / "original"
    original.write_bytes(b"-" * 5000 + "".join(texts).encode() * 9)
    samples.original(original)
    samples.names(
        [{"title": "A title that is long enough to be told from others"}, {"k": ["short", 3, None]}]
    )
    kinds = [mark[:1] for mark in split(samples.stored)]
    assert kinds.count(b"T") in (3, 8)
    assert kinds.count(b"E") == 1  # all embeddings are the same here
    assert kinds.count(b"O") in (2, 3)
    assert kinds.count(b"N") == 1


def test_the_samples_of_original_and_names_outlast_new_chunks() -> None:
    before = FingerprintSampler(MARKER, chunks=1)
    vectors = np.ones((1, 16), np.float16)
    list(before.noting([chunk(0, "the first text, which is a bit longer than a window")], vectors))
    before.names(["a name that is longer than thirty-two bytes"])
    after = FingerprintSampler(MARKER, chunks=1)
    list(after.noting([chunk(0, "another text, which is a bit longer than a window")], vectors * 2))
    after.keep(before.stored)
    old, new = split(before.stored), split(after.stored)
    assert [mark[:1] for mark in new].count(b"T") in (3, 8)
    assert {mark for mark in old if mark[:1] == b"N"} == {mark for mark in new if mark[:1] == b"N"}
    assert not {mark for mark in old if mark[:1] in b"TE"} & set(new)
