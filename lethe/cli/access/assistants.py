"""`lethe assistant`: create, list and delete assistants."""

from cyclopts import App

from lethe.cli import terminal
from lethe.cli.database import with_database
from lethe.cli.terminal import Flag, Flags, listed_by
from lethe.core import assistants
from lethe.core.access import companies
from lethe.domain.records.assistants import Assistant
from lethe.store.database.pool import Database

app = App(name="assistant", help="Create, list and delete assistants.")


@app.command
def create(
    *,
    company: str,
    name: str,
    description: str | None = None,
    workers: int = 3,
    supervisors: int = 1,
    json: Flag = False,
    settings: Flags | None = None,
) -> None:
    """Create an assistant and print its id.

    Parameters
    ----------
    company
        The company that the assistant belongs to.
    name
        The assistant's name.
    description
        What the assistant is for.
    workers
        How many workers it has. Documents can be assigned to workers.
    supervisors
        How many supervisors it has. Documents cannot be assigned to supervisors.
    json
        Print JSON.
    """

    async def use(db: Database) -> str:
        return await assistants.create(
            db,
            company_id=await companies.id_of(db, company),
            name=name,
            description=description,
            workers=workers,
            supervisors=supervisors,
        )

    assistant_id = with_database(settings, use)
    if json:
        terminal.as_json({"id": assistant_id})
    else:
        terminal.line(assistant_id)


@app.command(name="list")
def list_(*, company: str, json: Flag = False, settings: Flags | None = None) -> None:
    """List a company's assistants by name.

    Parameters
    ----------
    company
        The company whose assistants to list.
    json
        Print JSON.
    """

    async def use(db: Database) -> list[Assistant]:
        return await assistants.list_all(db, company_id=await companies.id_of(db, company))

    found = with_database(settings, use)
    if json:
        terminal.as_json(found)
        return
    for assistant in found:
        terminal.line(f"{assistant.id}  {assistant.name}")


@app.command
def delete(assistant: str, *, company: str, settings: Flags | None = None) -> None:
    """Delete an assistant, its workers and their assignments.

    Parameters
    ----------
    assistant
        The assistant's id.
    company
        The company that the assistant belongs to.
    """

    async def use(db: Database) -> None:
        company_id = await companies.id_of(db, company)
        await assistants.delete(db, company_id=company_id, assistant_id=assistant)

    with listed_by("lethe assistant list", missing=assistants.NO_ASSISTANT):
        with_database(settings, use)
    terminal.line(f"deleted {assistant}")
