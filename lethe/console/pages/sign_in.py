"""Signing in and out, and the choice of language and theme."""

import time
from collections import Counter
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lethe.console.frame.languages import NAMES
from lethe.console.frame.visit import LANGUAGE, SESSION, THEME, THEMES, Visit, action, enter, page
from lethe.core.access import sessions
from lethe.core.access.sessions import SESSION_SECONDS
from lethe.domain.errors import InvalidRequest, RateLimited, Unauthenticated

MOST_FAILURES = 10
"""Failed attempts to sign in that one address may make in a minute."""
_WINDOW_SECONDS = 60
_MOST_ADDRESSES = 10_000


class Attempts:
    """Failed attempts to sign in to this process, by address, in the current minute."""

    def __init__(self) -> None:
        self._failures: Counter[str] = Counter()
        self._window = 0.0

    def check(self, address: str) -> None:
        """Raise RateLimited if the address has failed too often."""
        now = time.monotonic()
        if now - self._window > _WINDOW_SECONDS or len(self._failures) > _MOST_ADDRESSES:
            self._failures.clear()
            self._window = now
        if self._failures[address] >= MOST_FAILURES:
            raise RateLimited(max(1, int(self._window + _WINDOW_SECONDS - now)))

    def failed(self, address: str) -> None:
        """Count a failed attempt."""
        self._failures[address] += 1


async def show_sign_in(request: Request) -> Response:
    """The form. Whoever is signed in already is sent to the start page."""
    visit = await enter(request)
    if visit.session is not None:
        return visit.redirect("/start")
    return visit.render("sign_in.html", then=_then(request.query_params.get("then", "")), failure=None)


async def sign_in(request: Request) -> Response:
    """Begin a session with the given token."""
    visit = await enter(request)
    visit.require_own()
    form = await visit.form()
    then = _then(form.text("then"))
    attempts: Attempts = request.app.state.attempts
    address = request.client.host if request.client else ""
    try:
        attempts.check(address)
        secret = await sessions.sign_in(visit.ctx.db, form.text("token", 200))
    except (Unauthenticated, RateLimited, InvalidRequest) as exc:
        if isinstance(exc, Unauthenticated):
            attempts.failed(address)
        status = 429 if isinstance(exc, RateLimited) else 401
        return visit.render("sign_in.html", status, then=then, failure=visit.said(str(exc)))
    return visit.keep(visit.redirect(then or "/start"), SESSION, secret, seconds=SESSION_SECONDS)


async def enter_once(request: Request) -> Response:
    """Sign in by the address that a first start prints. The answer is a page that opens the console, so that the
    browser sends the new cookie even if the address was clicked on another site."""
    visit = await enter(request)
    attempts: Attempts = request.app.state.attempts
    address = request.client.host if request.client else ""
    attempts.check(address)
    try:
        secret = await sessions.accept(visit.ctx.db, request.path_params["secret"])
    except Unauthenticated as exc:
        attempts.failed(address)
        if visit.session is not None:
            return visit.redirect("/start")
        return visit.render("sign_in.html", 401, then="", failure=visit.said(str(exc)))
    return visit.keep(visit.render("entered.html"), SESSION, secret, seconds=SESSION_SECONDS)


async def sign_out(visit: Visit) -> Response:
    """End the session."""
    await sessions.sign_out(visit.ctx.db, visit.request.cookies.get(SESSION, ""))
    response = visit.redirect("/sign-in")
    response.delete_cookie(SESSION, path=visit.url("/"), httponly=True, samesite="strict")
    return response


async def change_looks(request: Request) -> Response:
    """Choose a language or a theme, signed in or not, and go back to the page."""
    visit = await enter(request)
    visit.require_own()
    form = await visit.form()
    response = visit.redirect(_then(form.text("then")) or "/start")
    if (code := form.text("language")) in NAMES:
        visit.keep(response, LANGUAGE, code)
    if (theme := form.text("theme")) in THEMES:
        visit.keep(response, THEME, theme)
    return response


async def begin(visit: Visit) -> Response:
    """Send the browser to the first page that its token may see."""
    first = next((path for scope, path in _FIRST if visit.may(scope)), "/about")
    return visit.redirect(first)


_FIRST = (("knowledge:read", "/library"), ("knowledge:query", "/search"), ("knowledge:write", "/trash"))


def _then(text: str) -> str:
    """A path in the console to go to; empty for anything else."""
    parts = urlsplit(text)
    inside = text.startswith("/") and not text.startswith("//") and "\\" not in text
    return text if inside and not parts.scheme and not parts.netloc and text.isprintable() else ""


ROUTES = [
    page("/start", begin),
    Route("/sign-in", show_sign_in, methods=["GET"]),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/enter/{secret}", enter_once, methods=["GET"]),
    Route("/looks", change_looks, methods=["POST"]),
    action("/sign-out", sign_out, free=True),
]
