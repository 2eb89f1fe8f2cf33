"""Fingerprints of a document are kept so that its bytes can be searched for after its erasure.

A fingerprint identifies a window of 32 bytes as stored on disk, without containing any of them. It is a polynomial
hash modulo 2^64 with a secret base, computed at every offset of a file with a running sum, and four bytes of a keyed
BLAKE2b, which rule out collisions of the hash.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

WINDOW = 32
"""Bytes covered by a fingerprint."""
SIZE = 13
"""Bytes of a fingerprint: one for its kind, eight for the hash, four for the check."""
PIECE = 1 << 14
"""Windows per step. Measured: 64 MB/s per core; twice as many exceed its cache: 37 MB/s."""
_READ = 64 * PIECE

Fingerprint = bytes
_Numbers = npt.NDArray[np.uint64]


class Kind(Enum):
    """Where the window was taken from."""

    TEXT = b"T"
    EMBEDDING = b"E"
    ORIGINAL = b"O"
    NAME = b"N"


class FingerprintHasher:
    """Computes fingerprints.

    Args:
        key: the installation's secret, 32 bytes; without it a fingerprint reveals nothing.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        base = int.from_bytes(hashlib.blake2b(key, digest_size=8, person=b"lethe base").digest()) | 1
        self._powers = _powers(base, PIECE + WINDOW - 1)
        self._inverses = _powers(pow(base, -1, 1 << 64), PIECE)

    def mark(self, window: bytes, kind: Kind) -> Fingerprint:
        """The fingerprint of 32 bytes."""
        data = np.frombuffer(window, np.uint8)
        number = (data * self._powers[:WINDOW]).sum(dtype=np.uint64)
        return bytes(kind.value + number.tobytes() + self.check(window))

    def check(self, window: bytes) -> bytes:
        """The keyed check of 32 bytes."""
        return hashlib.blake2b(window, digest_size=4, key=self._key).digest()

    def hashes(self, data: npt.NDArray[np.uint8]) -> _Numbers:
        """The hash of the window at each offset of `data`, which has 32 to PIECE + 31 bytes."""
        sums = np.zeros(len(data) + 1, np.uint64)
        np.cumsum(data * self._powers[: len(data)], out=sums[1:])
        found: _Numbers = (sums[WINDOW:] - sums[:-WINDOW]) * self._inverses[: len(data) - WINDOW + 1]
        return found


class SoughtFingerprints:
    """A set of fingerprints to search for."""

    def __init__(self, marker: FingerprintHasher, fingerprints: Iterable[Fingerprint]) -> None:
        self._marker = marker
        self._known: dict[int, list[Fingerprint]] = {}
        for fingerprint in set(fingerprints):
            number = int.from_bytes(fingerprint[1:9], "little")
            self._known.setdefault(number, []).append(fingerprint)
        numbers = np.array(list(self._known), np.uint64)
        # A table with 64 times as many entries as fingerprints rules out most offsets by the hash's first bits.
        bits = min(24, max(16, len(self._known).bit_length() + 6))
        self._shift = np.uint64(64 - bits)
        self._first = np.zeros(1 << bits, np.bool_)
        self._first[(numbers >> self._shift).view(np.int64)] = True

    def __bool__(self) -> bool:
        return bool(self._known)

    def count(self, file: BinaryIO) -> Counter[Fingerprint]:
        """How often each fingerprint occurs in a file from its current position on."""
        found: Counter[Fingerprint] = Counter()
        kept = b""
        while piece := file.read(_READ):
            kept += piece
            found.update(self.find(kept))
            kept = kept[1 - WINDOW :]
        return found

    def find(self, data: bytes) -> Iterator[Fingerprint]:
        """The fingerprints found in `data`, each as often as it occurs."""
        array = np.frombuffer(data, np.uint8)
        for start in range(0, len(data) - WINDOW + 1, PIECE):
            piece = array[start : start + PIECE + WINDOW - 1]
            if not piece.any():
                continue
            hashes = self._marker.hashes(piece)
            # As signed numbers: indexing with unsigned numbers is ten times slower.
            for place in np.flatnonzero(self._first[(hashes >> self._shift).view(np.int64)]).tolist():
                if known := self._known.get(int(hashes[place])):
                    check = self._marker.check(data[start + place : start + place + WINDOW])
                    yield from (f for f in known if f[9:] == check)


def split(stored: bytes) -> list[Fingerprint]:
    """The fingerprints in a document's stored value."""
    return [stored[at : at + SIZE] for at in range(0, len(stored), SIZE)]


def _powers(base: int, count: int) -> _Numbers:
    """1, base, base², ... modulo 2^64."""
    powers = np.full(count, base, np.uint64)
    powers[0] = 1
    np.cumprod(powers, out=powers)
    return powers
