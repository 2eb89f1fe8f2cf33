"""What a token with bounds may change.

Row-level security keeps every statement of the token's transactions within its bounds, see
store/migrations/0032_bounds.sql. This module checks what rows alone cannot decide. It also lifts the bounds for Lethe's
own work: an erasure's receipt, for example, extends the log of the whole company.
"""

from lethe.domain.errors import BeyondBounds
from lethe.domain.records.bounds import BoundCompany
from lethe.store.database.failures import BEYOND
from lethe.store.database.transactions import Tx
from lethe.store.tree import artifacts


def require_change(tx: Tx, *, path: str) -> None:
    """Raise BeyondBounds unless the caller may change what is at this path."""
    if isinstance(tx.company_id, BoundCompany) and not tx.company_id.may_change(path):
        raise BeyondBounds(BEYOND)


async def require_collection(tx: Tx, *, collection: str) -> None:
    """Raise BeyondBounds unless the caller may change this collection."""
    if not isinstance(tx.company_id, BoundCompany):
        return
    if await artifacts.find_root(tx, collection=collection) not in tx.company_id.writes:
        raise BeyondBounds(BEYOND)


async def go_on_below(tx: Tx, *, path: str) -> None:
    """Lift the bounds for the rest of the transaction, which works on a node at this path. Raises BeyondBounds."""
    require_change(tx, path=path)
    if isinstance(tx.company_id, BoundCompany):
        await tx.lift_bounds()


async def go_on_in(tx: Tx, *, collection: str) -> bool:
    """Lift the bounds for the rest of the transaction, which works in a collection that the caller may change.

    The collection's folder cannot change until the transaction ends. False if the caller sees no such collection.
    Raises BeyondBounds if the caller may only read the collection.
    """
    if not isinstance(tx.company_id, BoundCompany):
        return True
    root_id = await artifacts.find_root(tx, collection=collection)
    if root_id is None:
        return False
    if root_id not in tx.company_id.writes:
        raise BeyondBounds(BEYOND)
    await tx.lift_bounds()
    return True
