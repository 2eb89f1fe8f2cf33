"""The port of a server, taken before anything else starts: if it is in use, nothing has to be stopped again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from socket import AF_INET, AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY, SO_REUSEADDR, SOL_SOCKET, socket

from lethe.domain.errors import OperatorError
from lethe.settings import Settings

_BACKLOG = 2048


@contextmanager
def taken(settings: Settings) -> Iterator[socket]:
    """A socket bound to the address in the settings, closed after the block. Until `listen`, callers are refused.

    Raises OperatorError if the address cannot be had.
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
    """Let callers connect. Raises OperatorError if somebody else has bound the same port and been faster."""
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
