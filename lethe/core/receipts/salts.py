"""A company's salt: the secret with which names are hashed in its receipts. With it, a receipt shows what was erased.

No receipt or export contains the salt. Anyone who may read the company's receipts may get it, and may pass it on.
"""

import hashlib
import json
import re

from lethe.domain.errors import OperatorError
from lethe.store.database.pool import Database
from lethe.store.erasure import salts

_SALT = re.compile(r"[0-9a-f]{64}")


async def own(db: Database, *, company_id: str) -> bytes:
    """A company's salt, 32 bytes."""
    async with db.transaction(company_id) as tx:
        return await salts.own(tx)


def salt_id(salt: bytes) -> str:
    """The id of a salt in receipts: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(salt).hexdigest()[:16]


def read(text: bytes) -> dict[str, bytes]:
    """A salt by its id, read from hex digits or from an answer of GET /v1/receipts/salt. Raises OperatorError."""
    try:
        given = json.loads(text)["salt"] if text.lstrip().startswith(b"{") else text.decode().strip()
    except (ValueError, KeyError) as exc:
        raise OperatorError(_NONE) from exc
    if not isinstance(given, str) or not _SALT.fullmatch(given):
        raise OperatorError(_NONE)
    salt = bytes.fromhex(given)
    return {salt_id(salt): salt}


_NONE = (
    "--salt is not a salt: give a file with the output of 'lethe receipts salt' or of GET /v1/receipts/salt."
)
