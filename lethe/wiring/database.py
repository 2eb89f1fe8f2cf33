"""The database alone: enough for the commands that manage tokens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lethe.settings import Settings
from lethe.store.database import Database
from lethe.store.embedded import EmbeddedPostgres


def embedded(settings: Settings) -> EmbeddedPostgres:
    """The PostgreSQL that is used when LETHE_DATABASE_URL names none."""
    return EmbeddedPostgres(settings.data_dir / "postgres")


def all_seeing(settings: Settings) -> str:
    """The conninfo of the same database for what must see all rows: ours as its superuser, or the one given."""
    if settings.database_url is not None:
        return str(settings.database_url.get_secret_value())
    return embedded(settings).superuser_conninfo


@asynccontextmanager
async def open_database(settings: Settings, conninfo: str) -> AsyncIterator[Database]:
    """The database with its pool of connections."""
    db = Database(conninfo, max_size=settings.database_connections)
    await db.open()
    try:
        yield db
    finally:
        await db.close()
