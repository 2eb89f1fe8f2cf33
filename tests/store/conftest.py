"""A migrated database for each test, cloned from one that was migrated once."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from lethe.store.database import Database
from lethe.store.embedded import EmbeddedPostgres
from lethe.store.migrate import migrate
from tests.services import clone_database


@pytest.fixture(scope="session")
def migrated(postgres: EmbeddedPostgres) -> str:
    """The name of a template database that has all migrations."""
    conninfo = clone_database(postgres)
    asyncio.run(migrate(conninfo))
    return conninfo.split("dbname=")[1].split()[0]


@pytest.fixture
async def db(new_database: Callable[..., str], migrated: str) -> AsyncIterator[Database]:
    """A database of the test's own with all migrations."""
    database = Database(new_database(migrated), max_size=3)
    await database.open()
    yield database
    await database.close()
