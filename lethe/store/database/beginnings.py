"""How a transaction begins: for which company it acts, and how the planner and the disk treat it."""

import re

_COMPANY = re.compile(r"[0-9a-f]{24}|\*")

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
    """The statement by which a transaction acts for a company. Raises ValueError for what is no id of one."""
    if not _COMPANY.fullmatch(company_id):
        raise ValueError("not a company id")
    return f"SET LOCAL lethe.company = '{company_id}'"
