"""A short run of the torture: each kind of fault at least once, while callers use both doors."""

import pytest

from tests.services import OpenAIServer, RabbitMQ
from tests.torture.run import report, torture

SEED = 1
PAUSE_SECONDS = 0.1
"""Other tests run beside this one."""
KILLS = {"kill worker", "kill API", "kill postmaster", "kill backend", "kill broker"}

HINDRANCES = {"undeletable file", "held lock", "silent address", "slow readers"}


# A caller who hangs up leaves its socket to the garbage collector, and so to whichever test runs then.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_server_keeps_its_promises_while_everything_dies(
    rabbitmq: RabbitMQ, embedder: OpenAIServer
) -> None:
    with torture(rabbitmq, embedder.spec, SEED, PAUSE_SECONDS) as run:
        violations = run.run(seconds=1)
        story = report(run, violations, SEED)
        assert violations == [], story
        assert run.nemesis.counts.keys() >= KILLS, story
        assert run.nemesis.counts.keys() >= HINDRANCES, story
        assert sum(what.startswith("SIGKILL at") for what in run.nemesis.counts) >= 2, story
