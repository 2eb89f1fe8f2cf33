"""What a token with bounds may change.

Row-level security keeps every statement of its transactions within its bounds (store/migrations/0032_bounds.sql). Here
is what a row alone does not tell, and where Lethe's own work begins, which sees the whole company: the receipt of an
erasure hashes the name of a collection that the caller may not see, and its log has those of others before it.
"""

from lethe.domain.errors import BeyondBounds
from lethe.domain.records.bounds import BoundCompany
from lethe.store.database.failures import BEYOND
from lethe.store.database.transactions import Tx
from lethe.store.tree import artifacts


def require_change(tx: Tx, *, path: str) -> None:
    """Refuse to take a node away from where it is, unless the caller may change it there. Raises BeyondBounds."""
    if isinstance(tx.company_id, BoundCompany) and not tx.company_id.may_change(path):
        raise BeyondBounds(BEYOND)


async def require_collection(tx: Tx, *, collection: str) -> None:
    """Refuse what would be noted of a collection, unless the caller may change it. Raises BeyondBounds."""
    if not isinstance(tx.company_id, BoundCompany):
        return
    if await artifacts.find_root(tx, collection=collection) not in tx.company_id.writes:
        raise BeyondBounds(BEYOND)


async def go_on_below(tx: Tx, *, path: str) -> None:
    """The rest of the transaction is Lethe's own work on a node that the caller may change. Raises BeyondBounds."""
    require_change(tx, path=path)
    if isinstance(tx.company_id, BoundCompany):
        await tx.lift_bounds()


async def go_on_in(tx: Tx, *, collection: str) -> bool:
    """The rest of the transaction is Lethe's own work in a collection that the caller may change.

    The collection's folder stays as it is until the transaction ends. False: there is none for the caller. Raises
    BeyondBounds for one that it may only read.
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
