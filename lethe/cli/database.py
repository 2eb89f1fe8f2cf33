"""The database that a command uses: the operator's, or the embedded one, running or not."""

from collections.abc import Iterator
from contextlib import contextmanager

from lethe.settings import Settings
from lethe.wiring.database import embedded


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The conninfo of the database; the embedded one runs at least as long as the block."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
    else:
        with embedded(settings) as postgres:
            yield postgres.conninfo
