"""Web pages read as a caller reads them."""

import tempfile
from pathlib import Path

from lethe.domain.errors import InputRejected
from lethe.domain.limits import Limits
from lethe.domain.records.blocks import ParsedFile
from lethe.parsers import parse


def read(page: str | bytes) -> ParsedFile:
    """What the page says."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(page.encode() if isinstance(page, str) else page)
        return parse(path, "a.html", Limits())


def read_or_refused(page: str | bytes) -> str:
    """Its markdown, or the sentence with which it is refused."""
    try:
        return read(page).markdown
    except InputRejected as refusal:
        return str(refusal)
