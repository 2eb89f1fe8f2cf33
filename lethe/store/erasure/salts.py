"""A company's secret for hashing names and contents in its receipts. The database creates it with the company."""

from typing import LiteralString

from lethe.store.database.transactions import Tx

BLOCKS: LiteralString = "(SELECT key_blocks(receipt_salt) FROM company WHERE id = %(company_id)s)"
"""The company's secret as `keyed_hash` takes it, computed once per statement."""


async def own(tx: Tx) -> bytes:
    """The company's secret, 32 bytes."""
    found = await tx.value("SELECT receipt_salt FROM company WHERE id = %s", (tx.company_id,))
    assert isinstance(found, bytes)  # noqa: S101 the transaction's company exists
    return found
