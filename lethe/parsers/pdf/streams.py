"""Counts the unpacked bytes of a PDF's streams before any PDF library unpacks them."""

import re
import zlib

from lethe.parsers.containers import check_unpacked
from lethe.parsers.source import Source

_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_IMAGE = re.compile(rb"/Subtype\s*/Image\b")
_DICTIONARY = 1024
"""How many bytes before a stream are searched for its kind."""
_PIECE = 64 * 1024
_DEEPEST = 4
"""The deepest nesting of compression; a PDF may name a filter several times."""


def check_streams(source: Source, data: bytes) -> None:
    """Raises InputRejected for a PDF whose deflated streams together unpack to more than `limits` allow. A stream
    counts as deflated by its first bytes, not by its dictionary. Images are not counted, since Lethe never unpacks
    them."""
    unpacked = 0
    for match in _STREAM.finditer(data):
        if not _IMAGE.search(data, max(0, match.start() - _DICTIONARY), match.start()):
            unpacked = _inflate(source, data, match.end(), unpacked)


def _inflate(source: Source, data: bytes, start: int, unpacked: int) -> int:
    """`unpacked` plus the number of bytes that the stream at `start` unpacks to."""
    if not _is_zlib(data[start : start + 2]):
        return unpacked
    chain = [zlib.decompressobj()]
    view = memoryview(data)
    for offset in range(start, len(data), _PIECE):
        pieces: list[bytes | memoryview] = [view[offset : offset + _PIECE]]
        level = 0
        while level < len(chain):
            out: list[bytes | memoryview] = []
            for piece in pieces:
                try:
                    got = chain[level].decompress(piece)
                except zlib.error:
                    return unpacked
                unpacked += len(got)
                check_unpacked(source, unpacked, "PDF")
                if (
                    level + 1 == len(chain)
                    and _is_zlib(got[:2])
                    and len(chain) < _DEEPEST
                    and offset == start
                ):
                    chain.append(zlib.decompressobj())
                out += [memoryview(got)[at : at + _PIECE] for at in range(0, len(got), _PIECE)]
            pieces = out
            level += 1
        if chain[0].eof:
            break
    return unpacked


def _is_zlib(start: bytes) -> bool:
    """Whether these two bytes are a zlib header (RFC 1950): method 8, and a multiple of 31."""
    return len(start) == 2 and start[0] & 0x0F == 8 and (start[0] << 8 | start[1]) % 31 == 0
