"""The installation's marker, which every process makes of the same secret."""

from lethe.core.scrub.fingerprints import Marker
from lethe.domain.records import SYSTEM
from lethe.store import installation
from lethe.store.database import Database


class Markers:
    """The marker in use, made once a process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._in_use: Marker | None = None

    async def in_use(self) -> Marker:
        """The marker; at its first use in an installation its secret is drawn."""
        if self._in_use is None:
            async with self._db.transaction(SYSTEM) as conn:
                self._in_use = Marker(await installation.fingerprint_key(conn))
        return self._in_use
