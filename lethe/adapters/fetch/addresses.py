"""Tells which network addresses belong to the public internet, and connects only to those."""

import asyncio
import re
import socket
from collections.abc import Iterable
from concurrent.futures import Executor
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpcore

from lethe.domain.errors import InputRejected, Unavailable

CONNECT_SECONDS = 5.0
ATTEMPTS = 3  # addresses of one name that are tried

_NAT64 = IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# Addresses that must not be fetched although `is_global` accepts them in some or all versions of Python.
_REFUSED_V4 = (
    IPv4Network("100.64.0.0/10"),  # shared by carriers (RFC 6598); also a cloud's metadata, 100.100.100.200
    IPv4Network("168.63.129.16/32"),  # a public number that is a cloud's internal agent on every machine
    IPv4Network("192.0.0.0/24"),  # protocol assignments; also a cloud's metadata, 192.0.0.192
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
)
_REFUSED_V6 = (
    IPv6Network("2001::/23"),  # protocol assignments: Teredo, ORCHID
    IPv6Network("2002::/16"),  # 6to4: an IPv4 address inside, deprecated
    IPv6Network("3fff::/20"),  # documentation
)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether `address` is a unicast address of the public internet.

    An IPv4 address inside an IPv6 one (mapped, NAT64) counts as itself.
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in _GLOBAL_UNICAST or any(address in network for network in _REFUSED_V6):
            return False
    elif any(address in network for network in _REFUSED_V4):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def refuse_private(host: str) -> None:
    """Raise InputRejected for a host that is obviously not public: a private address, or a name without a dot.

    The DNS is not used: for unknown names without a dot, some networks report a temporary failure.
    """
    if not re.search(r"[.:]", host.rstrip(".")):
        raise _not_public(host)
    try:
        found = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return  # a name
    _require_public(host, [str(entry[4][0]) for entry in found])


async def resolve(host: str, port: int, *, allow_private: bool, threads: Executor | None = None) -> list[str]:
    """Resolve `host` once and return its addresses in the order to try them.

    Raises InputRejected when there is no address or one is not public, Unavailable when DNS does not answer.

    Where private addresses are refused, an unknown name and a private one get the same answer, so that private names
    cannot be probed.

    Args:
        threads: the executor that waits for the DNS; default: the event loop's own.
    """
    if not allow_private:
        refuse_private(host)
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    try:
        found = await asyncio.get_running_loop().run_in_executor(threads, look_up)
    except (OSError, UnicodeError) as exc:
        if getattr(exc, "errno", None) in (socket.EAI_AGAIN, socket.EAI_SYSTEM):
            raise Unavailable(f"The DNS does not answer for the host '{host}': try again.") from exc
        if not allow_private:
            raise _not_public(host) from exc
        raise InputRejected(f"The host '{host}' has no address in the DNS: check the name.") from exc
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not allow_private:
        _require_public(host, addresses)
    return addresses[:ATTEMPTS]


def _require_public(host: str, addresses: Iterable[str]) -> None:
    # A scope ("%eth0") belongs to link-local addresses only, which are not public.
    if not all("%" not in text and is_public(ip_address(text)) for text in addresses):
        raise _not_public(host)


def _not_public(host: str) -> InputRejected:
    return InputRejected(
        f"The host '{host}' has no address on the public internet: check the name."
        " Private ones are refused unless the operator sets LETHE_FETCH_ALLOW_PRIVATE."
    )


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects httpcore to the addresses that `resolve` passed, so that no second look-up can differ.

    Above it httpcore still works with the name: Host header, TLS server name and certificate checks are unchanged.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first checked address of `host` that answers, each within `timeout` seconds."""
        failure: Exception | None = None
        for address in await resolve(host, port, allow_private=self._allow_private):
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failure = exc
        raise Unavailable(f"The host '{host}' does not answer on port {port}: try again.") from failure
