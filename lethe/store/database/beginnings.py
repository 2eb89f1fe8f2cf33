"""The statements that begin a transaction: its company, planner settings and durability."""

from collections.abc import Sequence

from lethe.domain.ids import OBJECT_ID
from lethe.domain.records.access import SYSTEM
from lethe.domain.records.bounds import BoundCompany

NO_BOUNDS = "SELECT set_config('lethe.reads', '', true), set_config('lethe.writes', '', true)"
"""The rest of the transaction sees the whole company."""

_NOTHING = "-"
"""Stands for no nodes: an empty setting would mean all."""

SET_FOR_READING = (
    "SELECT set_config('lethe.company', %s, true), set_config('synchronous_commit', 'off', true)"
)

# A cached plan may date from a time when the tables were small, so only plans that scale are allowed.
SET_BY_KEYS = """SELECT set_config('plan_cache_mode', 'force_generic_plan', true),
    set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true)"""


def beginning(company_id: str, *, durable: bool, unhurried: bool, by_keys: bool = False) -> str:
    """The statements that begin a transaction; see `Database.transaction`."""
    statements = ["BEGIN", acting_for(company_id)]
    if not durable:
        statements.append("SET LOCAL synchronous_commit = off")
    if unhurried:
        statements.append("SET LOCAL statement_timeout = 0")
    if by_keys:
        statements.append(SET_BY_KEYS)
    return "; ".join(statements)


def acting_for(company_id: str) -> str:
    """The statement that makes a transaction act for a company, within the caller's bounds if it has any.

    Raises ValueError for an invalid id.
    """
    if company_id != SYSTEM and not OBJECT_ID.fullmatch(company_id):
        raise ValueError("not a company id")
    if not isinstance(company_id, BoundCompany):
        return f"SET LOCAL lethe.company = '{company_id}'"
    settings = {
        "company": company_id,
        "token": _listed([company_id.token_id]),
        "reads": _listed(company_id.reads),
        "writes": _listed(company_id.writes),
    }
    set_all = ", ".join(f"set_config('lethe.{name}', '{value}', true)" for name, value in settings.items())
    return f"SELECT {set_all}"


def _listed(ids: Sequence[str]) -> str:
    if not all(map(OBJECT_ID.fullmatch, ids)):
        raise ValueError("not ids")
    return ",".join(ids) or _NOTHING
