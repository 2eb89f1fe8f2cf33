"""An address that takes connections and says nothing."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def silent_address() -> Iterator[str]:
    """Its URL. After the block its connections are closed, and nobody listens there."""
    listener, held = socket.create_server(("127.0.0.1", 0), backlog=50), list[socket.socket]()

    def accept() -> None:
        with suppress(OSError):
            while True:
                held.append(listener.accept()[0])

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # close alone does not end an accept that waits
        listener.close()
        accepting.join(5)
        for connection in held:
            connection.close()
