"""Calls with an Idempotency-Key, and what the server holds of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import httpx
import psycopg

from tests.client import Client
from tests.lifecycle.stored import ask
from tests.server import Server


def keyed(client: Client, key: str, method: str, path: str, **more: Any) -> httpx.Response:
    """A call below /v1 with this key."""
    headers = {"Idempotency-Key": key, **more.pop("headers", {})}
    return client.http.request(method, f"/v1{path}", headers=headers, **more)


def replayed(answer: httpx.Response) -> bool:
    """True when the answer was given before."""
    return bool(answer.headers.get("Idempotency-Replayed") == "true")


def sentence(answer: httpx.Response) -> str:
    """What an error says, which has the shape of the door that was called."""
    body = answer.json()
    if answer.url.path.startswith("/v1/artifacts/"):
        assert set(body) == {"detail"}
        return str(body["detail"])
    assert set(body) >= {"message", "error", "statusCode"}
    assert body["statusCode"] == answer.status_code
    return str(body["message"])


def rows(server: Server, client: Client) -> list[dict[str, Any]]:
    """What is stored of a company's keys."""
    found = ask(
        server,
        """
        SELECT to_jsonb(i) || jsonb_build_object('body', convert_from(i.body, 'UTF8'))
        FROM idempotency i JOIN company c ON c.id = i.company_id WHERE c.name = %s
        """,
        client.company,
    )
    return [row[0] for row in found]


def under_way(server: Server, client: Client, owners: int = 1) -> bool:
    """True when so many of the company's requests hold a claim."""
    return (
        sum(row["status"] is None and row["fingerprint"] is not None for row in rows(server, client))
        >= owners
    )


def set_leases(server: Server, client: Client, *, seconds: int) -> None:
    """Let so much time be left until the claims that nobody renews are free."""
    ask(
        server,
        """
        UPDATE idempotency i SET leased_until = now() + make_interval(secs => %s)
        FROM company c WHERE c.id = i.company_id AND c.name = %s AND i.status IS NULL
        """,
        seconds,
        client.company,
    )


@contextmanager
def nothing_changes(server: Server) -> Iterator[None]:
    """Have all that changes the tree, an assignment or a webhook wait until the end of the block."""
    with psycopg.connect(server.superuser()) as conn:
        conn.execute("SET idle_in_transaction_session_timeout = 0")
        conn.execute(
            "LOCK TABLE node, assignment, webhook, webhook_secret, webhook_delivery IN SHARE ROW EXCLUSIVE MODE"
        )
        yield


@contextmanager
def answers_wait(server: Server, when: Literal["STATEMENT", "ROW"]) -> Iterator[Callable[[], int]]:
    """Have answers wait, until the end of the block, before they are stored; how many do is what the block gets.

    Args:
        when: STATEMENT: before anything is looked at; ROW: when all is looked at, and locked.
    """
    with psycopg.connect(server.superuser(), autocommit=True) as conn:
        conn.execute("SELECT pg_advisory_lock(4711)")
        conn.execute(
            """
            CREATE FUNCTION public.wait_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF current_query() LIKE '%verdict%' THEN
                    PERFORM pg_advisory_xact_lock_shared(4711);
                END IF;
                RETURN NEW;
            END $$
            """
        )
        conn.execute(
            "CREATE TRIGGER wait_here BEFORE UPDATE ON public.idempotency FOR EACH "
            + when
            + " EXECUTE FUNCTION public.wait_here()"
        )
        try:
            yield lambda: len(ask(server, "SELECT FROM pg_locks WHERE objid = 4711 AND NOT granted"))
        finally:
            conn.execute("SELECT pg_advisory_unlock(4711)")
            conn.execute("DROP TRIGGER wait_here ON public.idempotency; DROP FUNCTION public.wait_here()")


def held_up(server: Server) -> bool:
    """Whether somebody waits for a row of an answer that waits."""
    waiting = "SELECT FROM pg_locks l WHERE l.pid = ANY (pg_blocking_pids(a.pid)) AND l.objid = 4711 AND NOT l.granted"
    return ask(server, f"SELECT FROM pg_stat_activity a WHERE EXISTS ({waiting})") != []
