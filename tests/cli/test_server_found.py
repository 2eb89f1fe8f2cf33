"""Which server a command talks to if nobody names one, and what it leaves behind there."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Lethe
from tests.client import Client
from tests.server import Server


@pytest.fixture
def local(lethe: Lethe, server: Server, monkeypatch: pytest.MonkeyPatch) -> Lethe:
    """Runs a command that knows nothing but the data directory. The server's port is any that was free."""
    monkeypatch.delenv("LETHE_URL")
    monkeypatch.delenv("LETHE_TOKEN")
    monkeypatch.setenv("LETHE_DATA_DIR", str(server.directory))
    return lethe


def test_the_server_on_the_data_directory_is_found_whatever_its_port(
    local: Lethe, server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.company in local("stats", "--company", client.company).out
    monkeypatch.setenv("LETHE_URL", server.url.replace("127.0.0.1", "localhost"))
    assert client.company in local("stats", "--company", client.company).out
    monkeypatch.setenv("LETHE_URL", "http://127.0.0.1:9")
    assert "set LETHE_TOKEN" in local("stats", code=1).err


def test_without_a_server_on_the_directory_the_message_names_it(
    local: Lethe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LETHE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LETHE_PORT", "9")
    said = local("ls", code=1).err
    assert f"No server on {tmp_path} answers at http://127.0.0.1:9" in said
    assert "set LETHE_DATA_DIR" in said


def test_the_token_of_a_command_is_kept_but_no_longer_shown(local: Lethe, client: Client) -> None:
    local("ls", "--company", client.company)
    listed = ("token", "list", "--company", client.company)
    assert [token["name"] for token in local(*listed, "--json").json] == ["test"]
    kept = json.loads(local(*listed, "--all", "--json").out)
    assert [(token["name"], token["revoked_at"] is None) for token in kept] == [
        ("test", True),
        ("command line", False),
    ]
