"""A migrated database for each test, cloned from one that was migrated once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from lethe.adapters.blobs import Blobs
from lethe.adapters.scratch import Scratch
from lethe.adapters.webhooks import Receivers
from lethe.core.context import Context
from lethe.core.limiter import Limiter
from lethe.core.receipts.keys import Keys
from lethe.core.room import Room
from lethe.core.scrub.markers import Markers
from lethe.core.webhooks.secrets import Secrets
from lethe.domain.limits import Limits
from lethe.domain.records.search import HybridWeights
from lethe.store.database.pool import Database
from lethe.store.postgres.embedded import EmbeddedPostgres
from lethe.store.postgres.migrate import migrate
from lethe.store.queue.jobs import Jobs
from lethe.store.queue.signals import Signals
from tests.services import clone_database
from tests.store.planted import plant

COMPANY = "a" * 24


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


@pytest.fixture
async def ctx(db: Database, tmp_path: Path) -> Context:
    """What use cases work with, on a database with one company, which has an empty collection `c`."""
    await plant(db, COMPANY, [])
    signals = Signals(db.conninfo)
    jobs = Jobs(db, signals)
    await jobs.open()
    blobs = Blobs((tmp_path / "blobs").as_uri())
    return Context(
        db,
        jobs,
        signals,
        blobs,
        Keys(db, None),
        Markers(db),
        Limits(),
        Secrets(tmp_path / "webhook.key", make=True),
        Receivers(allow_private=False),
        has_broker=False,
        embed_query=cast("Any", None),
        retention_days=1,
        hybrid_weights=HybridWeights(0.5, 0.5),
        search_limiter=Limiter(1),
        embedding_limiter=Limiter(1),
        content_limiter=Limiter(1),
        conversion_limiter=Limiter(1),
        children=cast("Any", None),
        fetch=cast("Any", None),
        scratch=Scratch(tmp_path / "scratch"),
        bodies=Room(Limits().bodies_bytes),
        answers=Room(Limits().answer_bytes),
    )
