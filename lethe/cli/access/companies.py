"""`lethe company`: the settings of one company."""

from typing import Annotated

from cyclopts import App, Parameter, validators

from lethe.cli import terminal
from lethe.cli.database import with_database
from lethe.cli.terminal import Flags
from lethe.core.access import companies

app = App(name="company", help="Change the settings of one company.")

_Days = Annotated[int, Parameter(validator=validators.Number(gte=0, lte=36_500))]


@app.command
def retention(company: str, days: _Days | None = None, *, settings: Flags | None = None) -> None:
    """Set how long the company's trash is kept. Affects only later deletions.

    Parameters
    ----------
    company
        The company's name.
    days
        How many days. Default: the server's LETHE_RETENTION_DAYS.
    """
    with_database(settings, lambda db: companies.set_retention(db, company=company, days=days))
    terminal.line(f"{company}: {'as the server is set' if days is None else f'{days} days'}")
