"""Migrations: numbered .sql files, applied in order, each in its own transaction, recorded with their hashes."""

import asyncio
import functools
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from lethe.domain.errors import OperatorError, Unavailable
from lethe.store.database.connections import Connection, configure

_LOCK = 7_304_118_021
"""The advisory lock that lets one process migrate at a time: any fixed number will do."""

LOCK_SECONDS = 2
"""How long a migration, and everybody queued behind it, waits for a table before it retries."""
_TRIES = 30

_OLDEST_QUEUE = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
"""The last migration of procrastinate 3.10, which created the queue of the first databases."""
_IN_QUEUE = "SET LOCAL search_path = jobs, public;\n"

_BYPASSING_LOGIN = """
DO $$ BEGIN
    IF (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user)
        AND NOT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('public.migration')
                                               AND pg_get_userbyid(relowner) <> 'lethe_app') THEN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'lethe_app') THEN
            CREATE ROLE lethe_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
        END IF;
        EXECUTE format('GRANT CREATE ON DATABASE %I TO lethe_app', current_database());
        GRANT USAGE, CREATE ON SCHEMA public TO lethe_app;
        CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;
    END IF;
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN
        ALTER FUNCTION ts_match_vq(tsvector, tsquery) LEAKPROOF;
    END IF;
END $$
"""

_RECORD = """
CREATE TABLE IF NOT EXISTS public.migration (
    name text PRIMARY KEY,
    hash text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of store/migrations; `hash` is the SHA-256 of its text in hex."""

    name: str
    sql: str
    hash: str


@functools.cache
def migrations() -> tuple[Migration, ...]:
    """All migrations of this version, in order. Those of the job queue follow the first one, which installs it."""
    folder = files("lethe.store") / "migrations"
    texts = sorted((f.name, f.read_text("utf-8")) for f in folder.iterdir() if f.name.endswith(".sql"))
    first, *later = (_migration(name, sql) for name, sql in texts)
    return (first, *_queue_migrations(), *later)


def _queue_migrations() -> list[Migration]:
    """procrastinate's own migrations that are newer than the oldest databases."""
    newer = sorted(p for p in (_queue_sql() / "migrations").glob("*.sql") if p.name > _OLDEST_QUEUE)
    return [_migration(f"procrastinate_{p.name}", f"{_IN_QUEUE}{p.read_text('utf-8')}") for p in newer]


def _queue_sql() -> Path:
    """The folder of procrastinate's SQL, found without importing the package, which most commands do not need."""
    package = find_spec("procrastinate")
    assert package is not None  # noqa: S101 a dependency
    assert package.origin is not None  # noqa: S101 it is a file
    return Path(package.origin).parent / "sql"


def _migration(name: str, sql: str) -> Migration:
    return Migration(name, sql, hashlib.sha256(sql.encode()).hexdigest())


async def migrate(conninfo: str) -> list[str]:
    """Upgrade the database to this version; returns the names of the migrations applied.

    Each migration is one transaction, so a killed process leaves the previous version. Concurrent processes wait for
    each other.

    Raises:
        OperatorError: the role lacks a privilege, pgvector is missing, a table could not be locked, or an applied
            migration's text has changed.
        Unavailable: the database does not answer.
    """
    async with _prepared(conninfo) as conn:
        await conn.execute(_RECORD)
        return [m.name for m in migrations() if await _apply(conn, m)]


async def prepare(conninfo: str) -> None:
    """Create only what the migrations need: role and extension. Raises the same errors as `migrate`."""
    async with _prepared(conninfo):
        pass


@asynccontextmanager
async def _prepared(conninfo: str) -> AsyncIterator[Connection]:
    """A connection that holds the migration lock, in a database with the role and the extension."""
    try:
        async with await Connection.connect(conninfo, autocommit=True) as conn:
            await conn.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
            await conn.execute(_BYPASSING_LOGIN)
            await configure(conn)
            await conn.execute(f"SET lock_timeout = '{LOCK_SECONDS * 1000:.0f}ms'")
            await _require_vector(conn)
            yield conn
    except psycopg.OperationalError as exc:
        raise Unavailable("The database does not answer: is LETHE_DATABASE_URL right?") from exc
    except psycopg.errors.InsufficientPrivilege as exc:
        # As libpq parses the address: the connection may be closed by now.
        known = conninfo_to_dict(conninfo)
        role, name = known.get("user", "ROLE"), known.get("dbname", "DATABASE")
        raise OperatorError(
            f"The database role may not create what Lethe needs ({exc.diag.message_primary}). As a superuser, run: "
            f"ALTER DATABASE {name} OWNER TO {role};"
        ) from exc


async def pending(conn: Connection) -> list[str]:
    """The names of the migrations not applied yet; `conn` is in no transaction."""
    if not await conn.value("SELECT to_regclass('public.migration') IS NOT NULL"):
        return [m.name for m in migrations()]
    applied = await conn.values("SELECT name FROM public.migration")
    return [m.name for m in migrations() if m.name not in applied]


async def _require_vector(conn: Connection) -> None:
    try:
        await conn.execute("CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public")
    except (psycopg.errors.UndefinedFile, psycopg.errors.FeatureNotSupported) as exc:
        raise OperatorError(
            "PostgreSQL lacks the extension pgvector (0.8 or newer): install it on the database server."
        ) from exc
    except psycopg.errors.InsufficientPrivilege as exc:
        raise OperatorError(
            f"The extension vector is not in the database '{conn.info.dbname}', and only a superuser may create it. "
            "As one, run there: CREATE EXTENSION vector;"
        ) from exc


async def _apply(conn: Connection, migration: Migration) -> bool:
    applied = await conn.value("SELECT hash FROM public.migration WHERE name = %s", (migration.name,))
    if applied is not None:
        if applied != migration.hash:
            raise OperatorError(
                f"The migration {migration.name} was changed after it was applied: restore its original file."
            )
        return False
    for attempt in range(_TRIES):
        try:
            async with conn.transaction():
                await conn.execute(migration.sql.encode())
                if migration.name.startswith("0001"):
                    await _install_job_queue(conn)
                await _record(conn, migration)
                return True
        except psycopg.errors.LockNotAvailable:
            await asyncio.sleep(min(2, 0.1 * (1 + attempt)))
    raise OperatorError(
        f"The migration {migration.name} got no lock on a table in {_TRIES} tries: look for long transactions in "
        "pg_stat_activity, end them, then run 'lethe migrate' again."
    )


async def _install_job_queue(conn: Connection) -> None:
    """Install procrastinate's newest tables, in a schema of their own; its migrations count as applied."""
    await conn.execute("CREATE SCHEMA jobs")
    schema = (_queue_sql() / "schema.sql").read_text("utf-8")
    await conn.execute(f"{_IN_QUEUE}{schema}".encode())
    await conn.execute("SET LOCAL search_path = public, jobs")
    for migration in _queue_migrations():
        await _record(conn, migration)


async def _record(conn: Connection, migration: Migration) -> None:
    await conn.execute(
        "INSERT INTO public.migration (name, hash) VALUES (%s, %s)", (migration.name, migration.hash)
    )
