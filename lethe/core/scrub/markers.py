"""The installation's fingerprint hasher, which every process creates from the same secret."""

from lethe.core.scrub.fingerprints import FingerprintHasher
from lethe.store import installation
from lethe.store.database.pool import Database


class Markers:
    """The hasher in use, created once per process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._in_use: FingerprintHasher | None = None

    async def in_use(self) -> FingerprintHasher:
        """The hasher. Its secret is generated at the first use in an installation."""
        if self._in_use is None:
            async with self._db.system() as conn:
                self._in_use = FingerprintHasher(await installation.fingerprint_key(conn))
        return self._in_use
