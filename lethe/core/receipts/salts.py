"""The secret of a company that its receipts hash names under: who has it and a receipt can tell what was erased.

It stands in no receipt and in no export; who may read the company's receipts is given it, and hands it on as he likes.
"""

import hashlib
import json
import re

from lethe.domain.errors import OperatorError
from lethe.store.database import Database
from lethe.store.erasure import salts

_SALT = re.compile(r"[0-9a-f]{64}")


async def own(db: Database, *, company_id: str) -> bytes:
    """A company's secret, 32 bytes."""
    async with db.transaction(company_id) as tx:
        return await salts.own(tx)


def salt_id(salt: bytes) -> str:
    """The id by which receipts name a salt: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(salt).hexdigest()[:16]


def read(text: bytes) -> dict[str, bytes]:
    """A salt by its id, from its hex digits or from an answer of GET /v1/receipts/salt. Raises OperatorError."""
    try:
        given = json.loads(text)["salt"] if text.lstrip().startswith(b"{") else text.decode().strip()
    except (ValueError, KeyError) as exc:
        raise OperatorError(_NONE) from exc
    if not isinstance(given, str) or not _SALT.fullmatch(given):
        raise OperatorError(_NONE)
    salt = bytes.fromhex(given)
    return {salt_id(salt): salt}


_NONE = "--salt is no salt: give a file with what 'lethe receipts salt' prints, or an answer of GET /v1/receipts/salt."
