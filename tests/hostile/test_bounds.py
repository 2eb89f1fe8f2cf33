"""A token bound to a folder is as if alone with it: each route, with the ids of what its own company has elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from tests.client import Client
from tests.hostile.tenants import LINES, MARK, Ids, Line, everything, nothing, settle, told
from tests.http.knowledge.knowledge import Knowledge
from tests.server import Server

OF_THE_COMPANY = {
    "POST /v1/knowledge/deletions",
    "GET /v1/erasures",
    "GET /v1/receipts/salt",
    "POST /v1/webhooks",
    "GET /v1/webhooks",
    "GET /v1/webhooks/deliveries",
    "POST /v1/webhooks/{webhook}/rotate",
    "POST /v1/webhooks/{webhook}/test",
    "DELETE /v1/webhooks/{webhook}",
    "POST /v1/webhooks/deliveries/{delivery}/redeliver",
}
"""Refused to every token with bounds, whatever the ids are."""
MAKE_COLLECTIONS = {
    "POST /v1/knowledge/folders",
    "POST /v1/artifacts/ingest",
    "POST /v1/artifacts/ingest/async",
    "POST /v1/artifacts/ingest/batch",
}
"""A stranger may do so at the root of its own company's tree, and nobody with bounds may."""
OWN = "Own folder"


@dataclass(frozen=True, eq=False)
class World:
    """A company that has one of everything, and tokens that are bound to an empty folder of it."""

    server: Server
    kb: Knowledge
    ids: Ids
    own: str
    seen: list[object]

    @cache  # noqa: B019 one world a run
    def bound(self, scope: str | None, number: int) -> Client:
        """A token for the lines of this scope, so that what one asks for is in no other's answer."""
        return self.server.client(company=self.kb.company, only={self.own: True})


@pytest.fixture(scope="module")
def world(server: Server) -> Iterator[World]:
    """The company of this module."""
    kb = Knowledge(server.client())
    ids = settle(server, kb)
    own = kb.folder(OWN)
    yield World(server, kb, ids, own, everything(kb))
    server.close_clients()


@pytest.mark.parametrize("line", LINES, ids=[f"{line.call} {number}" for number, line in enumerate(LINES)])
def test_what_lies_beyond_a_tokens_bounds_is_as_if_it_were_not_there(world: World, line: Line) -> None:
    bound, other = (world.bound(line.scope, number) for number in (1, 2))
    answer = line.send(bound.http, world.ids)
    assert answer.status_code == expected(line), answer.text
    if answer.status_code == 403:
        assert "token is bound to" in answer.text
    elif line.call == "GET /v1/knowledge/tree" and line.query is None:
        assert [(item["id"], item["parent_id"]) for item in answer.json()["items"]] == [(world.own, None)]
    elif line.holds is not None:
        assert {key: answer.json()[key] for key in line.holds} == line.holds
    blank = nothing()
    said = told(answer, world.ids, bound)
    assert said == told(line.send(other.http, blank), blank, other)
    assert MARK not in said


def test_after_all_that_the_company_has_what_it_had(world: World) -> None:
    assert everything(world.kb) == world.seen


def expected(line: Line) -> int:
    """What a token with bounds gets: what a stranger gets, and nothing of the company as a whole."""
    makes = line.call in MAKE_COLLECTIONS and line.status < 300
    return 403 if makes or line.call in OF_THE_COMPANY else line.status
