"""`lethe rm` and `lethe undelete`: move documents and folders to the trash and back, or erase them."""

import sys
from typing import Annotated

from cyclopts import Parameter
from lethe_client import Lethe
from lethe_client.models import NodeDetails, TrashEntry

from lethe.cli import terminal
from lethe.cli.contents import places
from lethe.cli.contents.connection import Target, connected
from lethe.cli.terminal import Flag
from lethe.domain.errors import NotFound, OperatorError
from lethe.domain.ids import OBJECT_ID

_PAGE = 1_000


def rm(
    *paths: str,
    erase: Flag = False,
    yes: Annotated[bool, Parameter(name=["--yes", "-y"], negative="")] = False,
    json: Flag = False,
    server: Target | None = None,
) -> None:
    """Move documents and folders to the trash, or erase them.

    Parameters
    ----------
    paths
        Paths or ids.
    erase
        Erase for good, at once. A receipt proves it.
    yes
        Do not ask.
    json
        Print JSON: what was deleted, and the receipts.
    """
    if not paths:
        raise OperatorError("Give the path or id of what to delete: see 'lethe ls'.")
    with connected(server) as client:
        found = [client.nodes.get(places.find(client, path).id) for path in paths]
        if not yes:
            _ask(found, erase=erase)
        done = [_delete(client, node, erase=erase) for node in found]
    if json:
        terminal.as_json(done)
        return
    for node, entry in zip(found, done, strict=True):
        receipt = entry["receipt_id"]
        how = (
            f"erased, receipt {receipt}"
            if erase
            else f"in the trash: 'lethe undelete {node.id}' brings it back"
        )
        terminal.line(f"{node.path_cache}: {how}")


def undelete(path: str | None = None, *, json: Flag = False, server: Target | None = None) -> None:
    """Bring a document or folder back from the trash, with everything that was deleted with it.

    Parameters
    ----------
    path
        Its id, or the path that it had. Default: list what is in the trash.
    json
        Print JSON.
    """
    with connected(server) as client:
        if path is None:
            _list(list(client.trash.list(limit=_PAGE)), json=json)
            return
        found = client.nodes.restore(_in_trash(client, path))
    if json:
        terminal.as_json(found.to_dict())
    else:
        terminal.line(f"{found.path_cache}: restored")


def _list(entries: list[TrashEntry], *, json: bool) -> None:
    if json:
        terminal.as_json([entry.to_dict() for entry in entries])
        return
    for entry in entries:
        terminal.line(f"{entry.id}  {entry.path_cache}  until {entry.purge_at:%Y-%m-%d %H:%M}")


def _in_trash(client: Lethe, path: str) -> str:
    """The id of the deleted node with this path or id. Raises NotFound, and OperatorError if several had the path."""
    if OBJECT_ID.fullmatch(path):
        return path
    found = [e for e in client.trash.list(limit=_PAGE) if e.path_cache.strip("/") == path.strip("/")]
    if not found:
        raise NotFound(f"There is no '{path}' in the trash: 'lethe undelete' alone lists what there is.")
    if len(found) > 1:
        named = ", ".join(f"{entry.id} (deleted {entry.deleted_at:%Y-%m-%d %H:%M:%S})" for entry in found)
        raise OperatorError(f"{len(found)} deleted nodes had the path {path}: give an id, one of {named}.")
    return found[0].id


def _delete(client: Lethe, node: NodeDetails, *, erase: bool) -> dict[str, str | None]:
    client.nodes.delete(node.id)
    receipt = client.trash.erase(node.id).receipt_id if erase else None
    return {"id": node.id, "path": node.path_cache, "receipt_id": receipt}


def _ask(found: list[NodeDetails], *, erase: bool) -> None:
    """Show what would be deleted, and ask. Raises OperatorError if the answer is no, or without a terminal."""
    if not sys.stdin.isatty():
        raise OperatorError("There is no terminal to ask on: give --yes to delete without a question.")
    for node in found:
        below = f" with {node.counts.get('documents', 0):,} documents below it" if node.is_folder else ""
        terminal.line(f"{node.path_cache}{below}")
    if input(f"{'Erase for good' if erase else 'Move to the trash'}? [y/N] ").strip().lower() not in (
        "y",
        "yes",
    ):
        raise OperatorError("Nothing was deleted.")
