"""`lethe restore`, `lethe erase`, `lethe trash`: list, restore and erase what is in the trash."""

from dataclasses import asdict
from uuid import UUID

from cyclopts import App

from lethe.cli import terminal
from lethe.cli.context import with_context
from lethe.cli.terminal import Flag, Flags, listed_by
from lethe.core.access import callers, companies
from lethe.core.context import Context
from lethe.core.tree import nodes, trash
from lethe.domain.errors import InvalidRequest
from lethe.domain.ids import OBJECT_ID
from lethe.domain.records.tree import Node, TrashEntry

app = App(name="trash", help="Show what is in the trash.")

ROOT = "root"
_LIST = "lethe trash list"
_PAGE = 1_000


def restore(
    node: str,
    *,
    company: str,
    parent: str | None = None,
    title: str | None = None,
    settings: Flags | None = None,
) -> None:
    """Restore a node from the trash, with everything below it that was deleted with it.

    Parameters
    ----------
    node
        The node's id, as 'lethe trash list' shows it.
    company
        The company that the node belongs to.
    parent
        The id of another folder to restore it into, or 'root'. Default: where it was.
    title
        A new title. Default: the old one.
    """

    async def use(ctx: Context) -> Node:
        return await trash.restore(
            ctx,
            company_id=await companies.id_of(ctx.db, company),
            node_id=_id(node),
            title=nodes.checked_title(title) if title is not None else None,
            move=parent is not None,
            parent_id=None if parent in (None, ROOT) else _id(str(parent)),
        )

    with listed_by(_LIST, missing=trash.NOT_IN_TRASH):
        found = with_context(settings, use)
    terminal.line(f"restored {found.id}  {found.path_cache}")


def erase(node: str, *, company: str, settings: Flags | None = None) -> None:
    """Erase a node in the trash now, with everything below it: text, chunks, vectors and files, for good.

    Parameters
    ----------
    node
        The node's id, as 'lethe trash list' shows it.
    company
        The company that the node belongs to.
    """

    async def use(ctx: Context) -> UUID:
        company_id = await companies.id_of(ctx.db, company)
        return await trash.erase(ctx, company_id=company_id, node_id=_id(node), by=callers.OPERATOR)

    with listed_by(_LIST, missing=trash.NOT_IN_TRASH):
        receipt = with_context(settings, use)
    terminal.line(f"erased {node}, receipt {receipt}")


@app.command(name="list")
def list_(*, company: str, json: Flag = False, settings: Flags | None = None) -> None:
    """List what is in the trash, latest deletion first.

    Parameters
    ----------
    company
        The company whose trash to list.
    json
        Print JSON.
    """

    async def use(ctx: Context) -> list[TrashEntry]:
        company_id = await companies.id_of(ctx.db, company)
        entries, cursor = await trash.show(ctx, company_id=company_id, cursor=None, limit=_PAGE)
        while cursor is not None:
            more, cursor = await trash.show(ctx, company_id=company_id, cursor=cursor, limit=_PAGE)
            entries += more
        return entries

    entries = with_context(settings, use)
    if json:
        terminal.as_json(
            [{name: value for name, value in asdict(e).items() if name != "path"} for e in entries]
        )
        return
    for e in entries:
        terminal.line(f"{e.id}  {e.path_cache}  {e.documents} documents, until {e.purge_at:%Y-%m-%d %H:%M}")


def _id(text: str) -> str:
    if not OBJECT_ID.fullmatch(text.lower()):
        raise InvalidRequest(f"'{text}' is not an id: an id has 24 hex digits, see '{_LIST}'.")
    return text.lower()
