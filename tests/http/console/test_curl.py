"""What "Copy as curl" copies: commands that do in a shell what the page does, with the token in LETHE_TOKEN."""

import html
import re
import subprocess
from argparse import ArgumentParser

import httpx

from tests.client import Client, bare
from tests.http.console.conftest import Enter
from tests.http.console.pages import ended
from tests.waiting import until

_CURL = ArgumentParser()
_CURL.add_argument("-X", dest="method")
_CURL.add_argument("-H", dest="headers", action="append")
_CURL.add_argument("-d", dest="body")
_CURL.add_argument("url")


def run(command: str, token: str) -> httpx.Response:
    """The answer to what a shell hands to curl."""
    script = 'curl() { printf "%s\\0" "$@"; }\n' + command
    shell = ["sh", "-c", script]
    said = subprocess.run(shell, env={"LETHE_TOKEN": token}, capture_output=True, check=True, text=True)
    curl = _CURL.parse_args(said.stdout.split("\0")[:-1])
    headers = dict(header.split(": ", 1) for header in curl.headers)
    method = curl.method or ("GET" if curl.body is None else "POST")
    return bare(method, curl.url, headers=headers, content=(curl.body or "").encode())


def test_what_a_page_copies_as_curl_works_in_a_shell(client: Client, enter: Enter) -> None:
    def made(title: str) -> str:
        body = {"title": title, "markdown": "# It's a key\n", "metadata": {"guest": "Ana O'Hara"}}
        id = str(client.http.post("/v1/knowledge/documents", json=body).json()["id"])
        until(lambda: ended(client, id))
        return id

    kept, trashed = made('Ana\'s "keys" & $HOME'), made("Old keys")
    client.http.delete(f"/v1/knowledge/nodes/{trashed}")
    http = enter(client)
    pages = (
        "/library",
        f"/documents/{kept}",
        "/search?q=it%27s+%24HOME",
        "/trash",
        "/tasks",
        "/overview",
        "/about",
    )
    dialogs = ("/folders/new", f"/nodes/{kept}/name", f"/erase?id={trashed}", f"/delete?id={kept}")
    for path in (*pages, "/receipts", "/assistants", *dialogs):
        commands = re.findall(r'data-copy="([^"]*)"', http.get(path).text)
        assert commands, path
        for command in map(html.unescape, commands):
            answer = run(command, client.token)
            assert answer.is_success, (command, answer.text)
    node = client.http.get(f"/v1/knowledge/nodes/{kept}")
    assert node.status_code == 404  # the last of them deleted it
    assert len(client.http.get("/v1/receipts").json()["items"]) == 1  # the one before erased the other


def test_an_address_adds_nothing_to_the_command_that_its_page_copies(client: Client, enter: Enter) -> None:
    page = enter(client).get("/tasks", params={"status": "';touch pwned;'"}).text
    (command,) = map(html.unescape, re.findall(r'data-copy="([^"]*)"', page))
    assert "pwned" not in command
    assert run(command, client.token).is_success
