"""The database alone: enough for the commands that manage tokens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lethe.settings import Settings
from lethe.store.connections import Bounds, checked
from lethe.store.database import Database
from lethe.store.postgres.embedded import EmbeddedPostgres


def given(settings: Settings) -> str | None:
    """The conninfo in LETHE_DATABASE_URL; None for the embedded database. Raises OperatorError for what is none."""
    return None if settings.database_url is None else checked(settings.database_url.get_secret_value())


def embedded(settings: Settings) -> EmbeddedPostgres:
    """The PostgreSQL that is used when LETHE_DATABASE_URL names none."""
    return EmbeddedPostgres(settings.data_dir / "postgres")


def all_seeing(settings: Settings) -> str:
    """The conninfo of the same database for what must see all rows: ours as its superuser, or the one given."""
    conninfo = given(settings)
    return conninfo if conninfo is not None else embedded(settings).superuser_conninfo


@asynccontextmanager
async def open_database(settings: Settings, conninfo: str) -> AsyncIterator[Database]:
    """The database with its pool of connections."""
    bounds = Bounds(settings.statement_seconds, settings.lock_seconds, settings.vector_scan)
    db = Database(conninfo, max_size=settings.database_connections, bounds=bounds)
    await db.open()
    try:
        yield db
    finally:
        await db.close()
