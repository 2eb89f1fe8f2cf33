"""Tells open pages that something has changed, so that they reload what they show."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

from starlette.responses import Response, StreamingResponse

from lethe.console.frame.visit import SESSION, Visit, page
from lethe.core.access import sessions
from lethe.core.changes import TOPICS, Changes, following, position
from lethe.domain.errors import Unauthenticated, Unavailable

MOST_STREAMS = 200
"""Per company and process."""
_TOGETHER_SECONDS = 0.3
"""At most one event per this many seconds: a busy ingestion changes things many times a second."""
_BEAT_SECONDS = 10.0
"""How often an idle stream sends a sign of life and checks that the session is still valid."""


async def events(visit: Visit) -> Response:
    """A stream of changed topics, as server-sent events. Raises Unavailable if there are too many streams."""
    if visit.request.app.state.streams[visit.company_id] >= MOST_STREAMS:
        raise Unavailable("Too many pages are open: close some.", retry_after=10)
    return StreamingResponse(
        _stream(visit), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
    )


async def _stream(visit: Visit) -> AsyncIterator[bytes]:
    stop: asyncio.Event = visit.request.app.state.stop
    streams: Counter[str] = visit.request.app.state.streams
    stopping = asyncio.create_task(stop.wait(), name="stop stream")
    streams[visit.company_id] += 1
    try:
        async with following(visit.ctx, company_id=visit.company_id) as changes:
            yield b"retry: 1000\nevent: open\ndata:\n\n"
            if _is_stale(visit):
                yield _told(TOPICS)
            while not stop.is_set() and await _lives(visit):
                topics = await _next(changes, stopping) or _unasked(visit)
                yield _told(topics) if topics else b":\n\n"
                with suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(stopping), _TOGETHER_SECONDS)
    finally:
        streams[visit.company_id] -= 1
        stopping.cancel()


def _is_stale(visit: Visit) -> bool:
    """Whether something may have changed since the page was rendered: `at` is the position of the changes then."""
    now = position(visit.ctx, company_id=visit.company_id)
    return now is None or visit.request.query_params.get("at") != now


def _told(topics: Sequence[str]) -> bytes:
    return f"data: {' '.join(topics)}\n\n".encode()


async def _next(changes: Changes, stopping: asyncio.Task[bool]) -> list[str]:
    """The topics of the next change; none if nothing changes for a while, or the server stops."""
    taking = asyncio.create_task(changes.take(), name="changes")
    try:
        await asyncio.wait({taking, stopping}, timeout=_BEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        return taking.result() if taking.done() else []
    finally:
        taking.cancel()


def _unasked(visit: Visit) -> Sequence[str]:
    """The topics that count as changed at each beat: all for a bound token, which is told only of tree changes."""
    return TOPICS if visit.signed_in.bound else ()


async def _lives(visit: Visit) -> bool:
    """Whether the session is still valid. A database that is briefly unavailable does not end the stream."""
    try:
        await sessions.find(visit.ctx.db, visit.request.cookies.get(SESSION, ""))
    except Unauthenticated:
        return False
    except Unavailable:
        return True
    return True


ROUTES = [page("/events", events)]
