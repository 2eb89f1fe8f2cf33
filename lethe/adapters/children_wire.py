"""What a caller, the fork server and a child say to each other, in bytes."""

import socket
import struct

REQUEST = struct.Struct("!QIQ")
"""Before a request: its size in bytes, CPU seconds and bytes of memory it may use (0: no limit)."""
ANSWER = struct.Struct("!Q")
"""Before an answer: its size in bytes."""
FATE = struct.Struct("!iQd")
"""How a child ended: its wait status, bytes of memory it grew by, CPU seconds it used."""

EXIT_NO_MEMORY = 77
"""Exit code of a child whose Python ran out of memory, where nothing more can be said."""


class ChildFailed(Exception):
    """What was called in a child failed. The message is what may be logged of it, see domain/faults.py."""


def receive_exactly(sock: socket.socket, size: int) -> bytearray:
    """Read that many bytes from a blocking socket, or raise EOFError."""
    data = bytearray(size)
    view = memoryview(data)
    while view:
        count = sock.recv_into(view)
        if count == 0:
            raise EOFError
        view = view[count:]
    return data


def send_frame(sock: socket.socket, data: bytes) -> None:
    """Send an answer behind its size, on a blocking socket."""
    sock.sendall(ANSWER.pack(len(data)))
    sock.sendall(data)
