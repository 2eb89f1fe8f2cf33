"""What every command does when it is called wrongly, and when nobody reads what it prints."""

import os
import subprocess
import sys

import pytest

from lethe.cli import app
from tests.server import Server


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (["trash", "list"], "--company is missing: see 'lethe trash list --help'."),
        (["trash", "list", "--company"], "--company requires an argument."),
    ],
)
def test_an_option_that_is_not_there_is_called_missing(
    capsys: pytest.CaptureFixture[str], call: list[str], message: str
) -> None:
    with pytest.raises(SystemExit):
        app.parse_args(call)
    assert message in " ".join(capsys.readouterr().err.replace("│", " ").split())


def test_a_command_ends_quietly_when_nobody_reads_on(server: Server) -> None:
    unread, output = os.pipe()
    os.close(unread)
    called = subprocess.run(
        [sys.executable, "-m", "lethe", "receipts", "verify", "--all"],
        env=server.environment,
        stdout=output,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(output)
    assert (called.returncode, called.stderr) == (141, b"")
