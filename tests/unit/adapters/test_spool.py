"""Answers on their way out: in memory while they are small, else in a file that goes with them."""

from pathlib import Path

import pytest

from lethe.adapters.scratch import Scratch
from lethe.adapters.spool import MEMORY_BYTES, Spool
from lethe.domain.errors import LimitExceeded


async def read(spool: Spool) -> bytes:
    return b"".join([piece async for piece in spool.pieces()])


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "lock"]


async def test_a_small_answer_is_in_memory_and_a_large_one_in_a_file_with_a_name(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    for size in (0, 10, MEMORY_BYTES, MEMORY_BYTES + 1, 3 * MEMORY_BYTES):
        spool = Spool(scratch, 10 * MEMORY_BYTES, advice="ask for less")
        data = bytes(n % 251 for n in range(size))
        for start in range(0, size, 60_000):
            spool.write(data[start : start + 60_000])
        assert spool.size == size
        assert len(files(tmp_path)) == spool.is_on_disk == (size > MEMORY_BYTES)
        assert await read(spool) == data
        spool.close()
        assert files(tmp_path) == []
    scratch.close()


def test_an_answer_over_the_bound_is_refused_before_it_is_held(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    spool = Spool(scratch, 100, advice="ask for less")
    spool.write(b"x" * 100)
    with pytest.raises(LimitExceeded, match="more than 100 bytes: ask for less"):
        spool.write(b"y")
    with pytest.raises(LimitExceeded, match="more than 100 bytes: ask for less"):
        spool.require_room(1)
    assert spool.size == 100
    scratch.close()
