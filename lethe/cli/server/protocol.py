"""uvicorn's HTTP protocol plus the bounds that it lacks, in bytes and seconds, for each phase of a connection.

    head      from the first byte, or the end of the previous request, to the empty line: HEAD_BYTES and HEAD_SECONDS
    body      api/request/bodies.py bounds size and speed; chunk lines and trailers may have OVERHEAD_BYTES in a row
    answered  if the request body has not ended LINGER_SECONDS after the answer, the connection is closed
    sending   a client that reads its answer slower than SLOWEST_BYTES_A_SECOND is disconnected

uvicorn itself stores trailers as headers without a bound, and any byte stops its idle timer.
"""

import asyncio
import logging
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 30.0
OVERHEAD_BYTES = 64 * 1024
LINGER_SECONDS = 2.0
SEND_CHECK_SECONDS = 20.0
SLOWEST_BYTES_A_SECOND = 16 * 1024

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

_silent = logging.getLogger("lethe.protocol")
_silent.setLevel(logging.ERROR)  # otherwise each malformed request would log a line


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection that takes more bytes or time than its phase allows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = _silent
        self._in_head = True
        self._refused = False
        self._head_bytes = 0
        self._parsed = 0
        self._overhead = 0
        self._got_body = False
        self._message_complete = True
        self._deadline: asyncio.TimerHandle | None = None
        self._sending: asyncio.TimerHandle | None = None
        self._unsent = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the deadline of the first request's head."""
        super().connection_made(transport)
        self._close_in(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timers."""
        self._keep_open()
        self._stop_watching()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count the bytes of an unfinished head, and the overhead of a body."""
        if self._in_head:
            if self._deadline is None:
                self._close_in(HEAD_SECONDS)
            self._head_bytes += len(data)
        self._got_body = False
        was_in_head = self._in_head
        super().data_received(data)
        if self._in_head and was_in_head:
            self._refuse_over(self._head_bytes, HEAD_BYTES)
        elif not self._in_head:
            self._overhead = 0 if self._got_body or was_in_head else self._overhead + len(data)
            self._refuse_over(self._overhead, OVERHEAD_BYTES)

    def on_message_begin(self) -> None:
        """Begin a request; its head's deadline started with the first byte."""
        super().on_message_begin()
        self._in_head, self._message_complete, self._parsed = True, False, 0

    def on_url(self, url: bytes) -> None:
        """Count the bytes of the target."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header; drop trailers."""
        if self._in_head:
            self._count(len(name) + len(value) + 4)
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """End the head's deadline."""
        self._in_head, self._head_bytes, self._overhead = False, 0, 0
        self._keep_open()
        if not self._refused:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Note that part of the body has arrived."""
        self._got_body = True
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Expect the next head. uvicorn bounds how long a connection may be idle."""
        if not self._refused:
            super().on_message_complete()
        self._in_head, self._message_complete = True, True
        if self.cycle is not None and self.cycle.response_complete:  # uvicorn's timer has been used up
            self._close_in(HEAD_SECONDS)

    def on_response_complete(self) -> None:
        """Close soon if the rest of an answered request does not arrive."""
        super().on_response_complete()
        if not self._message_complete and not self.transport.is_closing():
            self._close_in(LINGER_SECONDS)

    def pause_writing(self) -> None:
        """Start checking that the client reads the answer."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """Stop checking: the client has caught up."""
        self._stop_watching()
        super().resume_writing()

    def _count(self, size: int) -> None:
        self._parsed += size
        self._refuse_over(self._parsed, HEAD_BYTES)

    def _refuse_over(self, size: int, most: int) -> None:
        if size > most and not self._refused and not self.transport.is_closing():
            self._refused = True
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def _watch(self) -> None:
        self._unsent = self.transport.get_write_buffer_size()
        self._sending = self.loop.call_later(SEND_CHECK_SECONDS, self._check)

    def _check(self) -> None:
        taken = self._unsent - self.transport.get_write_buffer_size()
        if taken < SLOWEST_BYTES_A_SECOND * SEND_CHECK_SECONDS:
            self.transport.abort()
        else:
            self._watch()

    def _stop_watching(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def _close_in(self, seconds: float) -> None:
        self._keep_open()
        self._deadline = self.loop.call_later(seconds, self.transport.close)

    def _keep_open(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
