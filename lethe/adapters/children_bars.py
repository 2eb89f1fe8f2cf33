"""The bars around a child process: an attacker who takes over a parser through a file reaches that file only.

Two kernel features, each used where the system has it; neither needs privileges:

    seccomp    only the system calls that parsers need, `_NEEDED`: none that makes a socket, starts a program,
               talks to another process or opens a file for writing. Files to write to are opened beforehand.
    Landlock   read access to the files that a child was given and to the libraries, and to nothing else, such as
               the originals, keys and the environment of other processes. It overlaps partly with seccomp.
"""

import ctypes
import errno
import fcntl
import os
import site
import sysconfig
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import seccompy
from landlockpy import AccessFS, Ruleset, Scope
from seccompy import Action, ArgCmp, CmpOp, Filter

_LIBC = ctypes.CDLL(None)
_PR_SET_DUMPABLE = 4

# fmt: off
_NEEDED = (
    "brk", "madvise", "mmap", "mprotect", "mremap", "munmap",
    "access", "close", "dup", "dup2", "dup3", "faccessat", "faccessat2", "fadvise64", "fstat", "ftruncate",
    "getcwd", "getdents64", "lseek", "lstat", "memfd_create", "newfstatat", "pread64", "preadv", "pwrite64", "pwritev",
    "read", "readlink", "readlinkat", "readv", "stat", "statx", "write", "writev",
    "clock_getres", "clock_gettime", "clock_nanosleep", "gettimeofday", "nanosleep", "time", "times",
    "exit", "exit_group", "futex", "getcpu", "poll", "ppoll", "restart_syscall", "rseq", "sched_getaffinity",
    "sched_yield", "set_robust_list",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
    "getegid", "geteuid", "getgid", "getpid", "getppid", "getrandom", "getrlimit", "getrusage", "gettid", "getuid",
    "sysinfo", "uname",
)
# fmt: on
_WRITING = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC
_CLONE_THREAD = 0x10000
_CLONE_NAMESPACES = 0x7E020000
_TERMINAL = (0x5401, 0x5450, 0x5451)
"""TCGETS, FIONCLEX, FIOCLEX: the requests that Python makes for a file that it opens."""
_FLAGS = (fcntl.F_DUPFD, fcntl.F_DUPFD_CLOEXEC, fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_SETFL)
"""Not F_SETOWN, with which a file can send signals to another process."""

_SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/zoneinfo",
    "/etc/ld.so.cache",
    "/etc/localtime",
)


@dataclass(frozen=True, slots=True)
class Bars:
    """The bars in force: seccomp, and the version of Landlock (0: none)."""

    seccomp: bool
    landlock: int

    @property
    def missing(self) -> list[str]:
        """A sentence for each missing bar: what is not barred, and what to do."""
        missing = []
        if not self.seccomp:
            missing.append(
                "Parsers are not barred from the network, programs and other processes: use a kernel and a container "
                "that allow seccomp, on x86-64 or arm64."
            )
        if not self.landlock:
            missing.append(
                "Parsers are not barred from reading the server's files: use Linux 5.13 or newer with Landlock (in "
                "the kernel's parameter lsm=), and a container that allows it."
            )
        return missing


_held = Bars(seccomp=False, landlock=0)


def held() -> Bars:
    """The bars in force in this process."""
    return _held


class BarsToCome:
    """The bars that this system supports, prepared once so that each child can close them cheaply."""

    def __init__(self) -> None:
        self._filter = _filter() if _has_seccomp() else None
        self._landlock = _landlock()
        self._libraries = tuple(_libraries())

    def close(self, readable: Iterable[int]) -> None:
        """Permanently give up all rights that work on open files does not need. The files open as `readable` may be
        opened again. A bar that the system refuses is skipped, and `held` reports it as missing.
        """
        global _held  # noqa: PLW0603 it describes the process
        _LIBC.prctl(_PR_SET_DUMPABLE, 0)  # a core dump would contain document text
        landlock = self._confine(readable)  # first: the filter refuses its calls too
        _held = Bars(seccomp=self._refuse_calls(), landlock=landlock)

    def _confine(self, readable: Iterable[int]) -> int:
        if not self._landlock:
            return 0
        with suppress(OSError), _no_file() as rules:
            for path, rights in self._libraries:
                with suppress(OSError):  # an update has removed it
                    rules.allow_path(path, rights)
            for fd in readable:
                rules.allow_path(f"/proc/self/fd/{fd}", AccessFS.READ_FILE)
            rules.restrict()
            return self._landlock
        return 0

    def _refuse_calls(self) -> bool:
        if self._filter is not None:
            with suppress(OSError):
                self._filter.load()
                return True
        return False


def _has_seccomp() -> bool:
    with suppress(OSError):
        return seccompy.supported()
    return False


def _landlock() -> int:
    with suppress(OSError), _no_file() as rules:
        return rules.abi_version
    return 0


def _no_file() -> Ruleset:
    return Ruleset(scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL)


def _filter() -> Filter:
    """Forbidden calls fail as if the kernel did not have them, because libraries cope with older kernels."""
    calls = Filter(default=Action.ERRNO | errno.ENOSYS)
    for name in _NEEDED:
        with suppress(ValueError):  # this processor has it only under another name
            calls.allow(name)
    for name, place in (("open", 1), ("openat", 2)):
        with suppress(ValueError):
            calls.allow(name, args=[ArgCmp(place, CmpOp.MASKED_EQ, os.O_RDONLY, _WRITING)])
    for name, kinds in (("ioctl", _TERMINAL), ("fcntl", _FLAGS)):
        for kind in kinds:
            calls.allow(name, args={1: kind})
    calls.allow("sendto", args={4: 0})  # to send the answer, on the open socket
    calls.allow("prlimit64", args={0: 0, 2: 0})  # to read one's own limits
    calls.allow("clone", args=[ArgCmp(0, CmpOp.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD | _CLONE_NAMESPACES)])
    assert calls.program  # noqa: S101 made now, before the forks
    return calls


def _libraries() -> Iterable[tuple[str, AccessFS]]:
    """Paths from which modules and libraries may still be loaded; of Lethe, only the package."""
    ours = Path(__file__).parents[1]
    python = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    found = dict.fromkeys([*python, *site.getsitepackages(), site.getusersitepackages(), str(ours), *_SYSTEM])
    for path in map(Path, found):
        if path.is_dir():
            yield str(path), AccessFS.READ_FILE | AccessFS.READ_DIR
        elif path.exists():
            yield str(path), AccessFS.READ_FILE
