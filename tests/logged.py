"""What Lethe logs, for tests in the same process."""

import logging
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from io import StringIO

import pytest
import structlog

from lethe.cli.server import logs

Logged = Callable[[], str]
"""Gives what was logged until now."""


@pytest.fixture(params=["text", "json"])
def logged(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Logged]:
    """Logging as in a server, until the end of the test. A module's own logger keeps what it saw first."""
    root = logging.getLogger()
    before = root.handlers, root.level
    monkeypatch.setattr(logging, "raiseExceptions", logging.raiseExceptions)
    stream = StringIO()
    with redirect_stderr(stream):
        logs.configure(format=request.param, level="info")
    yield stream.getvalue
    root.handlers, root.level = before
    structlog.reset_defaults()
