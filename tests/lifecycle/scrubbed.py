"""`lethe scrub` as an operator runs it, and what its tests ask a server before and after."""

import json
import subprocess
from typing import Any

import psycopg

from tests.client import Client
from tests.lifecycle.stored import ask
from tests.server import LETHE, Server


def settle(server: Server) -> None:
    """Put all embeddings into the index, as the worker does for large companies; take statistics; write all to disk."""
    with psycopg.connect(server.superuser(), autocommit=True) as conn:
        for statement in ("UPDATE chunk_vec SET settled = true WHERE NOT settled", "ANALYZE", "CHECKPOINT"):
            conn.execute(statement.encode())


def scrub(server: Server, *args: str, code: int = 0) -> Any:
    """Run the command; what it says as JSON."""
    done = server.command("scrub", "--json", *args, check=False)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def start(server: Server, *args: str, **settings: str) -> subprocess.Popen[bytes]:
    """Start a command beside the server, with `settings` in its environment besides the server's."""
    return subprocess.Popen(
        [LETHE, *args],
        env=server.environment | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def company(report: Any, name: str) -> Any:
    """What a report says of a company."""
    return next(c for c in report["companies"] if c["company"] == name)


def index_is_off(server: Server) -> bool:
    """True while a scrub has set an index aside."""
    return ask(server, "SELECT FROM installation WHERE key LIKE 'index set aside%%'") != []


def node_of_company(server: Server, client: Client, artifact: str) -> str:
    """The node of this artifact that is the client's."""
    ((id,),) = ask(
        server,
        "SELECT n.id FROM node n JOIN company c ON c.id = n.company_id WHERE c.name = %s AND artifact = %s",
        client.company,
        artifact,
    )
    return str(id)
