"""`lethe ls`, `tree`, `show`, `get`: list and read what is stored."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from lethe_client import Lethe
from lethe_client.models import Node, TreeNode
from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from lethe.cli import terminal
from lethe.cli.contents import places
from lethe.cli.contents.connection import Target, connected
from lethe.cli.terminal import Flag
from lethe.domain.errors import OperatorError

_FAILURES = 1_000
_ASKED = 50
_PIPE_COLUMNS = 1_000_000


def ls(path: str = "/", *, json: Flag = False, server: Target | None = None) -> None:
    """List a folder. A file that could not be read is marked with the reason.

    Parameters
    ----------
    path
        The folder's path or id. Default: all collections.
    json
        Print JSON.
    """
    with connected(server) as client:
        nodes = list(client.tree(_id(client, path), depth=1))
        unread = {} if json else _unread(client, nodes)
    if json:
        terminal.as_json([node.to_dict() for node in nodes])
        return
    for node in nodes:
        terminal.line(f"{node.id}  {node.updated_at:%Y-%m-%d %H:%M}  {_named(node)}{_mark(node, unread)}")


def tree(
    path: str = "/", *, depth: int | None = None, json: Flag = False, server: Target | None = None
) -> None:
    """Show folders and documents as a tree.

    Parameters
    ----------
    path
        The folder's path or id. Default: everything.
    depth
        How many levels.
    json
        Print JSON.
    """
    with connected(server) as client:
        found = client.tree(_id(client, path), depth=depth)
        unread = {} if json else _unread(client, found.walk())
    if json:
        terminal.as_json(found.to_dict())
        return
    drawn = Tree(escape(path))
    for node in found:
        _draw(drawn, node, unread)
    # The reader of a pipe needs unwrapped lines.
    Console(width=None if sys.stdout.isatty() else _PIPE_COLUMNS).print(drawn)


def show(path: str, *, json: Flag = False, server: Target | None = None) -> None:
    """Show a document's text as Lethe holds it, or what is known of a folder.

    Parameters
    ----------
    path
        Path or id.
    json
        Print JSON, with all that is known.
    """
    with connected(server) as client:
        found = client.nodes.get(places.find(client, path).id, markdown=True)
    if json:
        terminal.as_json(found.to_dict())
        return
    if found.is_folder:
        terminal.line(f"{found.path_cache}: {found.counts}")
        return
    for warning in found.warnings:
        terminal.error_line(f"Not in the text: {warning}")
    if found.markdown is None:
        state = found.last_ingestion
        why = f": {state.error}" if state and state.error else f" ({state.status})." if state else "."
        raise OperatorError(f"{found.path_cache} has no text{why}")
    terminal.line(found.markdown)


def get(path: str, output: Path | None = None, *, server: Target | None = None) -> None:
    """Download a document's original file.

    Parameters
    ----------
    path
        Path or id.
    output
        A file or folder to write to, or '-' for standard output. Default: a file with the document's name, here.
    """
    with connected(server) as client:
        node = places.find(client, path)
        if node.is_folder:
            raise OperatorError(f"{node.path_cache} is a folder: give the path of a document.")
        if output == Path("-"):
            client.nodes.download(node.id, sys.stdout.buffer)
            return
        target = output or Path()
        target = target / Path(node.title).name if target.is_dir() else target
        if target.exists():
            raise OperatorError(f"{target} exists already: give another name.")
        part = target.with_name(f"{target.name}.part")
        try:
            with part.open("xb") as file:
                client.nodes.download(node.id, file)
            part.rename(target)
        finally:
            part.unlink(missing_ok=True)
    terminal.line(f"{target}: {target.stat().st_size:,} bytes")


def _id(client: Lethe, path: str) -> str | None:
    return None if path in ("", "/") else places.find(client, path).id


def _named(node: Node) -> str:
    return f"{node.title}/" if node.is_folder else node.title


def _draw(above: Tree, node: TreeNode, unread: Mapping[str, str]) -> None:
    below = above.add(escape(_named(node) + _mark(node, unread)))
    for child in node.children:
        _draw(below, child, unread)


def _mark(node: Node, unread: Mapping[str, str]) -> str:
    return f"  (not read: {unread[node.id]})" if node.id in unread else ""


def _unread(client: Lethe, nodes: Iterable[Node]) -> dict[str, str]:
    """Why the last file of a document could not be read, by id; documents without a failure are left out.

    One request finds the failures, however many documents there are. A document may have been replaced since, so each
    failure is checked on its document, but only for the first `_ASKED` of them.
    """
    here = {node.id for node in nodes if not node.is_folder}
    failed: dict[str, str] = {}
    for task in client.tasks.list(status="failure", limit=_FAILURES).first_page().data if here else ():
        if task.kind == "ingest" and task.node_id in here:
            failed.setdefault(task.node_id, task.error or "unknown reason")
    for node_id in list(failed)[:_ASKED]:
        state = client.nodes.get(node_id).last_ingestion
        if state is None or state.status != "failure":
            del failed[node_id]
    return failed
