"""`lethe login` remembers a server and a token; `lethe stats` counts what is on the server."""

import getpass
import sys

from lethe_client import Lethe

from lethe.cli import terminal
from lethe.cli.contents import profiles
from lethe.cli.contents.connection import Target, connected, told
from lethe.domain.errors import OperatorError


def login(url: str, *, profile: str | None = None) -> None:
    """Ask for a token, check it, and remember it with the server's address for the commands on documents.

    Parameters
    ----------
    url
        The server's address, such as https://lethe.example.org.
    profile
        A name, if you use more than one server. Default: LETHE_PROFILE, or 'default'.
    """
    token = getpass.getpass("Token: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not token.strip():
        raise OperatorError("No token was given: see 'lethe token create --help'.")
    with told(), Lethe(base_url=url, token=token.strip()) as client:
        me = client.me()
    saved = profiles.save(profile, profiles.Profile(url.rstrip("/"), token.strip()))
    terminal.line(f"Logged in to {url} as '{me.name}' of {me.company} (profile '{saved}').")


def stats(*, json: bool = False, server: Target | None = None) -> None:
    """Show the token's company, and how much there is in each collection.

    Parameters
    ----------
    json
        Print JSON.
    """
    with connected(server) as client:
        me = client.me()
        collections = [client.nodes.get(node.id) for node in client.tree(depth=1) if node.is_folder]
        documents = sum(c.counts.get("documents", 0) for c in collections)
        if json:
            shown = [{"title": c.title, "id": c.id, **c.counts} for c in collections]
            terminal.as_json({"company": me.company, "documents": documents, "collections": shown})
            return
    terminal.line(f"{me.company}: {documents:,} documents in {len(collections):,} collections")
    for collection in collections:
        counts = collection.counts
        terminal.line(
            f"  {collection.title}: {counts.get('documents', 0):,} documents, {counts.get('folders', 0):,} folders"
        )
