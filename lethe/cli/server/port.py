"""The server's port, bound before anything else starts, so that nothing has to be stopped if it is in use."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from socket import AF_INET, AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY, SO_REUSEADDR, SOL_SOCKET, socket

from lethe.domain.errors import OperatorError
from lethe.settings import Settings

_BACKLOG = 2048


@contextmanager
def taken(settings: Settings) -> Iterator[socket]:
    """A socket bound to the address in the settings, closed after the block. Until `listen`, clients are refused.

    Raises OperatorError if the address cannot be bound.
    """
    host, port = settings.host, settings.port
    with socket(AF_INET6 if ":" in host else AF_INET) as bound:
        bound.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        if bound.family == AF_INET6:
            bound.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)
        try:
            bound.bind((host, port))
        except OSError as exc:
            raise _refused(host, port, exc) from exc
        yield bound


def listen(bound: socket) -> None:
    """Let clients connect. Raises OperatorError if another process bound the port too and listened first."""
    try:
        bound.listen(_BACKLOG)
    except OSError as exc:
        host, port = bound.getsockname()[:2]
        raise _refused(host, port, exc) from exc


def _refused(host: str, port: int, error: OSError) -> OperatorError:
    reason = os.strerror(error.errno or 0)
    return OperatorError(
        f"Cannot listen on {host} port {port} ({reason}): choose another with --host and --port."
    )
