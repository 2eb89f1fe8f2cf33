"""Companies. Operators refer to them by name; everywhere else they have ids."""

from lethe.domain.errors import NotFound
from lethe.store import access
from lethe.store.database.pool import Database


async def id_of(db: Database, name: str) -> str:
    """The id of the company with this name. Raises NotFound."""
    async with db.system() as conn:
        company_id = await access.find_company(conn, name=name)
    if company_id is None:
        raise NotFound(f"There is no company '{name}': see 'lethe token list'.")
    return company_id


async def ids(db: Database) -> dict[str, str]:
    """Company ids by name."""
    async with db.system() as conn:
        return await access.companies(conn)


async def set_retention(db: Database, *, company: str, days: int | None) -> None:
    """Keep a company's future deletions in the trash for `days`; None means the server's setting.

    Raises NotFound when there is no such company.
    """
    async with db.system() as conn:
        if not await access.set_retention(conn, name=company, days=days):
            raise NotFound(f"There is no company '{company}': see 'lethe token list'.")
