"""Bodies of batches are read without more memory than they have bytes, whatever is in them."""

import tracemalloc

import pytest
from fastapi.exceptions import RequestValidationError

from lethe.api.artifacts.batches import _bodies

SIZE = 1024 * 1024


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b'{"documents": [' + b"1," * (SIZE // 2) + b"1]}", False),
        (b"ab\n" * (SIZE // 3), True),
        (b" \r\n" * (SIZE // 3), True),
    ],
    ids=["a list", "lines", "blank lines"],
)
def test_as_many_elements_as_fit_take_no_memory_before_they_are_refused(body: bytes, lines: bool) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(RequestValidationError, match=r"at most 1,000|at least one"):
            _bodies(body, lines=lines)
        assert tracemalloc.get_traced_memory()[1] < len(body)
    finally:
        tracemalloc.stop()
