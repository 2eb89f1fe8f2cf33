"""Companies are as if alone: each route, with another's ids, without the scope, without a token."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
import pytest

from lethe.domain.records.access import SCOPES
from tests.client import TLS, Client
from tests.hostile.routes import OPEN, UNDESCRIBED, described, served, unnamed
from tests.hostile.tenants import LINES, MARK, Ids, Line, everything, nothing, settle, told
from tests.http.knowledge.knowledge import Knowledge
from tests.server import Server
from tests.waiting import PATIENCE_SECONDS

NAMES = [f"{line.call} {number}" for number, line in enumerate(LINES)]


@dataclass(frozen=True, eq=False)
class World:
    """A company that has one of everything, what it can see of that, and callers who are to see nothing of it."""

    server: Server
    kb: Knowledge
    ids: Ids
    seen: list[Any]

    @cache  # noqa: B019 one world a run
    def stranger(self, scope: str | None, number: int) -> Client:
        """A company of its own for the lines of this scope, so that what one makes is in no other's answer."""
        return self.server.client()

    @cache  # noqa: B019 one world a run
    def without(self, scope: str) -> Client:
        """A token of the company itself, with every scope but this one."""
        return self.server.client(
            company=self.kb.company, scopes=",".join(other for other in SCOPES if other != scope)
        )


@pytest.fixture(scope="module")
def world(server: Server) -> Iterator[World]:
    """The companies of this module."""
    kb = Knowledge(server.client())
    ids = settle(server, kb)
    yield World(server, kb, ids, everything(kb))
    server.close_clients()


def test_every_route_has_its_line() -> None:
    lines = {unnamed(line.call) for line in LINES}
    assert served() - OPEN == lines
    assert described() | UNDESCRIBED == lines


@pytest.mark.parametrize("line", LINES, ids=NAMES)
def test_what_another_company_has_is_as_if_it_were_not_there(world: World, line: Line) -> None:
    stranger, other = (world.stranger(line.scope, number) for number in (1, 2))
    answer = line.send(stranger.http, world.ids)
    assert answer.status_code == line.status, answer.text
    if line.holds is not None:
        assert {key: answer.json()[key] for key in line.holds} == line.holds
    blank = nothing()
    said = told(answer, world.ids, stranger)
    assert said == told(line.send(other.http, blank), blank, other)
    for secret in (MARK, world.kb.company, world.kb.artifacts.token[8:]):
        assert secret not in said


@pytest.mark.parametrize("line", LINES, ids=NAMES)
def test_without_the_scope_or_a_token_a_call_is_refused(world: World, line: Line) -> None:
    with httpx.Client(
        base_url=world.server.url, timeout=PATIENCE_SECONDS, trust_env=False, verify=TLS
    ) as nobody:
        bare = line.send(nobody, world.ids)
    if line.call == "POST /retrieval":  # as Dify wants it
        assert (bare.status_code, bare.json()["error_code"]) == (403, 1001)
    else:
        assert bare.status_code == 401
        assert bare.headers["WWW-Authenticate"].startswith("Bearer, Basic ")
        in_shape(line, bare, "Unauthorized")
    if line.scope is not None:
        refused = line.send(world.without(line.scope).http, world.ids)
        assert refused.status_code == 403, refused.text
        assert in_shape(line, refused, "Forbidden") == f"The token lacks the scope '{line.scope}'."


def test_after_all_that_the_company_has_what_it_had(world: World) -> None:
    assert everything(world.kb) == world.seen


def in_shape(line: Line, answer: httpx.Response, name: str) -> str:
    """The sentence of an error, which has the shape of its door."""
    error: dict[str, Any] = answer.json()
    if re.search("/(embeddings|models|tools)", line.call):
        assert error.pop("error")["message"] == error["detail"]
        assert set(error) == {"detail"}
        return str(error["detail"])
    if line.call == "POST /retrieval":
        assert (set(error), error["error_code"]) == ({"error_code", "error_msg"}, 1002)
        return str(error["error_msg"])
    if "/artifacts/" in line.call or "/primitives/" in line.call:
        assert set(error) == {"detail"}
        return str(error["detail"])
    assert set(error) - {"code"} == {"message", "error", "statusCode"}
    assert (error["error"], error["statusCode"]) == (name, answer.status_code)
    return str(error["message"])
