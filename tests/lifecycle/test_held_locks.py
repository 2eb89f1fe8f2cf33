"""A transaction that an operator left open stops nobody for long."""

import time

import psycopg

from tests.server import Server


def test_a_lock_that_is_held_gives_503_while_others_go_on(server: Server) -> None:
    mine, other = server.client(), server.client()
    mine.ingest("a", "text")
    other.ingest("b", "text")
    with psycopg.connect(server.superuser(), application_name="psql") as conn:
        conn.execute(
            "SELECT FROM node n JOIN company c ON c.id = n.company_id WHERE c.name = %s FOR UPDATE OF n",
            (mine.company,),
        )
        start = time.monotonic()
        answer = mine.delete("a")
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1
        assert time.monotonic() - start < 15
        assert other.delete("b").status_code == 200
    assert mine.delete("a").status_code == 200
