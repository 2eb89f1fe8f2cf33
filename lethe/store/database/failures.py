"""Translates the driver's errors. Each message tells the caller what to do, each log line tells the operator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import psycopg
import structlog
from psycopg import errors
from psycopg_pool import PoolClosed, PoolTimeout

from lethe.domain.errors import BeyondBounds, LimitExceeded, Unavailable
from lethe.domain.records.bounds import BoundCompany

log = structlog.get_logger()

AWAY = "The database does not answer at the moment: try again."
FAILED = "The database failed; its log says why. Try again."
HELD = "Another operation holds what this one needs: try again in a moment."
DEADLOCK = "Another operation needed the same things at the same time: try again."
TOO_LONG = "The database took too long for this: try again later, or ask for less at a time."
TOO_LARGE = "This is more than the database can process at once: ask for less, or send it in parts."
NO_ROOM = "The database has no room left on its disk: try again later."
NO_MEMORY = "The database has no memory left for this: try again later, or ask for less at a time."
BEYOND = "Your token is bound to some folders, and may not change this: use one with wider bounds."
CROWDED = "The database has no connection left: try again in a moment."
BUSY = "Too many requests of your company are in progress: try again in a moment."


class _Failure(NamedTuple):
    message: str
    retry_after: int
    hint: str


_FAILURES = {
    "40P01": _Failure(DEADLOCK, 2, "the database ended a deadlock: its log names the statements"),
    "53100": _Failure(NO_ROOM, 10, "the database's disk is full: free some space or enlarge it"),
    "53200": _Failure(NO_MEMORY, 10, "the database is out of memory: give it more, or lower work_mem"),
    "53300": _Failure(CROWDED, 2, "the database has no connection left: raise max_connections"),
    "55P03": _Failure(HELD, 2, "the wait for a lock took too long: 'lethe doctor' shows who holds it"),
    "57014": _Failure(TOO_LONG, 10, "a statement took too long and was ended"),
}
"""By SQLSTATE. Any other OperationalError means that the connection or the server is gone."""

_POLICY_CHECK = "ExecWithCheckOptions"
"""The function of PostgreSQL that refuses a row by a policy; the message does not help, as its language varies."""

_OWN_LIMITS = (
    errors.ProgramLimitExceeded,
    errors.StatementTooComplex,
    errors.TooManyColumns,
    errors.TooManyArguments,
)


@asynccontextmanager
async def translated(company_id: str = "") -> AsyncIterator[None]:
    """Turn the errors of the driver and the pool into Unavailable, with a message for each cause.

    Exceeding a limit of the database itself (class 54: a statement too complex, an index entry too long) becomes
    LimitExceeded, as the request would fail again. A row that a policy refuses to a bound caller becomes BeyondBounds.
    """
    try:
        yield
    except _OWN_LIMITS as exc:
        log.warning("a statement exceeded a limit of the database", fault=type(exc).__name__)
        raise LimitExceeded(TOO_LARGE) from exc
    except errors.InsufficientPrivilege as exc:
        if not isinstance(company_id, BoundCompany) or exc.diag.source_function != _POLICY_CHECK:
            raise
        raise BeyondBounds(BEYOND) from exc
    except psycopg.OperationalError as exc:
        failure = _FAILURES.get(exc.sqlstate or "")
        if failure is None:
            raise Unavailable(AWAY) from exc
        log.warning(failure.hint, fault=type(exc).__name__)
        raise Unavailable(failure.message, retry_after=failure.retry_after) from exc
    except (PoolTimeout, PoolClosed) as exc:
        raise Unavailable(AWAY) from exc
    except errors.InternalError_ as exc:  # a fault of PostgreSQL's own, or a file system over its quota
        log.error("the database failed", reason=exc.diag.message_primary)
        raise Unavailable(FAILED) from exc
