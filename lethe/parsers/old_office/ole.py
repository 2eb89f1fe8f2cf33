"""Tells which program wrote an OLE container: old Office formats, Outlook messages, encrypted files."""

import olefile

from lethe.parsers.source import Source

SIGNATURE = olefile.MAGIC
_STREAMS = (
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("__properties_version1.0", "an Outlook message (msg); save it as eml"),
)


def ole_kind(source: Source) -> str:
    """ "doc", "ppt", "xls", or a phrase that says what else the file is. Only the container's directory is read.

    Raises InputRejected for an encrypted file.
    """
    data = source.read()
    names = _names(data)
    found = next((kind for name, kind in _STREAMS if name in names), None)
    if found == "encrypted" or (found is None and "EncryptedPackage".encode("utf-16-le") in data):
        raise source.rejected("is encrypted: save it without a password and send it again")
    if found is None:
        return (
            "an old Office file (OLE container) of a kind that cannot be read; save it as docx, xlsx or pptx"
        )
    return found


def _names(data: bytes) -> set[str]:
    """The names at the container's root; empty if it is damaged."""
    try:
        with olefile.OleFileIO(data) as container:
            return {path[0] for path in container.listdir(storages=False) if len(path) == 1}
    except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError):
        return set()
