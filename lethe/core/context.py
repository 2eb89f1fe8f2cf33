"""The dependencies of the use cases, built once in `wiring`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from lethe.adapters.blobs import Blobs
from lethe.adapters.children import Children
from lethe.adapters.embedders import Vectors
from lethe.adapters.fetch import Fetched
from lethe.adapters.scratch import Scratch
from lethe.adapters.webhooks import Receivers
from lethe.core.limiter import Limiter
from lethe.core.receipts.keys import Keys
from lethe.core.room import Room
from lethe.core.scrub.markers import Markers
from lethe.core.search.pace import Pace
from lethe.core.webhooks.secrets import Secrets
from lethe.domain.limits import Limits
from lethe.domain.records.search import HybridWeights
from lethe.store.database.pool import Database
from lethe.store.queue.jobs import Jobs
from lethe.store.queue.signals import Signals


@dataclass(frozen=True, slots=True)
class Context:
    """Database, queue, blob store, signing keys, fingerprint hasher, limits, webhook secrets, and so on.

    `receivers` checks the addresses of webhooks. `has_broker`: whether callbacks can be delivered. `retention_days`:
    how long the trash is kept for companies without a setting of their own. `search_limiter` bounds concurrent
    searches: more searches than cores would be no faster, but delay everything else, above all deletions.
    `embedding_limiter` does the same for embedding queries, `content_limiter` for reading large contents,
    `conversion_limiter` for conversions, which fetch addresses with `fetch` and parse in `children`. The children start
    at the first conversion. `bodies` and `answers` bound the large requests and answers kept in `scratch`. `pace`
    counts this process's searches.
    """

    db: Database
    jobs: Jobs
    signals: Signals
    blobs: Blobs
    keys: Keys
    markers: Markers
    limits: Limits
    webhook_secrets: Secrets
    receivers: Receivers
    has_broker: bool
    embed_query: Callable[[str], Awaitable[Vectors]]
    retention_days: int
    hybrid_weights: HybridWeights
    search_limiter: Limiter
    embedding_limiter: Limiter
    content_limiter: Limiter
    conversion_limiter: Limiter
    children: Children
    fetch: Callable[[str, Path], Awaitable[Fetched]]
    scratch: Scratch
    bodies: Room
    answers: Room
    pace: Pace = field(default_factory=Pace)
