"""Assistants without the command that makes them, whose start takes a second."""

from lethe.core import assistants
from lethe.core.access import companies
from lethe.core.context import Context
from tests.lifecycle.orphans import with_context
from tests.server import Server


def new_assistant(
    server: Server, company: str, name: str = "A", *, workers: int = 3, supervisors: int = 1
) -> str:
    """The id of a new assistant."""

    async def make(ctx: Context) -> str:
        return await assistants.create(
            ctx.db,
            company_id=await companies.id_of(ctx.db, company),
            name=name,
            description=None,
            workers=workers,
            supervisors=supervisors,
        )

    return with_context(server, make)
