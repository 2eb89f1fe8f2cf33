"""/metrics: what it tells, to whom, and that it never holds what a caller has sent."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

from lethe.api import app as http
from lethe.api.metrics import Metrics
from lethe.core.context import Context
from lethe.core.upkeep.measures import Meter
from lethe.domain.records.orphans import Orphan
from lethe.store.database.pool import Database
from tests.client import Client, bare
from tests.lifecycle.orphans import with_context
from tests.server import Server
from tests.waiting import until

Labels = frozenset[tuple[str, str]]


def samples(text: str) -> dict[str, dict[Labels, float]]:
    """The values of all metrics by name and labels."""
    found: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return found


def metrics(server: Server) -> dict[str, dict[Labels, float]]:
    """What the server tells without a token."""
    answer = bare("GET", f"{server.url}/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return samples(answer.text)


def requests(server: Server, **labels: str) -> float:
    """How many requests with these labels were answered."""
    return metrics(server)["lethe_requests_total"].get(frozenset(labels.items()), 0)


def test_requests_are_counted_by_door_method_route_and_class_of_status(
    server: Server, client: Client
) -> None:
    asked = {"door": "knowledge", "method": "GET", "route": "/v1/knowledge/nodes/{node_id}", "status": "4xx"}
    listed = {"door": "artifacts", "method": "GET", "route": "/v1/artifacts/list", "status": "2xx"}
    before = requests(server, **asked), requests(server, **listed)
    for digit in "abc":
        assert client.http.get(f"/v1/knowledge/nodes/{digit * 24}").status_code == 404
    assert client.get("/list", collection="c").status_code == 200
    after = before[0] + 3, before[1] + 1
    until(lambda: (requests(server, **asked), requests(server, **listed)) == after)


def test_what_callers_send_makes_no_new_label(server: Server, client: Client) -> None:
    names = (
        f"/v1/secret{client.company}",
        f"/secret{client.company}",
        f"/v1/artifacts/secret{client.company}",
    )
    for path in names:
        assert client.http.get(path).status_code in (404, 405)
        client.http.request("PROPFIND", path)
    text = bare("GET", f"{server.url}/metrics").text
    assert client.company not in text
    assert "PROPFIND" not in text
    assert 'method="other"' in text


def test_every_kind_of_orphan_queue_and_task_is_there_from_the_start(server: Server) -> None:
    until(lambda: "lethe_orphans" in metrics(server))
    shown = metrics(server)
    assert set(shown["lethe_orphans"]) == {frozenset({("kind", kind.value)}) for kind in Orphan}
    assert len(shown["lethe_jobs"]) >= 4
    assert len(shown["lethe_open_tasks"]) >= 8
    for name in (
        "lethe_reconciler_age_seconds",
        "lethe_outbox_events",
        "lethe_outbox_oldest_seconds",
        "lethe_files_to_remove",
        "lethe_webhook_oldest_seconds",
        "process_resident_memory_bytes",
        "process_cpu_seconds_total",
    ):
        assert shown[name][frozenset()] >= 0
    assert len(shown["lethe_webhook_deliveries"]) == 3
    assert shown["lethe_database_up"] == {frozenset(): 1}
    assert shown["lethe_workers_alive"][frozenset()] >= 1


async def test_without_the_database_the_process_is_measured_all_the_same() -> None:
    away = Meter(Database("host=/nowhere", max_size=2))
    shown = samples(bytes((await Metrics(away).answer()).body).decode())
    assert shown["lethe_database_up"] == {frozenset(): 0}
    assert "process_cpu_seconds_total" in shown
    assert "lethe_orphans" not in shown


def test_the_operator_may_turn_metrics_off(server: Server) -> None:
    async def asked(ctx: Context, *, on: bool) -> int:
        async def missing() -> list[str]:
            return []

        app = http.build(ctx, missing, metrics=on)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            assert (await client.get("/health")).status_code == 200
            return (await client.get("/metrics")).status_code

    assert with_context(server, lambda ctx: asked(ctx, on=False)) == 404
    assert with_context(server, lambda ctx: asked(ctx, on=True)) == 200
