"""Ports of the loopback for servers that go and come back."""

import random
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

_OF_CONNECTIONS = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LEAST = 20_000
_dice = random.SystemRandom()
"""Not the one whose seed tests set: processes side by side would try the same ports."""


def lasting_ports(count: int) -> list[int]:
    """Free ports that the kernel gives to no outgoing connection: they are free still when their server comes back."""
    first = max(int(_OF_CONNECTIONS.read_text().split()[0]), _LEAST)
    found: list[int] = []
    with ExitStack() as probes:
        while len(found) < count:
            probe, port = probes.enter_context(socket.socket()), _dice.randrange(first // 2, first)
            with suppress(OSError):  # somebody has it
                probe.bind(("127.0.0.1", port))
                found.append(port)
    return found
