"""The files of a backup, and its manifest.

database.dump               pg_dump of one snapshot
blobs/<company>/<key>       the originals that its rows name
receipts/<company>.jsonl    receipts written between the snapshot and the end of the backup
manifest.json               the facts below
SHA256SUMS                  written last
"""

from datetime import datetime
from uuid import UUID

import msgspec

from lethe.adapters.archive import Archive
from lethe.domain.errors import OperatorError

DATABASE = "database.dump"
FORMAT = 1
_FILE = "manifest.json"


class Company(msgspec.Struct, frozen=True):
    """A company in the snapshot. `receipts` and `last`: number and hash of its last receipt, zeros if it has none."""

    id: str
    name: str
    documents: int
    receipts: int
    last: str


class Erasing(msgspec.Struct, frozen=True):
    """An erasure that had no receipt yet when the backup ended, and its documents.

    `salted`: the subject's name is hashed with the company's secret, which is in the database.
    """

    company_id: str
    id: UUID
    subject: tuple[str, str, str]
    requested_at: datetime
    requested_by: str
    invisible_at: datetime
    documents: tuple[str, ...]
    salted: bool = False


class Manifest(msgspec.Struct, frozen=True):
    """The facts of a backup. Nothing erased before `ended_at` comes back when it is restored.

    `taken_at` is the time of the snapshot, `migrations` are hashes by name, `keys` are the public keys of receipts, in
    base64 by id.
    """

    format: int
    lethe: str
    taken_at: datetime
    ended_at: datetime
    migrations: dict[str, str]
    companies: tuple[Company, ...]
    originals: int
    keys: dict[str, str]
    erasing: tuple[Erasing, ...]


def receipts_file(company_id: str) -> str:
    """The file name for a company's receipts."""
    return f"receipts/{company_id}.jsonl"


def original_file(key: str) -> str:
    """The file name for an original."""
    return f"blobs/{key}"


def write(archive: Archive, manifest: Manifest) -> None:
    """Add the manifest."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    archive.room(_FILE).write_bytes(text)
    archive.add(_FILE)


def read(archive: Archive) -> Manifest:
    """The manifest of an archive. Raises OperatorError if this version cannot read it."""
    try:
        manifest = msgspec.json.decode(archive.path(_FILE).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as exc:
        raise OperatorError(
            f"{archive.path(_FILE)} is not a manifest that this version of Lethe can read."
        ) from exc
    if manifest.format != FORMAT or DATABASE not in archive:
        raise OperatorError(f"{archive.directory} is not a backup that this version of Lethe can read.")
    return manifest
