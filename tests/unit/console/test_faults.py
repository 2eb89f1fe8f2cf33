"""What the console answers when it fails itself."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from lethe.console import app
from lethe.core.context import Context


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Something went wrong on the server"), ("es", "Algo ha fallado en el servidor")],
)
async def test_a_fault_is_told_in_a_page_that_needs_nothing_else(language: str, sentence: str) -> None:
    broken = cast("Any", SimpleNamespace(db=None))
    console = app.build(cast("Context", broken), asyncio.Event())
    transport = httpx.ASGITransport(console, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://console") as http:
        headers = {"accept-language": language, "cookie": "lethe_session=anything"}
        page = await http.get("/library", headers=headers)
        part = await http.get("/library", headers={**headers, "hx-request": "true"})
    assert (page.status_code, sentence in page.text) == (500, True)
    assert page.headers["content-type"].startswith("text/html")
    assert part.text.startswith(sentence)
