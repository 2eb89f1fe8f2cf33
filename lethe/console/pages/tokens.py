"""The company's tokens. Only tokens with all scopes can create and revoke them: a lesser token could otherwise create a
more powerful one."""

from datetime import UTC, datetime

from starlette.responses import Response

from lethe.console.frame.navigation import EVERYTHING
from lethe.console.frame.visit import Visit, action, page
from lethe.core.access import tokens
from lethe.domain.errors import InvalidRequest, NotFound
from lethe.domain.records.access import SCOPES

LIFETIMES = ("", "30d", "90d", "365d")
_ENDED_SHOWN = 50
"""How many ended tokens are shown. Each command on the server's own machine leaves one behind."""


async def show(visit: Visit) -> Response:
    """The company's valid tokens, or those created last that have ended. Nobody can see their secrets."""
    now, ended = datetime.now(UTC), "ended" in visit.request.query_params
    known = (await tokens.list_tokens(visit.ctx.db, company=visit.signed_in.company))[::-1]
    shown = [token for token in known if token.is_valid(now) != ended]
    return visit.render(
        "tokens.html",
        tokens=shown[:_ENDED_SHOWN] if ended else shown,
        ended=ended,
        others=len(known) - len(shown),
        now=now,
        scopes=SCOPES,
    )


async def ask(visit: Visit) -> Response:
    """The dialog for a new token."""
    return visit.render("dialogs/token.html", scopes=SCOPES, lifetimes=LIFETIMES)


async def create(visit: Visit) -> Response:
    """Create a token. Only this answer contains its secret."""
    form = await visit.form()
    lifetime = form.text("lifetime")
    if not form.all("scope"):
        raise InvalidRequest("Choose at least one thing that the token may do.")
    made = await tokens.create_token(
        visit.ctx.db,
        company=visit.signed_in.company,
        name=form.text("name").strip(),
        scopes=tokens.parse_scopes(",".join(form.all("scope"))),
        expires_at=tokens.parse_expiry(lifetime, tokens.utc_now()) if lifetime else None,
    )
    response = visit.render("dialogs/token_made.html", made=made)
    response.headers["HX-Trigger"] = "lethe:tokens"
    return response


async def ask_revoke(visit: Visit) -> Response:
    """The dialog before a token is revoked."""
    name = visit.request.query_params.get("name", "")
    return visit.render("dialogs/revoke.html", id=visit.request.path_params["token_id"], name=name)


async def revoke(visit: Visit) -> Response:
    """Revoke a token of the company. Its sessions end with it."""
    id = visit.request.path_params["token_id"]
    own = {token.id for token in await tokens.list_tokens(visit.ctx.db, company=visit.signed_in.company)}
    if id not in own:
        raise NotFound("There is no valid token with this id.")
    if id == visit.signed_in.token_id:
        raise InvalidRequest("You are signed in with this token: sign in with another one to revoke it.")
    await tokens.revoke_token(visit.ctx.db, id)
    response = visit.render("toasts/revoked.html")
    response.headers["HX-Trigger"] = '{"lethe:done": "", "lethe:tokens": ""}'
    return response


ROUTES = [
    page("/tokens", show, EVERYTHING, whole=True),
    page("/tokens/new", ask, EVERYTHING, whole=True),
    action("/tokens", create, EVERYTHING, whole=True),
    page("/tokens/{token_id}/revoke", ask_revoke, EVERYTHING, whole=True),
    action("/tokens/{token_id}/revoke", revoke, EVERYTHING, whole=True),
]
