"""Settings that cannot be right are refused by every command with one sentence, before anything is made or started."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from tests.server import LETHE, Server
from tests.waiting import PATIENCE_SECONDS, until


@pytest.fixture
def place(service_directory: Callable[[str], Path]) -> Path:
    """An empty directory below which a command could make its data, PostgreSQL's too."""
    return service_directory("refused")


def refusal(server: Server, *args: str) -> str:
    """The one line with which a command refuses."""
    done = server.command(*args, check=False)
    assert (done.returncode, done.stdout) == (1, ""), done
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["token", "list"],
        ["doctor"],
        ["scrub"],
        ["backup", "{}/backup"],
        ["receipts", "verify", "--all"],
        ["api", "--port", "0"],
        ["worker"],
    ],
    ids=" ".join,
)
def test_a_command_on_a_directory_without_data_says_so_and_makes_nothing(
    place: Path, command: list[str]
) -> None:
    wrong = place / "wrong"
    said = refusal(Server(wrong), *(word.format(place) for word in command))
    assert (
        said
        == f"lethe: There is no Lethe data in {wrong}: set LETHE_DATA_DIR to the directory of the server.\n"
    )
    assert list(place.iterdir()) == []


def test_a_directory_of_something_else_is_not_taken_for_lethes_and_stays_as_it_is(place: Path) -> None:
    (place / "postgres").mkdir()
    (place / "notes").write_text("mine")
    for wrong in (place, place / "notes"):
        said = refusal(Server(wrong), "token", "list")
        assert said.startswith(f"lethe: There is no Lethe data in {wrong}: set LETHE_DATA_DIR ")
    assert sorted(path.name for path in place.rglob("*")) == ["notes", "postgres"]


def test_a_directory_that_may_not_be_read_is_refused_and_named(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0)
    bound = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    try:
        done = subprocess.run(
            [*bound, str(LETHE), "token", "list"],
            env=Server(closed).environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
    finally:
        closed.chmod(0o700)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done
    assert done.stderr.startswith(f"lethe: {closed}/")
    assert "belongs to another user: run the command as the user that the server runs as" in done.stderr


def test_a_token_can_be_made_before_the_first_start(service_directory: Callable[[str], Path]) -> None:
    server = Server(service_directory("token-first") / "data")
    create = ("token", "create", "--company", "c", "--name", "n", "--scopes", "all")
    refused = server.command(*create, check=False)
    assert (refused.returncode, "There is no Lethe data" in refused.stderr) == (1, True)
    assert not server.directory.exists()
    made = server.command(*create, "--init").stdout
    assert made[:12] in server.command("token", "list").stdout


@pytest.mark.parametrize(
    "command",
    [["serve"], ["token", "list"], ["migrate"], ["api"], ["worker"], ["doctor"], ["restore-backup", "{}/b"]],
    ids=" ".join,
)
def test_an_address_that_is_no_databases_is_refused_and_its_password_is_not_shown(
    place: Path, command: list[str]
) -> None:
    server = Server(place / "data", LETHE_DATABASE_URL="mysql://u:hunter2@h/x")
    said = refusal(server, *(word.format(place) for word in command))
    assert said.startswith("lethe: LETHE_DATABASE_URL is not of the form postgresql://")
    assert "hunter2" not in said
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("wrong", ["mysql://x", "postgresql://u:hunter%zz@h/x", "postgresql://u:a b@[h/x"])
def test_an_address_by_a_flag_is_refused_in_the_same_way(place: Path, wrong: str) -> None:
    said = refusal(Server(place / "data"), "serve", "--database-url", wrong)
    assert said.startswith("lethe: LETHE_DATABASE_URL is not of the form postgresql://")
    assert wrong not in said


@pytest.mark.parametrize(
    ("flag", "value", "reason"),
    [
        ("--amqp-url", "http://u:hunter2@x", "The AMQP address must have the form amqp://"),
        ("--embedder", "foo", "LETHE_EMBEDDER is 'foo', but must be local"),
        ("--embedder", "onnx:/nonexistent", "The model directory '/nonexistent' has no file model.onnx."),
    ],
)
def test_a_server_whose_worker_could_never_start_is_not_started(
    place: Path, flag: str, value: str, reason: str
) -> None:
    said = refusal(Server(place / "data"), "serve", "--port", "0", flag, value)
    assert said.startswith(f"lethe: {reason}")
    assert "hunter2" not in said
    assert list(place.iterdir()) == []


def test_a_wrong_setting_is_named_as_a_variable_and_as_a_flag(place: Path) -> None:
    said = refusal(Server(place / "data"), "serve", "--limit-file-bytes", "abc")
    assert said.startswith(
        "lethe: LETHE_LIMIT_FILE_BYTES (--limit-file-bytes): Input should be a valid integer"
    )


def test_a_server_that_is_stopped_before_it_was_ready_announces_nothing_and_makes_no_token(
    new_server: Callable[..., Server],
) -> None:
    with socket.socket() as nobody:  # who calls it is refused
        nobody.bind(("127.0.0.1", 0))
        embedder = f"openai:http://127.0.0.1:{nobody.getsockname()[1]}/v1#m"
        server = new_server("never-ready", LETHE_EMBEDDER=embedder)
        with subprocess.Popen(
            [LETHE, "serve", "--port", "0"],
            env=server.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            try:
                until(lambda: health(process.pid) == 200)
                process.send_signal(signal.SIGTERM)
                said, _ = process.communicate(timeout=PATIENCE_SECONDS)
            finally:
                process.kill()
    assert (process.returncode, said) == (0, "")
    assert server.command("token", "list").stdout == ""


def health(server: int) -> int | None:
    """The status of /health of a process; None while it does not answer."""
    listening = [
        at.laddr.port for at in psutil.Process(server).net_connections("tcp") if at.status == "LISTEN"
    ]
    try:
        url = f"http://127.0.0.1:{listening[0]}/health"
        return httpx.get(url, trust_env=False, timeout=PATIENCE_SECONDS).status_code
    except (IndexError, httpx.HTTPError):
        return None
