"""The command line as somebody uses it who has a token for a server."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lethe.cli import main
from tests.client import Client
from tests.server import Server


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    out: str
    err: str
    code: int

    @property
    def json(self) -> Any:
        """Its output as JSON."""
        return json.loads(self.out)


Lethe = Callable[..., Ran]


@pytest.fixture
def lethe(
    server: Server,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Lethe:
    """Runs a command for a new company; `code`: the exit code that it must have."""
    monkeypatch.setenv("LETHE_URL", server.url)
    monkeypatch.setenv("LETHE_TOKEN", client.token)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("LETHE_PROFILE", raising=False)

    def run(*arguments: str | Path, code: int = 0) -> Ran:
        ended = 0
        try:
            main([*map(str, arguments)])
        except SystemExit as exc:
            ended = int(exc.code or 0)
        ran = Ran(*capsys.readouterr(), ended)
        assert ran.code == code, ran
        return ran

    return run
