"""Work in killable child processes: results, limits, cancelling, and that nothing is left behind."""

import asyncio
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType

import pytest

from lethe.adapters.children import ChildKilled, Children
from lethe.adapters.children_wire import ChildFailed
from lethe.domain.errors import InputRejected
from tests.unit.adapters.child_scripts import PARENT, WORK
from tests.waiting import PATIENCE_SECONDS

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def work_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("work")
    (directory / "child_work.py").write_text(WORK)
    return directory


@pytest.fixture
def work(work_directory: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Functions in a module that a child can import."""
    monkeypatch.syspath_prepend(str(work_directory))
    import child_work  # type: ignore[import-not-found]  # noqa: PLC0415

    return child_work  # type: ignore[no-any-return]


@pytest.fixture
async def children(work: ModuleType, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Children]:
    monkeypatch.setattr("lethe.adapters.children._END_SECONDS", PATIENCE_SECONDS)
    async with Children(["child_work"], slots=2) as children:
        yield children


async def wait_for_exit(pid: int) -> None:
    """Wait until the process has ended (it may be a zombie still)."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ended, _, _ = await asyncio.to_thread(select.select, [fd], [], [], PATIENCE_SECONDS)
        assert ended, f"process {pid} lives on"
    finally:
        os.close(fd)


async def told_pid(path: Path) -> int:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (path.exists() and path.read_text().endswith(".")):  # noqa: ASYNC110 the event is in another process
            await asyncio.sleep(0.01)
    return int(path.read_text()[:-1])


async def test_the_result_comes_from_another_process_each_time(children: Children) -> None:
    pids = {await children.run(os.getpid) for _ in range(3)}
    assert len(pids) == 3
    assert os.getpid() not in pids


async def test_large_arguments_and_results_come_through_whole(children: Children) -> None:
    data = os.urandom(20 * MIB)
    assert await children.run(bytes.upper, data, memory_bytes=200 * MIB) == data.upper()


async def test_our_own_errors_come_back_as_such(children: Children, work: ModuleType) -> None:
    with pytest.raises(InputRejected, match=r"report\.pdf is damaged") as caught:
        await children.run(work.reject)
    assert str(caught.value) == "report.pdf is damaged."
    assert "in reject" in str(caught.value.__cause__)


async def test_an_error_of_the_system_comes_back_as_its_number(children: Children, work: ModuleType) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        await children.run(work.open_what_the_document_names)
    assert str(caught.value) == "[Errno 2] No such file or directory"
    assert "in open_what_the_document_names" in str(caught.value.__cause__)


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        ("quote", "ValueError"),
        ("odd", "child_work.Odd"),
        ("of_a_library", "child_work.LibraryError"),
        ("panic", "BaseException"),
    ],
)
async def test_another_error_comes_as_its_type_and_place_without_what_it_says(
    function: str, kind: str, children: Children, work: ModuleType
) -> None:
    with pytest.raises(ChildFailed, match=kind) as caught:
        await children.run(getattr(work, function))
    assert f"in {function}" in str(caught.value)
    assert "SECRET" not in "".join(traceback.format_exception(caught.value))


async def test_a_result_that_cannot_be_sent_is_an_error(children: Children, work: ModuleType) -> None:
    with pytest.raises(ChildFailed, match="children_server"):
        await children.run(work.unpicklable)


async def test_a_child_that_uses_up_its_cpu_time_is_ended(children: Children) -> None:
    with pytest.raises(ChildKilled) as caught:
        await children.run(pow, 3, 10**9, cpu_seconds=1)
    assert caught.value.reason == "cpu"
    assert f"it could not be parsed: {caught.value}." == (
        "it could not be parsed: it takes more CPU time than a document may."
    )


async def test_a_child_that_uses_up_its_memory_is_ended(children: Children, work: ModuleType) -> None:
    for function in (work.grow, work.grow_in_native_code_and_abort):
        with pytest.raises(ChildKilled) as caught:
            await children.run(function, memory_bytes=100 * MIB)
        assert caught.value.reason == "memory"


async def test_a_child_that_takes_too_long_is_ended(
    children: Children, work: ModuleType, tmp_path: Path
) -> None:
    for seconds in (1, 10, PATIENCE_SECONDS):  # until the child has come so far as to sleep, for ten minutes
        with (tmp_path / "pid").open("wb") as file, pytest.raises(ChildKilled) as caught:
            await children.run(work.tell_pid_and_sleep, file, wall_seconds=seconds)
        assert caught.value.reason == "wall"
        if (tmp_path / "pid").read_text():
            break
    await wait_for_exit(await told_pid(tmp_path / "pid"))


async def test_a_crash_in_native_code_is_an_error_and_nothing_more(
    children: Children, work: ModuleType
) -> None:
    for function in (work.crash, os.abort):
        with pytest.raises(ChildKilled) as caught:
            await children.run(function, memory_bytes=100 * MIB)
        assert caught.value.reason == "crash"
    assert await children.run(int, "7") == 7


async def test_cancelling_returns_when_the_child_is_gone(
    children: Children, work: ModuleType, tmp_path: Path
) -> None:
    with (tmp_path / "pid").open("wb") as file:
        call = asyncio.create_task(children.run(work.tell_pid_and_sleep, file))
        pid = await told_pid(tmp_path / "pid")
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_no_more_children_run_than_there_are_slots(
    children: Children, work: ModuleType, tmp_path: Path
) -> None:
    with (tmp_path / "begun").open("ab") as file:
        times = await asyncio.gather(*(children.run(work.begin_and_end, file) for _ in range(8)))
    at_work = [sum(begin <= moment < end for begin, end in times) for moment, _ in times]
    assert max(at_work) == 2


async def test_a_cancelled_call_gives_its_slot_back(children: Children) -> None:
    for _ in range(3):
        calls = [asyncio.create_task(children.run(time.sleep, 600)) for _ in range(3)]
        await asyncio.sleep(0)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await children.run(int, "7") == 7


async def test_closing_ends_the_children_too(children: Children, work: ModuleType, tmp_path: Path) -> None:
    with (tmp_path / "pid").open("wb") as file:
        call = asyncio.create_task(children.run(work.tell_pid_and_sleep, file))
        pid = await told_pid(tmp_path / "pid")
    await children.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    await asyncio.gather(call, return_exceptions=True)


async def test_a_fork_server_that_died_is_started_again(children: Children) -> None:
    server = await children.run(os.getppid)
    os.kill(server, signal.SIGKILL)
    await wait_for_exit(server)
    assert await children.run(os.getppid) != server


async def test_children_see_no_secret_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, work: ModuleType
) -> None:
    monkeypatch.setenv("LETHE_DATABASE_URL", "postgresql://user:secret@host/db")
    async with Children(environment={"GIVEN": "on purpose"}) as children:
        seen = await children.run(work.environment)
    assert seen["OMP_NUM_THREADS"] == "1"
    assert seen["GIVEN"] == "on purpose"
    assert not any("LETHE" in name or "secret" in value for name, value in seen.items())


async def test_a_parent_killed_at_once_leaves_no_process(work_directory: Path, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    command = [sys.executable, *map(str, (script, tmp_path / "times", work_directory, tmp_path / "pid"))]
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(  # noqa: ASYNC220 asyncio's own would watch it
        command, stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout is not None
        server = int(await asyncio.to_thread(parent.stdout.readline))
        child = await told_pid(tmp_path / "pid")
        parent.kill()
    await wait_for_exit(child)
    await wait_for_exit(server)


@pytest.mark.parametrize("way", ["as a file", "as a module"])
def test_the_main_script_is_not_run_again_in_children(way: str, work_directory: Path, tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(PARENT)
    what = [str(tmp_path / "parent.py")] if way == "as a file" else ["-m", "parent"]
    environment = {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    subprocess.run(
        [sys.executable, *what, str(tmp_path / "times"), str(work_directory)],
        check=True, env=environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    assert (tmp_path / "times").read_text() == "main ran\n"
