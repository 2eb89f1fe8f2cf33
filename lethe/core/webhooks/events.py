"""Tells webhooks what happens to nodes, in the same transaction. For events of tasks see core/queue/callbacks.py."""

from collections.abc import Sequence

from lethe.domain.webhooks import EventType
from lethe.store.database.transactions import Tx
from lethe.store.erasure.erasures import Erasure
from lethe.store.webhooks import deliveries


async def tell_trashed(tx: Tx, *, node_ids: Sequence[str]) -> None:
    """Tell that nodes were moved to the trash, each with everything below it. Needs the tree lock, for the order."""
    await deliveries.insert_of_nodes(tx, event=EventType.NODE_TRASHED, subjects=node_ids, facts={})


async def tell_restored(tx: Tx, *, node_id: str) -> None:
    """Tell that a node was restored, with everything that was deleted with it."""
    await deliveries.insert_of_nodes(tx, event=EventType.NODE_RESTORED, subjects=[node_id], facts={})


async def tell_erased(tx: Tx, erasure: Erasure, *, documents: int) -> None:
    """Tell that an erasure has ended, in the transaction that writes its receipt."""
    await deliveries.insert_of_nodes(
        tx,
        event=EventType.ERASURE_DONE,
        subjects=[erasure.subject_id],
        facts={"kind": erasure.subject_kind, "documents": documents},
        receipt_id=erasure.id,
    )
