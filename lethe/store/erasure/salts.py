"""The secret of a company under which its receipts hash names and contents. The database makes it with the company."""

from typing import LiteralString

from lethe.store.transactions import Tx

BLOCKS: LiteralString = "(SELECT key_blocks(receipt_salt) FROM company WHERE id = %(company_id)s)"
"""What `keyed_hash` takes of the secret of the company that a statement names, made once a statement."""


async def own(tx: Tx) -> bytes:
    """The company's secret, 32 bytes."""
    found = await tx.value("SELECT receipt_salt FROM company WHERE id = %s", (tx.company_id,))
    assert isinstance(found, bytes)  # noqa: S101 who acts for a company has found it
    return found
