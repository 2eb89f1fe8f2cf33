"""Settings of servers that wait as long as the tests do."""

from tests.waiting import PATIENCE_SECONDS

PATIENT = {
    "LETHE_LOCK_SECONDS": str(PATIENCE_SECONDS / 2),
    "LETHE_STATEMENT_SECONDS": str(PATIENCE_SECONDS),
    "LETHE_WEBHOOK_SECONDS": str(PATIENCE_SECONDS),
}
"""Where a machine stands still for seconds, that somebody has held a lock so long is no answer to what a test asks, and
a receiver that was slow gets nothing twice."""
