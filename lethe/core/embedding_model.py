"""An installation has one embedding model, since vectors of different models cannot be compared."""

from lethe.adapters.embedders import Embedder
from lethe.domain.errors import OperatorError
from lethe.store import installation
from lethe.store.database.pool import Database


async def record(db: Database, embedder: Embedder) -> None:
    """Record the model at its first use. Raises OperatorError if stored vectors come from another one."""
    async with db.system() as conn:
        await installation.record_embedder(conn, model=embedder.model, dimension=embedder.dimension)


async def require_recorded(db: Database, embedder: Embedder) -> None:
    """Check that the model is the recorded one, if any. Raises OperatorError if it is not."""
    async with db.system() as conn:
        recorded = await installation.recorded_embedder(conn)
    ours = f"{embedder.model} ({embedder.dimension})"
    if recorded not in (None, ours):
        raise OperatorError(
            f"The stored embeddings come from {recorded}, but LETHE_EMBEDDER names {ours}: change it back."
        )
