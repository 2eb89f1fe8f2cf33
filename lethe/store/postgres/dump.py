"""Dumps and restores the whole database with PostgreSQL's own programs.

Row-level security is forced, so only a role that bypasses it can copy all rows: the embedded database's superuser,
or one that the operator provides.
"""

import asyncio
import os
import re
import shutil
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lethe.domain.errors import OperatorError, Unavailable
from lethe.store.database.connections import Connection
from lethe.store.postgres.host import installed_programs

_EXTENSION = re.compile(rb"^\d+; \d+ \d+ (EXTENSION - |COMMENT - EXTENSION )")
_BOUND = (
    "The role '{role}' is bound by row-level security and cannot copy all rows. As a superuser, run: "
    "CREATE ROLE lethe_backup LOGIN BYPASSRLS PASSWORD '...'; GRANT {role} TO lethe_backup; "
    "and give this command alone a LETHE_DATABASE_URL of lethe_backup."
)
_IN_USE = "The database of LETHE_DATABASE_URL is not empty: drop it, create it again, and restore into that."
_AWAY = "The database does not answer: is LETHE_DATABASE_URL right?"


@dataclass(frozen=True, slots=True)
class CopiedCompany:
    """A company in a snapshot, with its number of documents and the last entry of its receipt log, if any."""

    id: str
    name: str
    documents: int
    seq: int | None
    hash: str | None


@dataclass(frozen=True, slots=True)
class Original:
    """The key of a file in the blob store, and the node that refers to it."""

    company_id: str
    node_id: str
    key: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment of the database, available to others by its `id` while `conn` is open."""

    id: str
    conn: Connection
    taken_at: datetime

    async def companies(self) -> list[CopiedCompany]:
        """All companies, oldest first."""
        return await self.conn.rows(
            CopiedCompany,
            """
            SELECT c.id, c.name, r.seq, r.hash,
                   (SELECT count(*) FROM document d WHERE d.company_id = c.id) AS documents
            FROM company c LEFT JOIN LATERAL (
                SELECT seq, hash FROM receipt WHERE company_id = c.id ORDER BY seq DESC LIMIT 1
            ) r ON true
            ORDER BY c.created_at, c.id
            """,
        )

    async def migrations(self) -> dict[str, str]:
        """The hashes of the applied migrations, by name."""
        cur = await self.conn.execute("SELECT name, hash FROM public.migration ORDER BY name")
        return {str(name): str(hash) for name, hash in await cur.fetchall()}


@asynccontextmanager
async def snapshot(conninfo: str) -> AsyncIterator[Snapshot]:
    """Hold a snapshot of the database. Raises OperatorError if the role does not see all rows."""
    async with _connected(conninfo) as conn:
        if not await _bypasses(conn):
            raise OperatorError(_BOUND.format(role=conn.info.user))
        await conn.execute("SET idle_in_transaction_session_timeout = 0")
        await conn.execute("SET search_path = public")
        await conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = await (await conn.execute("SELECT pg_export_snapshot(), now()")).fetchone()
        assert row is not None  # noqa: S101 a select without a table has one row
        yield Snapshot(str(row[0]), conn, row[1])


async def originals(conn: Connection, *, company_id: str | None) -> list[Original]:
    """The files that rows refer to, of one company; or of all companies, if the role sees them."""
    return await conn.rows(
        Original,
        """
        SELECT company_id, node_id, blob_key AS key FROM document
        WHERE blob_key IS NOT NULL AND (%(company_id)s::text IS NULL OR company_id = %(company_id)s)
        UNION ALL
        SELECT i.company_id, coalesce(t.node_id, ''), i.blob_key
        FROM ingestion i JOIN task t ON t.company_id = i.company_id AND t.id = i.task_id
        WHERE i.blob_key IS NOT NULL AND (%(company_id)s::text IS NULL OR i.company_id = %(company_id)s)
        """,
        {"company_id": company_id},
    )


async def dump(conninfo: str, target: Path, *, snapshot: str) -> None:
    """Write a snapshot of the database to a file (pg_dump's custom format).

    Rows of unlogged tables are left out. Raises OperatorError with pg_dump's message.
    """
    program = await _program("pg_dump", conninfo)
    await _run(
        conninfo, program, "--format=custom", "--compress=gzip:1", "--no-owner", "--no-privileges",
        "--no-unlogged-table-data", "--lock-wait-timeout=60s", f"--snapshot={snapshot}", f"--file={target}",
    )  # fmt: skip


async def load(conninfo: str, source: Path) -> None:
    """Restore a file of `dump` into an empty database in one transaction, then update the planner's statistics.

    The extension must exist. If the role bypasses row-level security, everything will belong to `lethe_app`.
    """
    program = await _program("pg_restore", conninfo)
    contents = await _run(None, program, "--list", str(source))
    wanted = b"".join(line for line in contents.splitlines(keepends=True) if not _EXTENSION.match(line))
    async with _connected(conninfo) as conn:
        role = ["--role=lethe_app"] if await _bypasses(conn) else []
        await _run(
            conninfo, program, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
            "--use-list=/dev/stdin", *role, str(source), input=wanted,
        )  # fmt: skip
        await conn.execute("ANALYZE")


async def recreate(superuser_conninfo: str) -> None:
    """Drop the embedded database, for example after a killed restore; the next start creates it again."""
    name = str(conninfo_to_dict(superuser_conninfo)["dbname"])
    elsewhere = make_conninfo(superuser_conninfo, dbname="postgres")
    async with _connected(elsewhere) as conn:
        await conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


async def require_empty(conninfo: str) -> None:
    """Raise OperatorError if the database has tables other than an extension's."""
    async with _connected(conninfo) as conn:
        cur = await conn.execute(
            """
            SELECT FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
            WHERE s.nspname IN ('public', 'jobs') AND c.relkind IN ('r', 'p', 'v')
              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
            LIMIT 1
            """
        )
        if cur.rowcount:
            raise OperatorError(_IN_USE)


@asynccontextmanager
async def _connected(conninfo: str) -> AsyncIterator[Connection]:
    try:
        async with await Connection.connect(conninfo, autocommit=True) as conn:
            yield conn
    except psycopg.OperationalError as exc:
        raise Unavailable(_AWAY) from exc


async def _bypasses(conn: Connection) -> bool:
    return bool(
        await conn.value("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user")
    )


async def _program(name: str, conninfo: str) -> Path:
    """The program of the server's major version: Lethe's own, or the one in PATH. If neither fits, Lethe's own."""
    own = installed_programs() / name
    async with _connected(conninfo) as conn:
        wanted = conn.info.server_version // 10_000
    found = shutil.which(name)
    for candidate in [own, *([Path(found)] if found else [])]:
        said = await _run(None, candidate, "--version")
        if re.search(rb"\) (\d+)", said + b") 0")[1] == str(wanted).encode():  # type: ignore[index]
            return candidate
    return own


async def _run(conninfo: str | None, program: Path, *args: str, input: bytes | None = None) -> bytes:
    """The standard output of a program. The program ends with this process, unless that is killed."""
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
    words = [str(program), *args]
    if conninfo is not None:
        parts = {key: str(value) for key, value in conninfo_to_dict(conninfo).items() if value is not None}
        if "password" in parts:  # other users can read a process's arguments, but not its environment
            environment["PGPASSWORD"] = parts.pop("password")
        words.append(f"--dbname={make_conninfo('', **parts)}")
    process = await asyncio.create_subprocess_exec(
        *words, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, umask=0o077
    )
    try:
        out, errors = await process.communicate(input)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        reason = next(
            (line for line in errors.decode(errors="replace").splitlines() if line), "no reason given"
        )
        raise OperatorError(f"{program.name} failed ({reason.strip()}).")
    return out
