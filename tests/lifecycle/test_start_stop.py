"""Starting, stopping and starting again: a whole server, and its parts on one database."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import psutil
import pytest

from tests.client import Client, body, long_text
from tests.lifecycle.stored import ask, loose_ends, scratch_files
from tests.lifecycle.test_kill import is_gone
from tests.server import LETHE, Server
from tests.services import OpenAIServer
from tests.waiting import PATIENCE_SECONDS, until


@pytest.fixture(scope="module")
def own(service_directory: Callable[[str], Path], embedder: OpenAIServer) -> Iterator[Server]:
    """A server that is stopped and started."""
    settings = {"LETHE_FETCH_ALLOW_PRIVATE": "true", "LETHE_EMBEDDER": embedder.spec}
    server = Server(service_directory("start-stop") / "data", **settings).start()
    yield server
    assert server.stop() == 0
    assert not (server.directory / "postgres" / "pgdata" / "postmaster.pid").exists()


@pytest.fixture(autouse=True)
def running(own: Server) -> None:
    """The server runs, whatever the test before has left."""
    if not own.runs():
        own.restart()


def test_a_first_start_prints_the_address_and_one_token_that_works(own: Server) -> None:
    console = re.fullmatch(
        rf"Open ({own.url}/console/enter/\S+) in a browser: it signs in once, within an hour\.\n", own.said[0]
    )
    assert console
    assert own.said[1:] == [
        f"Lethe listens on {own.url}\n",
        f"First token (shown only once): {own.first_token}\n",
    ]
    client = own.client_of(own.first_token, "default")
    assert client.ingest("kept", "over the restart").status_code == 200
    assert [look(console[1]).status_code for _ in range(2)] == [200, 401]


def look(url: str) -> httpx.Response:
    return httpx.get(url, timeout=PATIENCE_SECONDS, trust_env=False)


class SlowSite:
    """A web server that keeps those who ask waiting until it is told to answer: work that takes as long as wanted."""

    TEXT = "text from afar"

    def __init__(self) -> None:
        self.asked, self.may_answer = threading.Event(), threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.set()
                site.may_answer.wait(2 * PATIENCE_SECONDS)
                with suppress(OSError):  # who asked first may be gone
                    self.send_response(200)
                    self.send_header("Content-Type", "text/plain")
                    self.end_headers()
                    self.wfile.write(site.TEXT.encode())

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/a.txt"

    def __enter__(self) -> "SlowSite":
        threading.Thread(target=self._server.serve_forever).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.may_answer.set()
        self._server.shutdown()
        self._server.server_close()


def test_after_an_order_to_stop_what_runs_goes_on_at_the_next_start(own: Server) -> None:
    client = own.client_of(own.first_token, "default")
    with SlowSite() as site, ThreadPoolExecutor() as pool:
        document = {**body("slow", ""), "input": {"type": "uri", "value": site.url}}
        waiting = pool.submit(
            httpx.post,
            f"{own.url}/v1/artifacts/ingest",
            json={**document, "artifact": "waited for"},
            headers=client.http.headers,
            timeout=PATIENCE_SECONDS,
        )
        slow = client.post("/ingest/async", {"ingest_body": document}).json()["task_id"]
        assert site.asked.wait(PATIENCE_SECONDS)
        begun = "SELECT FROM task t JOIN node n ON n.id = t.node_id WHERE artifact = 'waited for'"
        until(lambda: ask(own, begun))
        texts = {f"a{i}": long_text(20, str(i)) for i in range(8)}
        tasks = [slow, *(client.ingest_async(artifact, text) for artifact, text in texts.items())]
        worker = own.worker()
        assert own.stop() == 0  # long before the site answers
        assert not worker.is_running()
        assert scratch_files(own) == []
        assert waiting.result().status_code == 503
        assert "The server is stopping" in waiting.result().json()["detail"]
        assert "Traceback" not in own.log

        made = json.loads(
            own.command(
                "token",
                "create",
                "--company",
                "default",
                "--name",
                "x",
                "--scopes",
                "all",
                "--rate",
                "unlimited",
                "--json",
            ).stdout
        )
        assert made["prefix"] in own.command("token", "list").stdout
        own.command("token", "revoke", own.first_token[:12])
        assert not (own.directory / "postgres" / "pgdata" / "postmaster.pid").exists(), (
            "the command's own database"
        )

        site.may_answer.set()
        own.start()
        assert own.said == [f"Open {own.url}/console in a browser.\n", f"Lethe listens on {own.url}\n"]
        assert own.client_of(own.first_token, "default").get("/list", collection="c").status_code == 401
        client = own.client_of(made["token"], "default")
        assert client.text("kept") == "over the restart"
        for task_id in tasks:
            assert client.ended("ingest", task_id)["task_status"] == "SUCCESS"
        assert {artifact: client.text(artifact) for artifact in texts} == texts
        assert client.text("slow") == SlowSite.TEXT
        until(lambda: client.text("waited for") == SlowSite.TEXT)
        until(lambda: loose_ends(own) == {})


def test_a_document_that_was_fetched_tells_where_from_but_not_what_gave_access(own: Server) -> None:
    client = own.client()
    with SlowSite() as site:
        site.may_answer.set()
        signed = {"type": "uri", "value": f"{site.url}?v=2&X-Amz-Signature=geheim&token=geheim#p3"}
        assert client.post("/ingest", {**body("far", ""), "input": signed}).status_code == 200
        client.ingest("near", SlowSite.TEXT)
        shown = f"{site.url}?v=2"
        listed = client.get("/list", collection="c").json()["data"]
        assert [document.get("source_uri") for document in listed] == [shown, None]
        found = client.http.post("/v1/knowledge/search", json={"query": "afar", "mode": "full"}).json()
        assert {hit["artifact"]: hit.get("source_uri") for hit in found["results"]} == {
            "far": shown,
            "near": None,
        }
        node = found["results"][0 if found["results"][0]["artifact"] == "far" else 1]["node_id"]
        assert client.http.get(f"/v1/knowledge/nodes/{node}").json()["source_uri"] == shown
        client.ingest("far", "sent anew")
        assert "source_uri" not in client.get("/list", collection="c").json()["data"][0]


def test_tokens_are_made_listed_and_revoked_while_the_server_runs(own: Server) -> None:
    secret = own.command(
        "token", "create", "--company", "b", "--name", "n", "--scopes", "all", "--rate", "unlimited"
    ).stdout.strip()
    assert own.client_of(secret, "b").get("/list", collection="c").status_code == 200
    assert secret[:12] in own.command("token", "list", "--company", "b").stdout
    assert own.command("token", "revoke", secret[:12]).stdout.startswith("revoked ")
    assert own.client_of(secret, "b").get("/list", collection="c").status_code == 401


def test_a_database_that_cannot_be_started_at_once_is_tried_again(own: Server) -> None:
    in_the_way = own.directory / "postgres" / "postgresql.conf"
    in_the_way.unlink()
    in_the_way.mkdir()
    try:
        own.postmaster().kill()
        until(lambda: "cannot start the database" in own.log)
        answer = look(f"{own.url}/ready")
        assert answer.status_code == 503
        assert answer.json()["missing"] == ["The database does not answer at the moment: try again."]
    finally:
        in_the_way.rmdir()
    until(own.is_ready)
    assert own.client().ingest("kept", "over the restart").status_code == 200


def test_a_second_server_on_the_same_directory_says_so_and_leaves_the_first_alone(own: Server) -> None:
    second = own.command("serve", "--port", "0", check=False)
    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr == (
        f"lethe: A Lethe server (process {own.pid}) runs on {own.directory} already: "
        "stop it, or set LETHE_DATA_DIR.\n"
    )
    assert own.runs()
    until(own.is_ready)


@pytest.mark.parametrize("command", ["serve", "api"])
def test_a_port_in_use_is_a_clear_error_and_nothing_is_started(tmp_path: Path, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [LETHE, command, "--port", str(port), "--data-dir", tmp_path],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
    assert ended.returncode == 1
    assert ended.stderr == (
        f"lethe: Cannot listen on 127.0.0.1 port {port} (Address already in use): "
        "choose another with --host and --port.\n"
    )
    assert not (tmp_path / "postgres").exists()


@contextmanager
def part(directory: Path, *args: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """A part of a server in a process of its own, which exits with 0 when it is told to."""
    environment = {**os.environ, "LETHE_DATA_DIR": str(directory), **settings}
    with subprocess.Popen(
        [LETHE, *args], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=PATIENCE_SECONDS)
            assert process.returncode == 0, errors
        finally:
            process.kill()


def test_api_and_worker_serve_together_on_one_migrated_database(
    new_database: Callable[..., str], service_directory: Callable[[str], Path], embedder: OpenAIServer
) -> None:
    directory = service_directory("parts")
    settings = {"LETHE_DATABASE_URL": new_database(), "LETHE_EMBEDDER": embedder.spec}
    environment = {**os.environ, "LETHE_DATA_DIR": str(directory), **settings}

    def command(*args: str) -> str:
        return subprocess.run(
            [LETHE, *args],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_SECONDS,
        ).stdout

    with part(directory, "api", "--port", "0", **settings) as api:
        assert api.stdout is not None
        said = re.fullmatch(r"Lethe's API listens on (http://127.0.0.1:\d+)\n", api.stdout.readline())
        assert said is not None
        url = said[1]

        def missing() -> str:
            answer = look(f"{url}/ready")
            assert answer.status_code == (503 if answer.json().get("missing") else 200)
            return "".join(answer.json().get("missing", []))

        until(lambda: "Migrations are not applied (0001" in missing())  # at first it may still connect
        until(lambda: "run 'lethe migrate'" in missing())
        assert "applied 0001" in command("migrate")
        assert command("migrate") == "nothing to do\n"
        until(lambda: missing() == "No worker is alive: start 'lethe worker'.")
        assert look(f"{url}/health").status_code == 200
        token = command(
            "token", "create", "--company", "c", "--name", "n", "--scopes", "all", "--rate", "unlimited"
        ).strip()
        client = Client(url, token, "c")
        waiting = client.ingest_async("a", "taken before a worker was there")
        with part(directory, "worker", **settings):
            until(lambda: missing() == "")
            assert client.ended("ingest", waiting)["task_status"] == "SUCCESS"
            assert client.ingest("b", "sync").status_code == 200
            assert client.delete("a").status_code == 200
            assert client.listed() == ["b"]
            assert_refuses_callbacks(client)
        until(lambda: missing() != "")
        client.http.close()


def assert_refuses_callbacks(client: Client) -> None:
    """Without a broker a callback is refused at once, with a sentence, and nothing is done."""
    callback = {"amqp": {"exchange": "x"}, "properties": None}
    ingestion = client.post("/ingest/async", {"ingest_body": body("c", "text"), "callback": callback})
    deletion = client.post(
        "/delete/async", {"delete_body": {"collection": "c", "artifact": "b"}, "callback": callback}
    )
    for answer in (ingestion, deletion):
        assert answer.status_code == 422
        assert "no message broker" in answer.text
        assert "LETHE_AMQP_URL" in answer.text
    assert client.listed() == ["b"]


def test_a_worker_ends_when_its_server_and_the_database_have_died(
    new_server: Callable[..., Server],
) -> None:
    server = new_server("died").start()
    worker, postmaster = server.worker(), server.postmaster()
    try:
        os.kill(server.pid, signal.SIGSTOP)  # it would start the database again
        postmaster.kill()
        server.kill()
        until(lambda: is_gone(worker))
    finally:
        with suppress(psutil.NoSuchProcess):
            worker.kill()
