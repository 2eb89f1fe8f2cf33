"""An external PostgreSQL set up as docs/operations.md says: every command under its roles, and what is told when one
lacks something."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from lethe.store.postgres.embedded import EmbeddedPostgres
from tests.lifecycle.parts import Parts
from tests.server import Server

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


@dataclass
class Cluster:
    """A PostgreSQL that is nobody's server, in which each role may log in without a password."""

    superuser: str

    def conninfo(self, role: str, database: str) -> str:
        """The address of a database for a role, as a server is given it."""
        return make_conninfo(self.superuser, user=role, dbname=database)

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the superuser."""
        with psycopg.connect(make_conninfo(self.superuser, dbname=database), autocommit=True) as conn:
            for statement in statements:
                conn.execute(statement.encode())


@pytest.fixture(scope="module")
def cluster(service_directory: Callable[[str], Path]) -> Iterator[Cluster]:
    """An embedded PostgreSQL that is used for nothing else."""
    with EmbeddedPostgres(service_directory("cluster")) as postgres:
        found = Cluster(postgres.superuser_conninfo)
        with psycopg.connect(found.superuser, autocommit=True) as conn:
            (hba,) = conn.execute("SHOW hba_file").fetchone() or ("",)
            Path(hba).write_text("local all all trust\n")
            conn.execute("SELECT pg_reload_conf()")
        yield found


@pytest.fixture(scope="module")
def documented(cluster: Cluster) -> Cluster:
    """The cluster after the SQL of the documentation, whose passwords do not matter here."""
    (code,) = re.findall(r"```sql\n(.*?)```", OPERATIONS.read_text(), re.DOTALL)
    statements = [line.partition("--")[0].strip() for line in code.splitlines()]
    cluster.run(
        *[
            s.replace("DATABASE lethe ", "DATABASE external ")
            for s in statements[: statements.index("\\c lethe")]
        ]
    )
    cluster.run(*statements[statements.index("\\c lethe") + 1 :], database="external")
    return cluster


def beside(place: Path, conninfo: str, embedder: str) -> Server:
    """A server, or commands, on a database of others."""
    return Server(place / "data", LETHE_DATABASE_URL=conninfo, LETHE_EMBEDDER=embedder)


def test_every_command_works_under_the_documented_roles(
    documented: Cluster,
    service_directory: Callable[[str], Path],
    embedder: object,
) -> None:
    place, spec = service_directory("external"), embedder.spec  # type: ignore[attr-defined]
    conninfo = documented.conninfo("lethe", "external")
    server = Parts(place / "data", LETHE_DATABASE_URL=conninfo, LETHE_EMBEDDER=spec)
    server.command("migrate")
    server.start()
    try:
        token = re.findall(
            r"kbai_pk_[0-9a-f]{64}",
            server.command("token", "create", "--company", "c", "--name", "n", "--scopes", "all").stdout,
        )[0]
        client = server.client_of(token, "c")
        assert client.ingest("a", "The river carries.").status_code == 200
        assert client.ingest("b", "The stone keeps.").status_code == 200
        assert client.delete("a").status_code == 200
        for command in (["scrub"], ["doctor"], ["token", "list"], ["tasks", "--company", "c"],
                        ["trash", "list", "--company", "c"], ["receipts", "verify", "--all"],
                        ["assistant", "list", "--company", "c"]):  # fmt: skip
            assert server.command(*command).returncode == 0, command
        refused = server.command("backup", str(place / "refused"), check=False)
        assert refused.returncode == 1
        assert "GRANT lethe TO lethe_backup;" in refused.stderr
        copier = beside(place, documented.conninfo("lethe_backup", "external"), spec)
        done = copier.command("backup", str(place / "backup"), check=False)
        assert done.returncode == 0, done.stderr
        superuser = beside(place, documented.conninfo("postgres", "external"), spec)
        assert superuser.command("backup", str(place / "second"), check=False).returncode == 0
        assert superuser.command("doctor").returncode == 0
    finally:
        server.stop()
    documented.run("CREATE DATABASE restored OWNER lethe")
    documented.run("CREATE EXTENSION vector", database="restored")
    other = beside(service_directory("restored"), documented.conninfo("lethe", "restored"), spec)
    done = other.command("restore-backup", str(place / "backup"), check=False)
    assert done.returncode == 0, done.stderr
    other.first_token = token  # there are tokens in it already, so none is printed
    assert other.start().client_of(token, "c").text("b") == "The stone keeps."
    other.stop()


def test_a_missing_extension_is_named_with_its_statement(
    documented: Cluster, service_directory: Callable[[str], Path]
) -> None:
    documented.run("CREATE DATABASE bare OWNER lethe")
    said = beside(service_directory("bare"), documented.conninfo("lethe", "bare"), "local").command(
        "migrate", check=False
    )
    assert (said.returncode, said.stderr.count("\n")) == (1, 1)
    assert "'bare'" in said.stderr
    assert "CREATE EXTENSION vector;" in said.stderr


def test_a_role_that_does_not_own_the_database_is_told_the_statement(
    documented: Cluster, service_directory: Callable[[str], Path]
) -> None:
    documented.run("CREATE ROLE stranger LOGIN", "CREATE DATABASE foreign_one")
    documented.run("CREATE EXTENSION vector", database="foreign_one")
    server = beside(service_directory("stranger"), documented.conninfo("stranger", "foreign_one"), "local")
    said = server.command("migrate", check=False)
    assert (said.returncode, said.stderr.count("\n")) == (1, 1)
    assert "ALTER DATABASE foreign_one OWNER TO stranger;" in said.stderr


def test_a_copier_that_is_not_let_act_as_the_owner_is_told_the_statement(
    documented: Cluster, service_directory: Callable[[str], Path]
) -> None:
    documented.run("CREATE ROLE lonely LOGIN BYPASSRLS")
    place = service_directory("lonely")
    beside(place, documented.conninfo("lethe", "external"), "local").command("migrate")
    server = beside(place, documented.conninfo("lonely", "external"), "local")
    said = server.command("backup", str(place / "backup"), check=False)
    assert (said.returncode, said.stderr.count("\n")) == (1, 1)
    assert "GRANT lethe TO lonely;" in said.stderr
