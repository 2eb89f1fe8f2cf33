"""The driver's errors as Lethe's own: what is away, what was waited for too long, what failed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import structlog
from psycopg import errors
from psycopg_pool import PoolClosed, PoolTimeout

from lethe.domain.errors import Unavailable

log = structlog.get_logger()

AWAY = "The database does not answer at the moment: try again."
FAILED = "The database failed at this, and its log tells why: try again."
HELD = "Another operation holds what this one needs: try again in a moment."
TOO_LONG = "The database took too long for this: try again later, or ask for less at a time."
NO_ROOM = "The database has no room left on its disk: try again later."
BUSY = "Too many requests of your company are under way: try again in a moment."


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Turn the errors of the driver and the pool into Unavailable, whose sentence tells them apart."""
    try:
        yield
    except (errors.LockNotAvailable, errors.DeadlockDetected) as exc:
        log.warning("a lock could not be had: 'lethe doctor' shows who holds it", fault=type(exc).__name__)
        raise Unavailable(HELD, retry_after=2) from exc
    except errors.QueryCanceled as exc:
        log.warning("a statement took too long and was ended")
        raise Unavailable(TOO_LONG, retry_after=10) from exc
    except (errors.DiskFull, errors.ProgramLimitExceeded) as exc:
        log.error("the database has reached a limit", fault=type(exc).__name__)
        raise Unavailable(NO_ROOM if isinstance(exc, errors.DiskFull) else FAILED, retry_after=10) from exc
    except (psycopg.OperationalError, PoolTimeout, PoolClosed) as exc:
        raise Unavailable(AWAY) from exc
    except errors.InternalError_ as exc:  # its own fault, or a file system that is over its quota
        log.error("the database failed", reason=exc.diag.message_primary)
        raise Unavailable(FAILED) from exc
