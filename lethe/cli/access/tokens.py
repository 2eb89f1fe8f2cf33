"""`lethe token`: create, list and revoke tokens, whether a server runs or not."""

from dataclasses import asdict
from typing import Annotated

from cyclopts import App, Parameter

from lethe.cli import terminal
from lethe.cli.database import with_database
from lethe.cli.terminal import Flag, Flags
from lethe.core.access import bound_folders, rate_limits, tokens
from lethe.domain.json import Json
from lethe.domain.records.access import Token
from lethe.domain.records.bounds import BoundNode
from lethe.settings import Settings
from lethe.store.database.pool import Database

app = App(name="token", help="Create, list and revoke tokens.")


@app.command
def create(
    *,
    company: str,
    name: str,
    scopes: str,
    rate: str = "60/minute,1000/hour",
    expires: str | None = None,
    only: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    only_read: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    init: Flag = False,
    json: Flag = False,
    settings: Flags | None = None,
) -> None:
    """Create a token, and its company if that is new. The token is shown only once.

    Parameters
    ----------
    company
        The company whose documents the token gives access to.
    name
        What the token is for.
    scopes
        Comma-separated scopes, or 'all'.
    rate
        The rate limit, such as '60/minute,1000/hour', or 'unlimited'.
    expires
        How long the token is valid, such as '90d' or '12h'. Default: forever.
    only
        A folder that the token is bound to, by id, path (handbook/drafts) or collection; may be given several times.
        The token sees nothing outside its folders. Default: the whole company.
    only_read
        The same, for a folder in which the token can change nothing, whatever its scopes.
    init
        Create the database if there is none, before the first start of a server.
    json
        Print JSON.
    """
    parsed_scopes, parsed_rate = tokens.parse_scopes(scopes), rate_limits.parse_rate(rate)
    expires_at = tokens.parse_expiry(expires, tokens.utc_now()) if expires else None

    async def make(db: Database) -> tokens.NewToken:
        folders = await bound_folders.find(db, company=company, only=only, only_read=only_read)
        return await tokens.create_token(
            db,
            company=company,
            name=name,
            scopes=parsed_scopes,
            rate=parsed_rate,
            expires_at=expires_at,
            only=folders,
        )

    token = with_database(settings, make, made_if_missing=init)
    # A token for the wrong database is useless: say which one this is for.
    where = settings or Settings()
    if where.database_url is None:
        terminal.error_line(f"lethe: a token for the server on {where.data_dir}")
    if json:
        terminal.as_json(_as_json(token))
    else:
        terminal.line(token.secret)


def _as_json(token: tokens.NewToken) -> Json:
    return {
        "token": token.secret,
        "prefix": token.prefix,
        "company": token.company,
        "name": token.name,
        "scopes": token.scopes,
        "rate": {"minute": token.rate.per_minute, "hour": token.rate.per_hour},
        "expires_at": token.expires_at,
        "only": token.only,
    }


@app.command(name="list")
def list_(
    *,
    company: str | None = None,
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
    json: Flag = False,
    settings: Flags | None = None,
) -> None:
    """List valid tokens by their first characters.

    Revoked and expired tokens are kept but not shown: receipts and deletions name a token by its first characters, and
    it must stay known whose it was.

    Parameters
    ----------
    company
        Only tokens of this company.
    all_
        Also those that were revoked or have expired.
    json
        Print JSON.
    """

    async def look(db: Database) -> tuple[list[Token], dict[str, list[BoundNode]]]:
        now = tokens.utc_now()
        found = [t for t in await tokens.list_tokens(db, company=company) if all_ or t.is_valid(now)]
        return found, await bound_folders.of_tokens(db, found)

    found, folders = with_database(settings, look)
    if json:
        terminal.as_json([_listed(token, folders.get(token.id)) for token in found])
        return
    for t in found:
        state = "revoked" if t.revoked_at else f"expires {t.expires_at:%Y-%m-%d}" if t.expires_at else "valid"
        terminal.line(f"{t.id}  {t.prefix}…  {t.company}  {t.name}  {','.join(t.scopes)}  {state}")
        for node in folders.get(t.id, []):
            where = node.path or f"{node.id} (in the trash)"
            terminal.line(f"    only {where}{'' if node.write else ', to read'}")
        if t.bound and not t.reads:
            terminal.line("    only folders that were erased: it sees nothing")


def _listed(token: Token, folders: list[BoundNode] | None) -> Json:
    facts = asdict(token)
    for name in ("bound", "reads", "writes"):
        del facts[name]
    return {**facts, "only": folders}


@app.command
def revoke(token: str, *, settings: Flags | None = None) -> None:
    """Revoke a token: it is refused from now on.

    Parameters
    ----------
    token
        The token's id or first characters, as 'lethe token list' shows them, or the whole token.
    """
    revoked = with_database(settings, lambda db: tokens.revoke_token(db, token.rstrip("…")))
    terminal.line(f"revoked {revoked.id}  {revoked.prefix}…  {revoked.company}  {revoked.name}")
