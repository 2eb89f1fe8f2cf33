"""What the use cases work with. Built once, in wiring, and handed to each of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lethe.adapters.blobs import Blobs
from lethe.adapters.embedders import Vectors
from lethe.adapters.scratch import Scratch
from lethe.core.limiter import Limiter
from lethe.core.receipts.keys import Keys
from lethe.core.room import Room
from lethe.core.scrub.markers import Markers
from lethe.domain.limits import Limits
from lethe.domain.search import HybridWeights
from lethe.store.database import Database
from lethe.store.work.jobs import Jobs
from lethe.store.work.signals import Signals


@dataclass(frozen=True, slots=True)
class Context:
    """The database and what belongs to it, the blob store, what signs receipts and makes fingerprints, the bounds.

    `has_broker` tells whether callbacks can be delivered at all; `retention_days` how long the trash is kept
    for companies without a time of their own; `hybrid_weights` how a hybrid search weighs. The `search_limiter`
    bounds searches under way: more than cores would not be done sooner, but hold up all else, above all deletions. The
    `content_limiter` does so for reading much content. Large `bodies` and `answers` lie in `scratch`, where there is
    room for so many.
    """

    db: Database
    jobs: Jobs
    signals: Signals
    blobs: Blobs
    keys: Keys
    markers: Markers
    limits: Limits
    has_broker: bool
    embed_query: Callable[[str], Awaitable[Vectors]]
    retention_days: int
    hybrid_weights: HybridWeights
    search_limiter: Limiter
    content_limiter: Limiter
    scratch: Scratch
    bodies: Room
    answers: Room
