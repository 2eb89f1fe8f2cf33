"""/metrics for Prometheus: the requests of this process, and counts of the whole installation.

Labels come from small sets: the API (`door`), the method, the route as declared. Never a path, id or company as sent.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lethe.api.doors import declared
from lethe.core.upkeep.measures import Deliveries, Measures, Meter
from lethe.domain.jobs import QUEUES
from lethe.domain.records.measures import Measure
from lethe.domain.records.orphans import Orphan
from lethe.domain.records.tasks import TaskKind, TaskStatus

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_NO_ROUTE = "none"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_JOB_STATES = ("todo", "doing")


class Metrics:
    """The metrics of one API process, in a registry of its own."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self._registry)
        self._installation = _Installation()
        self._registry.register(self._installation)
        self._requests = Counter(
            "lethe_requests",
            "Requests answered by this process.",
            ("door", "method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "lethe_request_seconds",
            "Time from the request head to the end of the answer.",
            ("door", "method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )

    async def answer(self) -> Response:
        """All metrics in Prometheus' text format. If the database is unavailable, only those of this process."""
        self._installation.measures = await self._meter.measure()
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    def count(self, scope: Scope, *, status: int, seconds: float) -> None:
        """Count an answered request; `scope` is as routing left it."""
        door, route = declared(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        labels = (door, method, route or _NO_ROUTE)
        self._requests.labels(*labels, f"{status // 100}xx").inc()
        self._seconds.labels(*labels).observe(seconds)


class Counted:
    """ASGI middleware around all APIs that counts and times their answers."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count once the answer has ended, successful or not. A dropped connection counts as 5xx."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self._metrics.count(scope, status=status, seconds=time.perf_counter() - start)


class _Installation(Collector):
    """The counts from the database, as last measured."""

    def __init__(self) -> None:
        self.measures: Measures | None = None

    def collect(self) -> Iterable[Metric]:
        """Includes every label value, even at zero, so that an alarm can tell zero from unknown."""
        measures = self.measures
        yield _gauge("lethe_database_up", "1 when the database answers.", measures is not None)
        if measures is None:
            return
        yield from _round(measures)
        by_thing: dict[str, list[Measure]] = {}
        for measure in measures.waiting:
            by_thing.setdefault(measure.thing, []).append(measure)
        yield _by_labels(
            "lethe_jobs",
            "Jobs by queue and state.",
            ("queue", "state"),
            by_thing.get("jobs", []),
            [(queue, state) for queue in QUEUES for state in _JOB_STATES],
        )
        yield _by_labels(
            "lethe_open_tasks",
            "Unfinished tasks, by kind and status.",
            ("kind", "status"),
            by_thing.get("tasks", []),
            [(kind, status) for kind in TaskKind for status in TaskStatus if status.is_open],
        )
        oldest = max((m.oldest_seconds for m in by_thing.get("tasks", [])), default=0)
        yield _gauge("lethe_open_task_oldest_seconds", "Age of the oldest unfinished task.", oldest)
        (events,), (files,), (workers,) = by_thing["events"], by_thing["files"], by_thing["workers"]
        yield _gauge("lethe_outbox_events", "Callback events waiting for the broker.", events.count)
        yield _gauge(
            "lethe_outbox_oldest_seconds", "Age of the oldest waiting callback event.", events.oldest_seconds
        )
        yield from _deliveries(measures.deliveries)
        yield _gauge("lethe_files_to_remove", "Files whose removal is due.", files.count)
        yield _gauge(
            "lethe_files_to_remove_oldest_seconds",
            "How long the oldest of these files has been due.",
            files.oldest_seconds,
        )
        yield _gauge("lethe_workers_alive", "Workers with a heartbeat in the last 5 seconds.", workers.count)


def _deliveries(found: Deliveries) -> Iterable[Metric]:
    yield _family(
        "lethe_webhook_deliveries",
        "Deliveries to webhooks: not tried yet (pending), to be tried again (failing), or given up (dead).",
        ("state",),
        {("pending",): found.pending, ("failing",): found.failing, ("dead",): found.dead},
    )
    yield _gauge(
        "lethe_webhook_oldest_seconds",
        "Age of the oldest delivery that is pending or failing.",
        found.oldest_seconds,
    )


def _round(measures: Measures) -> Iterable[Metric]:
    last = measures.last_round
    if last is None:
        return
    yield _family(
        "lethe_orphans",
        "Leftovers without an owner found in the reconciler's last round.",
        ("kind",),
        {(kind,): last.counts[kind] for kind in Orphan},
    )
    age = (datetime.now(UTC) - last.ended_at).total_seconds()
    yield _gauge("lethe_reconciler_age_seconds", "Time since the reconciler's last round.", max(0, age))
    yield _gauge("lethe_reconciler_seconds", "How long the reconciler's last round took.", last.seconds)
    yield _gauge("lethe_reconciler_skipped", "Companies that the reconciler could not check.", last.skipped)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=float(value))


def _by_labels(
    name: str,
    text: str,
    labels: tuple[str, str],
    measured: Sequence[Measure],
    known: Sequence[tuple[str, str]],
) -> GaugeMetricFamily:
    counts: dict[tuple[str, ...], int] = {(m.first, m.second): m.count for m in measured}
    return _family(name, text, labels, {**dict.fromkeys(known, 0), **counts})


def _family(
    name: str, text: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], int]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for of_value, value in values.items():
        family.add_metric(of_value, value)
    return family
