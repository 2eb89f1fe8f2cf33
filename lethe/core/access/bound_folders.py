"""The folders that a token is bound to: looked up by name when the token is created, and later shown by path."""

from collections.abc import Mapping, Sequence

from lethe.core.access import companies
from lethe.domain.errors import InvalidRequest, NotFound
from lethe.domain.records.access import Token
from lethe.domain.records.bounds import MOST_BOUND, BoundNode
from lethe.store.database.pool import Database
from lethe.store.database.transactions import Tx
from lethe.store.tree import browsing, nodes


async def find(
    db: Database, *, company: str, only: Sequence[str], only_read: Sequence[str]
) -> dict[str, bool] | None:
    """Map each folder's id to whether the token may change what is below it; None if no folder is given.

    Args:
        only: ids, names of collections, or paths of titles such as `handbook/drafts`.
        only_read: the same, for folders that the token may only read.

    Raises:
        NotFound: there is no such company or folder.
        InvalidRequest: too many folders, a duplicate, an ambiguous path, or a read-only folder in a writable one.
    """
    if not only and not only_read:
        return None
    if len(only) + len(only_read) > MOST_BOUND:
        raise InvalidRequest(f"A token can be bound to at most {MOST_BOUND} folders.")
    found: dict[str, bool] = {}
    async with db.transaction(await companies.id_of(db, company)) as tx:
        for names, writes in ((only, True), (only_read, False)):
            for name in names:
                id = await _folder(tx, name)
                if id in found:
                    raise InvalidRequest(f"The folder '{name}' is given twice.")
                found[id] = writes
        await _require_apart(tx, found)
    return found


async def _require_apart(tx: Tx, found: Mapping[str, bool]) -> None:
    """Refuse a read-only folder inside a writable one, since write access covers everything below."""
    for id, writes in found.items():
        place = await nodes.place(tx, node_id=id)
        above = place.path.split("/")[:-2] if place and not writes else []
        if any(found.get(folder) for folder in above):
            raise InvalidRequest(
                f"Folder {id} cannot be read-only: it is inside a folder that the token may change."
            )


async def _folder(tx: Tx, name: str) -> str:
    """The folder with this id, collection name or path. Raises NotFound, or InvalidRequest if several match."""
    given = await browsing.folder_given(tx, name=name)
    if given == name:
        return given
    above, named = None, list[str]()
    for title in filter(None, name.split("/")):
        named = await browsing.folders_named(tx, parent_id=above, title=title)
        if len(named) != 1:
            break
        (above,) = named
    ids = sorted({*named, *([given] if given else [])})
    if not ids:
        raise NotFound(
            f"There is no folder '{name}': give an id, a collection, or a path such as handbook/drafts."
        )
    if len(ids) > 1:
        raise InvalidRequest(f"'{name}' matches several folders ({', '.join(ids)}): give an id.")
    return ids[0]


async def of_tokens(db: Database, tokens: Sequence[Token]) -> dict[str, list[BoundNode]]:
    """The folders of each bound token, by token id."""
    found: dict[str, list[BoundNode]] = {}
    for company in {token.company for token in tokens if token.bound}:
        own = [token for token in tokens if token.company == company and token.bound]
        ids = sorted({id for token in own for id in token.reads})
        async with db.transaction(await companies.id_of(db, company)) as tx:
            paths = await browsing.paths(tx, node_ids=ids)
        for token in own:
            found[token.id] = [BoundNode(id, paths.get(id), id in token.writes) for id in token.reads]
    return found
