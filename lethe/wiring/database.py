"""Opens the database alone, which is enough for many commands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lethe.settings import Settings
from lethe.store.database.connections import Bounds, checked
from lethe.store.database.pool import Database
from lethe.store.postgres.embedded import EmbeddedPostgres


def given(settings: Settings) -> str | None:
    """The conninfo in LETHE_DATABASE_URL; None for the embedded database. Raises OperatorError for a malformed URL."""
    return None if settings.database_url is None else checked(settings.database_url.get_secret_value())


def embedded(settings: Settings) -> EmbeddedPostgres:
    """The embedded PostgreSQL, which is used unless LETHE_DATABASE_URL names another."""
    return EmbeddedPostgres(settings.data_dir / "postgres")


def all_seeing(settings: Settings) -> str:
    """The conninfo of a role that sees all rows: the role in LETHE_DATABASE_URL, or the embedded superuser."""
    conninfo = given(settings)
    return conninfo if conninfo is not None else embedded(settings).superuser_conninfo


@asynccontextmanager
async def open_database(settings: Settings, conninfo: str) -> AsyncIterator[Database]:
    """The database with its connection pool."""
    bounds = Bounds(settings.statement_seconds, settings.lock_seconds, settings.vector_scan)
    db = Database(conninfo, max_size=settings.database_connections, bounds=bounds)
    await db.open()
    try:
        yield db
    finally:
        await db.close()
