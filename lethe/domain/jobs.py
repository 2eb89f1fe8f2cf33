"""The kinds of jobs, and the queues in which they wait."""

FETCH = "fetch"
INGEST = "ingest"
INGEST_SHARE = "ingest_share"
REMOVE = "remove"
UNINDEX = "unindex"
REINDEX = "reindex"
REMOVE_MANY = "remove_many"

QUEUE_OF = {
    FETCH: FETCH,
    INGEST: INGEST,
    INGEST_SHARE: INGEST,
    REINDEX: INGEST,
    REMOVE: REMOVE,
    UNINDEX: REMOVE,
    REMOVE_MANY: REMOVE,
}
"""Three queues, so that removals never wait for ingestions, nor ingestions for slow addresses."""

QUEUES = tuple(dict.fromkeys(QUEUE_OF.values()))

SYNCHRONOUS, BACKGROUND = 10, 0
"""Priorities: of jobs for which a client waits, and of all others."""
