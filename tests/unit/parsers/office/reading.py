"""Office documents read as a caller reads them."""

from pathlib import Path

from lethe.adapters.parsers import parse
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile


def read(directory: Path, data: bytes, name: str) -> ParsedFile:
    """What the file of this name says; it lies in the directory meanwhile."""
    (directory / "upload").write_bytes(data)
    return parse(directory / "upload", name, Limits())
