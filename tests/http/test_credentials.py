"""The ways in which a client may send its token."""

import base64

import httpx
import pytest

from tests.client import Client, bare
from tests.server import Server
from tests.waiting import until

OTHER = "kbai_pk_" + "0" * 64


def basic(password: str, user: str = "anybody") -> str:
    """An Authorization header of HTTP Basic."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def asked(server: Server, path: str, *headers: tuple[str, str]) -> httpx.Response:
    """GET with these headers and no others."""
    return bare("GET", f"{server.url}{path}", headers=list(headers))


def test_a_token_may_be_a_bearer_an_api_key_or_the_password_of_basic(server: Server, client: Client) -> None:
    for header in (
        ("Authorization", f"Bearer {client.token}"),
        ("Authorization", f"bearer {client.token}"),
        ("x-api-key", client.token),
        ("Authorization", basic(client.token)),
        ("Authorization", basic(client.token, user="")),
        ("Authorization", basic(client.token, user="é")),
    ):
        for path in ("/v1/me", "/v1/artifacts/list?collection=c", "/v1/models"):
            assert asked(server, path, header).status_code == 200, (path, header[0])


def test_the_client_of_anthropic_is_let_in_and_finds_the_model(server: Server, client: Client) -> None:
    import anthropic  # noqa: PLC0415 each process of a run reads this file, and loading it takes seconds

    with anthropic.Anthropic(api_key=client.token, base_url=server.url, max_retries=0) as sdk:
        (model,) = sdk.models.list().data
        assert sdk.models.retrieve(model.id).display_name == model.display_name
        assert model.type == "model"
    wrong = anthropic.Anthropic(api_key=OTHER, base_url=server.url, max_retries=0)
    with wrong as sdk, pytest.raises(anthropic.AuthenticationError, match="Invalid or missing API token"):
        sdk.models.list()


def test_the_same_token_twice_is_one_token_and_two_tokens_are_none(server: Server, client: Client) -> None:
    bearer, key = ("Authorization", f"Bearer {client.token}"), ("x-api-key", client.token)
    for headers in ([bearer, key], [("Authorization", basic(client.token)), key]):
        assert asked(server, "/v1/models", *headers).status_code == 200
    for headers in (
        [bearer, ("x-api-key", OTHER)],
        [bearer, ("x-api-key", "")],
        [("Authorization", basic(OTHER)), key],
        [bearer, bearer],
        [key, key],
    ):
        answer = asked(server, "/v1/models", *headers)
        assert answer.status_code == 401
        assert "send " in answer.json()["detail"]
        assert client.token not in answer.text
        told = asked(server, "/v1/me", *headers).json()
        assert told["message"] == "Invalid or missing API token"  # in this door always the same


@pytest.mark.parametrize(
    "header",
    [
        ("Authorization", "Basic"),
        ("Authorization", "Basic !!!"),
        ("Authorization", "Basic " + base64.b64encode(b"\xff:\xff").decode()),
        ("Authorization", "Basic " + base64.b64encode(OTHER.encode()).decode()),  # a name, no password
        ("Authorization", "Digest username=x"),
        ("x-api-key", ""),
        ("x-api-key", f"Bearer {OTHER}"),
    ],
)
def test_what_is_no_token_is_a_401_that_names_both_schemes(server: Server, header: tuple[str, str]) -> None:
    answer = asked(server, "/v1/artifacts/list?collection=c", header)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer, Basic realm="Lethe", charset="UTF-8"'


def test_a_token_is_not_logged_however_it_is_sent(server: Server, client: Client) -> None:
    asked(server, "/v1/me", ("x-api-key", client.token), ("X-Request-Id", "by-key"))
    asked(server, "/v1/me", ("Authorization", basic(client.token)), ("X-Request-Id", "by-basic"))
    until(lambda: "by-key" in server.log and "by-basic" in server.log)
    log = server.log
    assert client.token[:12] in log
    assert client.token not in log
    assert base64.b64encode(client.token[-9:].encode()).decode() not in log
