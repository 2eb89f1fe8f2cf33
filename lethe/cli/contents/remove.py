"""`lethe rm` and `lethe undelete`: documents and folders go to the trash, come back, or are erased."""

import sys
from typing import Annotated

from cyclopts import Parameter
from lethe_client import Lethe
from lethe_client.models import NodeDetails

from lethe.cli import terminal
from lethe.cli.contents import places
from lethe.cli.contents.connection import Target, connected
from lethe.domain.errors import OperatorError

_Flag = Annotated[bool, Parameter(negative="")]


def rm(
    *paths: str,
    erase: _Flag = False,
    yes: Annotated[bool, Parameter(name=["--yes", "-y"], negative="")] = False,
    json: _Flag = False,
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


def undelete(node: str, *, server: Target | None = None) -> None:
    """Bring a document or folder back from the trash, with everything that was deleted with it.

    Parameters
    ----------
    node
        Its id, as 'lethe rm' printed it.
    """
    with connected(server) as client:
        found = client.nodes.restore(node)
    terminal.line(f"{found.path_cache}: restored")


def _delete(client: Lethe, node: NodeDetails, *, erase: bool) -> dict[str, str | None]:
    client.nodes.delete(node.id)
    receipt = client.trash.erase(node.id).receipt_id if erase else None
    return {"id": node.id, "path": node.path_cache, "receipt_id": receipt}


def _ask(found: list[NodeDetails], *, erase: bool) -> None:
    """Show what goes, and ask. Raises OperatorError without a person to ask, or if the answer is no."""
    if not sys.stdin.isatty():
        raise OperatorError("Nobody can be asked here: give --yes to delete without a question.")
    for node in found:
        below = f" with {node.counts.get('documents', 0):,} documents below it" if node.is_folder else ""
        terminal.line(f"{node.path_cache}{below}")
    if input(f"{'Erase for good' if erase else 'Move to the trash'}? [y/N] ").strip().lower() not in (
        "y",
        "yes",
    ):
        raise OperatorError("Nothing was deleted.")
