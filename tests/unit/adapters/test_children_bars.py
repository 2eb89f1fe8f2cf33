"""A child that was taken over: what it tries to reach, what it answers, and what it can do all the same."""

import errno
import os
import pickle
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from lethe.adapters.children import ChildKilled, Children
from lethe.adapters.children_bars import held

TAKEN_OVER = """
import ctypes, mmap, os, pickle, signal, socket, struct, subprocess
from pathlib import Path
from threading import Thread

LIBC = ctypes.CDLL(None, use_errno=True)

def called(number):
    if number < 0:
        raise OSError(ctypes.get_errno(), "")

def connect_to_the_database(at):
    socket.socket(socket.AF_UNIX).connect(str(at.database))

def connect_to_the_network(at):
    socket.create_connection(at.address)

def send_a_datagram(at):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"", at.address)

def talk_to_itself(at):
    socket.socketpair()

def read_a_key(at):
    at.key.read_bytes()

def read_the_key_through_a_link(at):
    Path("/proc/self/root", str(at.key)[1:]).read_bytes()

def list_the_originals(at):
    os.listdir(at.blobs)

def read_the_environment_of_the_server(at):
    Path(f"/proc/{at.pid}/environ").read_bytes()

def read_the_memory_of_the_server(at):
    Path(f"/proc/{at.pid}/mem").open("rb")

def trace_the_server(at):
    called(LIBC.ptrace(16, at.pid, 0, 0))

def signal_the_server(at):
    os.kill(at.pid, 0)

def have_a_file_signal_the_server(at):
    import fcntl
    fcntl.fcntl(0, fcntl.F_SETOWN, at.pid)

def execute_a_program(at):
    subprocess.run(["/bin/true"])

def become_a_program(at):
    if os.fork() == 0:
        os.execv("/bin/true", ["true"])

def write_a_file(at):
    at.key.with_suffix(".new").open("xb")

def append_to_a_file(at):
    at.key.open("ab")

def remove_a_file(at):
    at.key.unlink()

def rename_a_file(at):
    at.key.rename(at.key.with_suffix(".old"))

def make_a_folder(at):
    at.key.with_suffix(".folder").mkdir()

def change_rights(at):
    at.key.chmod(0o644)

def cut_a_file(at):
    os.truncate(at.key, 0)

def raise_a_limit(at):
    import resource
    resource.setrlimit(resource.RLIMIT_CPU, resource.getrlimit(resource.RLIMIT_CPU))

def get_a_namespace(at):
    called(LIBC.unshare(0x10000000))

def attempts():
    return [name for name, value in globals().items() if getattr(value, "__code__", None) and
            value.__code__.co_varnames[:1] == ("at",)]

def attempt(reach):
    ended = {}
    for name in attempts():
        try:
            globals()[name](reach)
            ended[name] = 0
        except OSError as exc:
            ended[name] = exc.errno
    return ended

def copy(source, target):
    again = Path(f"/proc/self/fd/{source.fileno()}").read_bytes()
    target.write(source.read() + again)
    try:
        Path(f"/proc/self/fd/{target.fileno()}").read_bytes()
    except OSError as exc:
        return exc.errno

def what_libraries_need():
    import sqlite3, zoneinfo
    held = []
    thread = Thread(target=lambda: held.append("thread"))
    thread.start()
    thread.join()
    in_memory = os.memfd_create("x")
    os.write(in_memory, b"memory")
    held.append(Path(f"/proc/self/fd/{in_memory}").read_text())
    with mmap.mmap(-1, 4096) as area:
        area[0] = 1
    return held

def answer(count: int, data: bytes) -> int:
    work = next(fd for fd in range(3, 200) if _is_socket(fd))
    os.write(work, struct.pack("!Q", count) + data)
    os._exit(0)

def _is_socket(fd):
    try:
        return os.readlink(f"/proc/self/fd/{fd}").startswith("socket:")
    except OSError:
        return False

def wrong_kind() -> int:
    return "seven"
"""


OUTSIDE = """
import asyncio, errno, sys
from seccompy import Filter
from lethe.adapters.children import Children
from lethe.adapters.children_bars import held

async def main():
    async with Children() as children:
        bars = await children.run(held)
        print(bars.seccomp, bars.landlock > 0, len(bars.missing))

outside = Filter()
for name in sys.argv[1:]:
    outside.errno(name, errno.EPERM)
outside.load()
asyncio.run(main())
"""


@pytest.fixture
def taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    (tmp_path / "taken_over.py").write_text(TAKEN_OVER)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "taken_over", raising=False)
    import taken_over  # type: ignore[import-not-found]  # noqa: PLC0415

    return taken_over  # type: ignore[no-any-return]


@pytest.fixture
async def children(taken_over: ModuleType) -> AsyncIterator[Children]:
    async with Children(["taken_over"]) as children:
        yield children


@pytest.fixture
def reach(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """What a server has that is none of a parser's business."""
    with socket.create_server(("127.0.0.1", 0)) as network, socket.socket(socket.AF_UNIX) as database:
        made = SimpleNamespace(
            address=network.getsockname(),
            database=tmp_path / ".s.PGSQL.5432",
            blobs=tmp_path / "blobs",
            key=tmp_path / "key.pem",
            pid=os.getpid(),
        )
        database.bind(str(made.database))
        database.listen()
        made.blobs.mkdir()
        made.key.write_text("the key")
        yield made


async def test_it_reaches_no_network_program_process_or_file(
    children: Children, taken_over: ModuleType, reach: SimpleNamespace, tmp_path: Path
) -> None:
    assert (await children.run(held)).missing == []
    before = sorted(tmp_path.iterdir())
    ended = await children.run(taken_over.attempt, reach)
    assert len(ended) == 23
    assert {name: code for name, code in ended.items() if code not in (errno.ENOSYS, errno.EACCES)} == {}
    assert sorted(tmp_path.iterdir()) == before
    assert reach.key.read_text() == "the key"


async def test_it_reads_and_writes_the_files_that_it_is_given(
    children: Children, taken_over: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "source").write_bytes(b"the document ")
    with (tmp_path / "source").open("rb") as source, (tmp_path / "target").open("wb") as target:
        refused = await children.run(taken_over.copy, source, target)
    assert (tmp_path / "target").read_bytes() == b"the document the document "
    assert refused == errno.EACCES


async def test_it_loads_libraries_starts_threads_and_has_files_in_memory(
    children: Children, taken_over: ModuleType
) -> None:
    assert await children.run(taken_over.what_libraries_need) == ["thread", "memory"]


async def test_what_is_no_answer_is_a_crash_and_runs_no_code(
    children: Children, taken_over: ModuleType, tmp_path: Path
) -> None:
    evil = pickle.dumps((True, _Touch(tmp_path / "touched")))
    nested = b"\x82\xa4type\xa8returned\xa5value" + b"\x91" * 100_000
    for count, data in (
        (len(evil), evil),
        (len(nested), nested),
        (3, b"\xc1ab"),
        (0, b""),
        (9, b"short"),
        (2**40, b"x"),
    ):
        with pytest.raises(ChildKilled) as caught:
            await children.run(taken_over.answer, count, data)
        assert caught.value.reason == "crash"
    assert not (tmp_path / "touched").exists()


async def test_an_answer_of_another_type_than_the_function_says_is_a_crash(
    children: Children, taken_over: ModuleType
) -> None:
    with pytest.raises(ChildKilled) as caught:
        await children.run(taken_over.wrong_kind)
    assert caught.value.reason == "crash"


@pytest.mark.parametrize(
    ("denied", "told"),
    [
        (["landlock_create_ruleset"], "True False 1"),
        (["landlock_restrict_self"], "True False 1"),
        (["seccomp"], "False True 1"),
    ],
)
def test_what_the_system_refuses_is_left_out_and_told(denied: list[str], told: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OUTSIDE, *denied], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == told


class _Touch:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)
