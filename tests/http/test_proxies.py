"""Behind a proxy and from a browser: a base path, and scripts of other origins."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import httpx
import pytest

from lethe.api import app as http
from lethe.console import app as console
from lethe.core.context import Context
from lethe.domain.errors import OperatorError
from lethe.settings import Settings
from tests.client import Client
from tests.lifecycle.orphans import with_context
from tests.server import Server

Result = TypeVar("Result")
ROOT = "/api/gpt"
APP = "https://app.example.com"


def called(
    server: Server,
    call: Callable[[httpx.AsyncClient], Awaitable[Result]],
    *,
    token: str = "",
    root_path: str = "",
    origins: Sequence[str] = (),
) -> Result:
    """What `call` finds with a client of the application that has these settings."""

    async def missing() -> list[str]:
        return []

    async def within(ctx: Context) -> Result:
        pages = console.build(ctx, asyncio.Event(), root_path=root_path)
        app = http.build(ctx, missing, metrics=True, root_path=root_path, origins=origins, console=pages)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x", headers=headers) as client:
            return await call(client)

    return with_context(server, within)


@pytest.mark.filterwarnings("ignore:open_binary:DeprecationWarning")  # of the library with the page's assets
def test_below_a_base_path_everything_is_found_whether_the_proxy_removes_it_or_not(
    server: Server, client: Client
) -> None:
    async def walk(http: httpx.AsyncClient) -> None:
        pages = (await http.get(f"{ROOT}/")).json()
        assert pages["health"] == f"{ROOT}/health"
        for base in (ROOT, ""):
            for path in ("/health", "/v1/health", "/ready", "/metrics", "/v1/me", "/v1/me/", "/v1/models"):
                assert (await http.get(base + path)).status_code == 200, base + path
            assert (await http.get(f"{base}/v1/nothing")).status_code == 404
            assert (await http.get(f"{base}/docs")).headers["location"] == f"{ROOT}/v1/artifacts/docs"
            assert (await http.get(f"{base}/v1/docs/")).headers["location"] == f"{ROOT}/v1/docs"
        for page in pages["docs"].values():
            assert page.startswith(f"{ROOT}/")
            shown = await http.get(page)
            assert shown.status_code == 200
            for link in ("openapi.json", "swagger/swagger-ui.css"):  # as the page names them: beside itself
                assert f'"{link}"' in shown.text or f"'{link}'" in shown.text
                assert (await http.get(page.removesuffix("docs") + link)).status_code == 200
            document = (await http.get(page.removesuffix("docs") + "openapi.json")).json()
            assert document["servers"][0]["url"].startswith(ROOT)
        assert (await http.get(f"{ROOT}s/health")).status_code == 404
        counted = (await http.get(f"{ROOT}/metrics")).text
        assert 'door="knowledge",method="GET",route="/v1/me"' in counted
        assert ROOT not in counted

    called(server, walk, token=client.token, root_path=ROOT)


def test_every_address_in_the_console_is_below_the_base_path(server: Server, client: Client) -> None:
    async def walk(http: httpx.AsyncClient) -> None:
        for base in (ROOT, ""):
            front = await http.get(f"{base}/", headers={"accept": "text/html"})
            assert front.headers["location"] == f"{ROOT}/console/start"
        signed_in = await http.post(f"{ROOT}/console/sign-in", data={"token": client.token})
        assert signed_in.headers["location"] == f"{ROOT}/console/start"
        assert f"Path={ROOT}/console/" in signed_in.headers["set-cookie"]
        page = (await http.get(f"{ROOT}/console/library")).text
        found = re.findall(r'(?:href|src|action|hx-get|data-events|data-drop)="([^"]+)"', page)
        found = [address for address in found if not address.startswith("#")]
        assert found
        assert [address for address in found if not address.startswith(f"{ROOT}/console/")] == []
        for address in found:
            if "/static/" in address:
                assert (await http.get(address)).status_code == 200, address

    called(server, walk, root_path=ROOT)


def test_scripts_of_other_origins_are_told_nothing_unless_the_operator_names_them(
    server: Server, client: Client
) -> None:
    for method in ("OPTIONS", "GET"):
        asked = {"Origin": APP, "Access-Control-Request-Method": "GET"}
        answer = client.http.request(method, "/v1/me", headers=asked)
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_named_origin_may_call_and_read_and_no_other(server: Server, client: Client) -> None:
    async def ask(http: httpx.AsyncClient) -> None:
        asked = {
            "Origin": APP,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, content-type, idempotency-key, x-api-key",
        }
        allowed = await http.options("/v1/artifacts/ingest", headers=asked)
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == APP
        assert allowed.headers["access-control-allow-credentials"] == "true"
        assert "idempotency-key" in allowed.headers["access-control-allow-headers"]
        for path, status in (("/v1/me", 200), ("/v1/knowledge/nodes/x", 404), ("/health", 200)):
            answer = await http.get(path, headers={"Origin": APP})
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, APP)
            assert "Retry-After" in answer.headers["access-control-expose-headers"]
            assert "Origin" in answer.headers["vary"]
        for other in ("https://app.example.com.evil.example", "http://app.example.com", "null"):
            refused = await http.options("/v1/me", headers={**asked, "Origin": other})
            assert "access-control-allow-origin" not in refused.headers
            assert (
                "access-control-allow-origin"
                not in (await http.get("/v1/me", headers={"Origin": other})).headers
            )

    called(server, ask, token=client.token, origins=[APP])


def test_for_every_origin_there_are_no_credentials(server: Server, client: Client) -> None:
    async def ask(http: httpx.AsyncClient) -> None:
        asked = {"Origin": APP, "Access-Control-Request-Method": "GET"}
        for answer in (await http.options("/v1/me", headers=asked), await http.get("/v1/me", headers=asked)):
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in answer.headers
        with_cookie = await http.get("/v1/me", headers={**asked, "Cookie": "a=b"})
        assert with_cookie.headers["access-control-allow-origin"] == "*"

    called(server, ask, token=client.token, origins=["*"])


@pytest.mark.parametrize(
    ("variable", "given", "read"),
    [
        (
            "LETHE_CORS_ORIGINS",
            "https://App.example.com/, http://localhost:3000,",
            [APP, "http://localhost:3000"],
        ),
        ("LETHE_CORS_ORIGINS", "*", ["*"]),
        ("LETHE_CORS_ORIGINS", "", []),
        ("LETHE_CORS_ORIGINS", "*, https://a.example", None),
        ("LETHE_CORS_ORIGINS", "app.example.com", None),
        ("LETHE_CORS_ORIGINS", "https://a.example/path", None),
        ("LETHE_CORS_ORIGINS", "null", None),
        ("LETHE_ROOT_PATH", "/api/gpt/", ROOT),
        ("LETHE_ROOT_PATH", "/", ""),
        ("LETHE_ROOT_PATH", "api", None),
        ("LETHE_ROOT_PATH", "/a//b", None),
        ("LETHE_ROOT_PATH", "/a?b", None),
        ("LETHE_ROOT_PATH", "/v1", None),
    ],
)
def test_origins_and_the_base_path_are_checked_when_the_server_starts(
    monkeypatch: pytest.MonkeyPatch, variable: str, given: str, read: object
) -> None:
    monkeypatch.setenv(variable, given)
    if read is None:
        with pytest.raises(OperatorError, match=variable):
            Settings()
    else:
        assert read == (Settings().origins if variable == "LETHE_CORS_ORIGINS" else Settings().root_path)
