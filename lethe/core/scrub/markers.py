"""The installation's marker, which every process makes of the same secret."""

from lethe.core.scrub.fingerprints import FingerprintHasher
from lethe.store import installation
from lethe.store.database import Database


class Markers:
    """The marker in use, made once a process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._in_use: FingerprintHasher | None = None

    async def in_use(self) -> FingerprintHasher:
        """The marker; at its first use in an installation its secret is drawn."""
        if self._in_use is None:
            async with self._db.system() as conn:
                self._in_use = FingerprintHasher(await installation.fingerprint_key(conn))
        return self._in_use
