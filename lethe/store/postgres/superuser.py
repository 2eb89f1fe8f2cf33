"""What only a superuser can create in the embedded PostgreSQL: role, database, extension."""

import psycopg
from psycopg import sql

APP_ROLE = "lethe_app"
DATABASE = "lethe"
SUPERUSER = "postgres"

_LEAKPROOF = "SELECT proleakproof FROM pg_proc WHERE oid = 'ts_match_vq(tsvector,tsquery)'::regprocedure"


def set_up(superuser_conninfo: str) -> None:
    """Create what is missing. Raises psycopg.Error if the server does not answer or another session is doing this."""
    app, database = sql.Identifier(APP_ROLE), sql.Identifier(DATABASE)
    with psycopg.connect(superuser_conninfo, dbname=SUPERUSER, autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE]).fetchone():
            rights = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
            server.execute(sql.SQL("CREATE ROLE {} {}").format(app, rights))
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            server.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, app))
    with psycopg.connect(superuser_conninfo, autocommit=True) as inside:
        sees = "SELECT pg_has_role(%s, 'pg_read_all_stats', 'member')"
        if inside.execute(sees, [APP_ROLE]).fetchone() != (True,):  # to show who holds a lock
            inside.execute(sql.SQL("GRANT pg_read_all_stats TO {}").format(app))
        if not inside.execute("SELECT 1 FROM pg_extension WHERE extname = 'vector'").fetchone():
            inside.execute("CREATE EXTENSION vector")
        if inside.execute(_LEAKPROOF).fetchone() != (True,):
            # Otherwise a row-level policy keeps `@@` from using its GIN index (0.55 s instead of 10 ms).
            inside.execute("ALTER FUNCTION ts_match_vq(tsvector,tsquery) LEAKPROOF")
