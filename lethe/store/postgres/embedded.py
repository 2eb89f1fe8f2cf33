"""The embedded PostgreSQL: one cluster in a directory, shared by all Lethe processes that use it.

    data_dir/
    ├── start.lock        held (exclusively) while starting or stopping the server
    ├── users.lock        held (shared) by every process that uses the database
    ├── postgresql.conf, pg_hba.conf, pg_ident.conf      rewritten at every start
    ├── pgdata/           the cluster, with PostgreSQL's log in pgdata/log
    └── run/              the socket, inaccessible to other users

The last user stops the server. A server whose starter was killed is found by its socket and used.
There is no TCP port and no password: the socket tells PostgreSQL which system user connects.
"""

import fcntl
import logging
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import psycopg
from psycopg.conninfo import make_conninfo

from lethe.domain.errors import OperatorError, Unavailable
from lethe.store.postgres.configuration import PORT, SETTINGS, configuration, socket_directory
from lethe.store.postgres.host import (
    UNFINISHED,
    Account,
    database_account,
    end_orphans_in,
    programs_for,
    remove_unfinished_clusters,
    require_reach,
    server_runs_in,
)
from lethe.store.postgres.superuser import APP_ROLE, DATABASE, SUPERUSER, set_up

_START_SECONDS = 120
"""Crash recovery replays up to `max_wal_size` of WAL: well within this, even on a slow disk."""
_SET_UP_SECONDS = 10
_LOCK_SECONDS = 2 * _START_SECONDS
_log = logging.getLogger(__name__)


class EmbeddedPostgres:
    """A PostgreSQL in `data_dir`: started on entry unless it is running, stopped when its last user exits.

    `settings` override the default PostgreSQL settings; those of the process that starts the server apply.
    Blocks; from async code call it in a thread.

    Raises OperatorError if the machine or the directory is unsuitable, and Unavailable if the server does not
    start in time.
    """

    def __init__(self, data_dir: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir.absolute().resolve()
        self._settings = {**SETTINGS, **(settings or {})}
        self._pgdata = self.data_dir / "pgdata"
        self._socket_dir = socket_directory(self.data_dir)
        self._account: Account | None = None
        self._users: int | None = None

    @property
    def conninfo(self) -> str:
        """How Lethe connects: database `lethe`, role `lethe_app`, which is subject to row-level security."""
        return make_conninfo(host=str(self._socket_dir), port=PORT, dbname=DATABASE, user=APP_ROLE)

    @property
    def superuser_conninfo(self) -> str:
        """The same database as the superuser `postgres`, for set-up and for tests."""
        return make_conninfo(self.conninfo, user=SUPERUSER)

    @property
    def pgdata(self) -> Path:
        """The cluster's directory."""
        return self._pgdata

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Register as a user of the database, and start and set it up if necessary."""
        self._account = database_account()
        self._prepare_directory()
        self._users = os.open(self.data_dir / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with self._start_lock():
                fcntl.flock(self._users, fcntl.LOCK_SH)
                self._bring_up()
        except BaseException:
            self.stop()
            raise

    def ensure_running(self) -> None:
        """Restart the server if it was killed while in use; returns at once if it is alive."""
        with self._start_lock():
            self._bring_up()

    def is_alive(self) -> bool:
        """Whether something listens on the socket. It may still be busy with crash recovery."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.setblocking(False)
            try:
                probe.connect(str(self._socket_dir / f".s.PGSQL.{PORT}"))
            except BlockingIOError:  # the queue of new connections is full: busy, not dead
                return True
            except OSError:
                return False
            return True

    def write_out(self) -> None:
        """Write a checkpoint, so that a stop is quick. Does nothing if the server does not answer."""
        with (
            suppress(psycopg.Error),
            psycopg.connect(self.superuser_conninfo, autocommit=True, connect_timeout=5) as conn,
        ):
            conn.execute("CHECKPOINT")

    def stop(self) -> None:
        """Unregister, and stop the server if nobody else uses it. A second call does nothing."""
        if self._users is None:
            return
        users, self._users = self._users, None
        try:
            with self._start_lock():
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._shut_down()
        except BlockingIOError:
            pass  # others still use it
        except Unavailable as exc:
            _log.warning("the database was left running: %s", exc)
        finally:
            os.close(users)

    @property
    def _owner(self) -> Account:
        if self._account is None:
            raise RuntimeError("start() comes first")
        return self._account

    def _prepare_directory(self) -> None:
        if odd := set(str(self.data_dir)) & set('"$`\\\n'):  # pg_ctl passes the path through a shell
            raise OperatorError(
                f"The data directory {self.data_dir} contains {min(odd)!r}: choose another name."
            )
        if self._pgdata.exists() and (uid := self._pgdata.stat().st_uid) != self._owner.uid:
            raise OperatorError(
                f"The database in {self._pgdata} belongs to the user id {uid}: "
                "run Lethe as the user who created it, or choose another data directory."
            )
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._owner.is_operator:
                os.chown(self.data_dir, -1, self._owner.gid)
                self.data_dir.chmod(0o710)
        except OSError as exc:
            raise OperatorError(
                f"The data directory {self.data_dir} cannot be used ({exc.strerror}): choose another one."
            ) from exc
        require_reach(self._owner, self.data_dir)

    @contextmanager
    def _start_lock(self) -> Iterator[None]:
        """Hold the lock for starting and stopping the server. Raises Unavailable if it cannot be had."""
        lock = os.open(self.data_dir / "start.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            deadline = time.monotonic() + _LOCK_SECONDS
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise Unavailable(
                            f"Another process has been starting or stopping the database in {self.data_dir} "
                            f"for {_LOCK_SECONDS} s: check that process, then try again."
                        ) from None
                    time.sleep(0.02)
            yield
        finally:
            os.close(lock)

    def _bring_up(self) -> None:
        began = time.monotonic()
        while True:
            if not self.is_alive():
                self._launch()
            try:
                return set_up(self.superuser_conninfo)
            except psycopg.OperationalError as exc:  # starting, recovering or stopping at this moment
                if time.monotonic() > began + _START_SECONDS:
                    raise Unavailable(
                        f"PostgreSQL did not answer within {_START_SECONDS} s ({_first_line(exc)}): "
                        f"see its log in {self._pgdata}/log."
                    ) from exc
            except psycopg.Error as exc:
                # A session left by a killed process may be creating the same objects at this moment.
                if time.monotonic() > began + _SET_UP_SECONDS:
                    raise OperatorError(
                        f"The database in {self.data_dir} could not be set up: {_first_line(exc)}"
                    ) from exc
            time.sleep(0.05)

    def _launch(self) -> None:
        """Start the server, unless one is already starting or stopping in this directory."""
        if server_runs_in(self._pgdata):
            return
        programs = programs_for(self._owner)
        remove_unfinished_clusters(self.data_dir)
        if not self._pgdata.exists():
            self._make_cluster(programs)
        end_orphans_in(self._pgdata)
        # PostgreSQL would mistake a zombie, or another process with the old id, for a live server on this socket.
        (self._socket_dir / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
        self._write_configuration()
        first_words = self._pgdata / "start.log"  # its messages before its own log is open
        first_words.unlink(missing_ok=True)
        started = self._pg_ctl(programs, "start", "-l", str(first_words))
        if started.returncode != 0 and not server_runs_in(self._pgdata):
            said = self._owner.run("tail", "-n", "3", first_words, seconds=10).stdout
            fatal = [line.partition("FATAL:")[2].strip() for line in said.splitlines() if "FATAL:" in line]
            reason = fatal[-1] if fatal else started.stderr.strip().replace("\n", " ")
            raise OperatorError(
                f"PostgreSQL did not start ({reason}): see {first_words} and {self._pgdata}/log."
            )

    def _make_cluster(self, programs: Path) -> None:
        """Run `initdb` in a temporary directory and rename it, so that a cluster is complete or absent."""
        new = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.data_dir))
        os.chown(new, self._owner.uid, self._owner.gid)
        options = ["--username", SUPERUSER, "--auth-local=peer", "--auth-host=reject", "--data-checksums"]
        options += ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"]
        if self._settings.get("fsync") == "off":
            options.append("--no-sync")
        made = self._owner.run(programs / "initdb", *options, "-D", new, seconds=_START_SECONDS)
        if made.returncode != 0:
            reason = made.stderr.strip().replace("\n", " ")
            raise OperatorError(f"The database could not be created in {self.data_dir}: {reason}")
        new.rename(self._pgdata)
        parent = os.open(self.data_dir, os.O_RDONLY)
        os.fsync(parent)
        os.close(parent)

    def _write_configuration(self) -> None:
        sockets = self._socket_dir
        sockets.mkdir(mode=0o700, exist_ok=True)
        os.chown(sockets, self._owner.uid, self._owner.gid, follow_symlinks=False)
        found = sockets.lstat()
        if sockets.is_symlink() or found.st_uid != self._owner.uid or found.st_mode & 0o077:
            raise OperatorError(f"The directory {sockets} must belong to Lethe with mode 0700: remove it.")
        files = configuration(
            self._settings, pgdata=self._pgdata, config_dir=self.data_dir, sockets=sockets,
            operator=self._owner.operator, roles=(SUPERUSER, APP_ROLE),
        )  # fmt: skip
        for name, text in files.items():
            path = self.data_dir / name
            path.write_text(text, encoding="utf-8")
            os.chown(path, -1, self._owner.gid)
            path.chmod(0o640)

    def _pg_ctl(self, programs: Path, *command: str) -> subprocess.CompletedProcess[str]:
        return self._owner.run(
            programs / "pg_ctl", "-w", "-t", str(_START_SECONDS), "-D", self.data_dir, *command,
            seconds=_START_SECONDS + 30,
        )  # fmt: skip

    def _shut_down(self) -> None:
        """A fast shutdown: end sessions and write a checkpoint."""
        if not server_runs_in(self._pgdata):
            return
        try:
            stopped = self._pg_ctl(programs_for(self._owner), "-m", "fast", "stop")
        except subprocess.TimeoutExpired as exc:
            raise Unavailable("PostgreSQL did not stop in time.") from exc
        if stopped.returncode != 0 and server_runs_in(self._pgdata):
            raise Unavailable(f"PostgreSQL did not stop: {stopped.stderr.strip()}")


def _first_line(error: psycopg.Error) -> str:
    return str(error).split("\n", 1)[0]
