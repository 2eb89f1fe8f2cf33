"""One request to the console: who makes it, in which language, and how it is answered."""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from markupsafe import Markup
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from lethe.console.frame.assets import versioned
from lethe.console.frame.languages import NAMES, Language, language, wished
from lethe.console.frame.navigation import EVERYTHING, MENU
from lethe.console.frame.sentences import said
from lethe.console.frame.templates import environment
from lethe.core.access import sessions
from lethe.core.access.callers import WHOLE
from lethe.core.access.sessions import Session
from lethe.core.changes import position
from lethe.core.context import Context
from lethe.domain.errors import (
    BeyondBounds,
    InsufficientScope,
    InvalidRequest,
    LimitExceeded,
    Unauthenticated,
)
from lethe.domain.limits import Limits
from lethe.domain.records.access import SCOPES
from lethe.domain.records.bounds import BoundCompany

SESSION = "lethe_session"
THEME = "lethe_theme"
LANGUAGE = "lethe_language"
THEMES = ("auto", "light", "dark")

_FORM_FIELDS = 2_000
_FORM_BYTES = 1024 * 1024
_FORM_SECONDS = 60
_YEAR = 365 * 24 * 3600


class Visit:
    """A request. `session` is None if nobody is signed in, which only the sign-in pages allow."""

    def __init__(self, request: Request, ctx: Context, session: Session | None, secret: str) -> None:
        self.request = request
        self.ctx = ctx
        self._session = session
        self._secret = secret
        self._form: Form | None = None
        self.position = position(ctx, company_id=session.company_id) if session else None
        """The position of the company's changes before the page reads anything."""

    @property
    def session(self) -> Session | None:
        """The session, if somebody is signed in."""
        return self._session

    @property
    def company_id(self) -> str:
        """The company of the session. Raises Unauthenticated if nobody is signed in."""
        return self.signed_in.company_id

    @property
    def signed_in(self) -> Session:
        """The session. Raises Unauthenticated if nobody is signed in."""
        if self._session is None:
            raise Unauthenticated("Sign in first.")
        return self._session

    @cached_property
    def language(self) -> Language:
        """The language chosen on the page, or else the one that the browser prefers."""
        chosen = self.request.cookies.get(LANGUAGE, "")
        return language(
            chosen if chosen in NAMES else wished(self.request.headers.get("accept-language", ""))
        )

    def said(self, sentence: str) -> str:
        """A sentence of the core in the language of the visit."""
        return said(self.language, sentence)

    @property
    def theme(self) -> str:
        """One of THEMES."""
        chosen = self.request.cookies.get(THEME, "")
        return chosen if chosen in THEMES else "auto"

    @property
    def csrf(self) -> str:
        """The token that forms and scripts must send back, derived from the session's secret without revealing it."""
        return hmac.new(self._secret.encode(), b"csrf", hashlib.sha256).hexdigest()[:32]

    @property
    def by_script(self) -> bool:
        """Whether htmx asks for a part of a page, rather than the browser for a page."""
        return "hx-request" in self.request.headers

    def may(self, scope: str) -> bool:
        """Whether the token has a scope; for EVERYTHING, whether it has all."""
        wanted = set(SCOPES) if scope == EVERYTHING else {scope}
        return self._session is not None and wanted <= set(self._session.scopes)

    def may_below(self, scope: str, folders: Sequence[str]) -> bool:
        """Whether the token has a scope in the last of these folders, whose ids are given from the top down; without
        any, at the root, where a bound token can change nothing."""
        company = self.company_id
        within = not isinstance(company, BoundCompany) or company.may_change("/".join((*folders, "", "")))
        return within and self.may(scope)

    def url(self, path: str, **query: object) -> str:
        """An address in the console, including the prefix under which a proxy serves it."""
        given = {name: value for name, value in query.items() if value not in (None, "")}
        asked = f"?{urlencode(given, doseq=True)}" if given else ""
        return f"{self._root}{self.request.scope.get('root_path', '')}{path}{asked}"

    @property
    def _root(self) -> str:
        root: str = self.request.app.state.root_path
        return root

    @property
    def here_url(self) -> str:
        """The address of this page, as the browser requested it."""
        asked = f"?{self.request.url.query}" if self.request.url.query else ""
        return f"{self._root}{self.request.url.path}{asked}"

    @property
    def here(self) -> str:
        """This page's path inside the console, to come back to; the start page if this is not a page."""
        inside = self.here_url.removeprefix(self.url(""))
        return inside if self.request.method == "GET" else "/start"

    def is_at(self, path: str) -> bool:
        """Whether this page is a menu entry's page, or below it."""
        return f"{self.here}/".replace("?", "/").startswith(f"{path}/")

    @property
    def server(self) -> str:
        """The server's address, for commands that a person copies."""
        return f"{self.request.url.scheme}://{self.request.url.netloc}{self.url('').removesuffix('/console')}"

    def render(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Render a page, or a part of one."""
        page = environment(self.language.code).get_template(template)
        given = {"visit": self, "url": self.url, "icon": self.icon, "menu": MENU}
        return HTMLResponse(page.render({**given, **values}), status)

    def icon(self, name: str) -> Markup:
        """A picture from static/icons.svg, hidden from screen readers."""
        drawn = Markup(
            '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
        )
        return drawn.format(self.url(versioned("icons.svg")), name)

    def redirect(self, path: str, **query: object) -> Response:
        """Send the browser to another page, even if htmx asked for a part of one."""
        address = self.url(path, **query)
        if self.by_script:
            return Response(status_code=204, headers={"HX-Redirect": address})
        return RedirectResponse(address, 303)

    def keep(self, response: Response, name: str, value: str, *, seconds: int = _YEAR) -> Response:
        """Set a cookie that scripts cannot read and other sites cannot make the browser send."""
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path=self.url("/"),
            secure=self.request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return response

    async def form(self) -> "Form":
        """The form that was sent. Raises LimitExceeded, and InvalidRequest for anything but a form."""
        if self._form is None:
            self._form = Form(_fields(await self._body()))
        return self._form

    async def _body(self) -> bytes:
        body = b""
        try:
            async with asyncio.timeout(_FORM_SECONDS):
                async for piece in self.request.stream():
                    body += piece
                    if len(body) > _FORM_BYTES:
                        raise LimitExceeded("The form is too large.")
        except (TimeoutError, ClientDisconnect):
            raise InvalidRequest("The form did not arrive whole: send it again.") from None
        return body

    def require_own(self) -> None:
        """Raise InvalidRequest for a request that another site made the browser send."""
        headers = self.request.headers
        origin = headers.get("origin", "")
        same = urlsplit(origin).netloc == headers.get("host") if origin else True
        if not same or headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise InvalidRequest("This request comes from another site.")

    async def require_token(self) -> None:
        """Raise InvalidRequest for a request of another site, or without the token that the page was given."""
        self.require_own()
        sent = self.request.headers.get("x-csrf", "")
        content = self.request.headers.get("content-type", "")
        if not sent and content.startswith("application/x-www-form-urlencoded"):
            sent = (await self.form()).text("csrf")
        if not hmac.compare_digest(sent.encode(), self.csrf.encode()):
            raise InvalidRequest("The page is out of date: reload it.")


@dataclass(frozen=True, slots=True)
class Form:
    """Fields of a form, as text."""

    fields: Mapping[str, list[str]]

    def text(self, name: str, most: int = 10_000) -> str:
        """A field; empty if it is missing. Raises InvalidRequest if it is too long or has a NUL."""
        text = next(iter(self.fields.get(name, ())), "")
        if len(text) > most or "\0" in text:
            raise InvalidRequest("A field is too long, or has characters that cannot be stored.")
        return text

    def all(self, name: str) -> list[str]:
        """All values of a field."""
        return list(self.fields.get(name, ()))


def _fields(body: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_FORM_FIELDS, errors="strict")
    except ValueError:
        raise InvalidRequest("Invalid form.") from None


Handler = Callable[[Visit], Awaitable[Response]]


async def enter(request: Request) -> Visit:
    """The visit, with its session if it has a valid one."""
    ctx: Context = request.app.state.context
    secret = request.cookies.get(SESSION, "")
    try:
        session = await sessions.find(ctx.db, secret) if secret else None
    except Unauthenticated:
        session, secret = None, ""
    return Visit(request, ctx, session, secret)


def page(path: str, handler: Handler, scope: str | None = None, *, whole: bool = False) -> Route:
    """The route of a page for tokens with the scope; None: for everybody who is signed in.

    With `whole`, the page is about the whole company, and so not for tokens that are bound to folders.
    """

    async def endpoint(request: Request) -> Response:
        visit = await enter(request)
        _permit(visit, scope, whole=whole)
        return await handler(visit)

    return Route(path, endpoint, methods=["GET"], name=handler.__name__)


def action(
    path: str,
    handler: Handler,
    scope: str | None = None,
    *,
    ingesting: bool = False,
    free: bool = False,
    whole: bool = False,
) -> Route:
    """The route of an action. Unless `free`, it counts against the token's rate like an API call.

    `scope` and `whole` are as for a page.
    """

    async def endpoint(request: Request) -> Response:
        visit = await enter(request)
        _permit(visit, scope, whole=whole)
        await visit.require_token()
        if not free:
            limits: Limits | None = visit.ctx.limits if ingesting else None
            request.state.caller = await sessions.admit(visit.ctx.db, visit.signed_in, ingesting=limits)
        return await handler(visit)

    return Route(path, endpoint, methods=["POST"], name=handler.__name__)


def _permit(visit: Visit, scope: str | None, *, whole: bool) -> None:
    bound = visit.signed_in.bound  # raises if nobody is signed in
    if scope is not None and not visit.may(scope):
        raise InsufficientScope(scope)
    if whole and bound:
        raise BeyondBounds(WHOLE)
