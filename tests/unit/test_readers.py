"""The readers that callers see are those that read."""

from lethe.domain.file_types import READERS, readable, reader_of
from lethe.parsers import _READERS


def test_each_type_has_one_reader() -> None:
    named = [extension for extensions in READERS.values() for extension in extensions]
    assert len(named) == len(set(named))
    assert set(named) == set(_READERS)
    assert {reader_of(extension) for extension in _READERS} == set(READERS)
    assert {".md", ".markdown", ".rst"} < set(readable("text"))
