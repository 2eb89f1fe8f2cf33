"""The header Idempotency-Key: ASGI middleware for calls that change something.

core/idempotency.py states the guarantees; this module decides when. `auth.py` passes on the caller once it may make the
call, and the body is hashed while the route reads it. After the last body chunk, one statement claims the key. If that
fails, the route's read raises, so that the route never starts its work: the client gets a refusal or the earlier
answer. The route's answer is stored before it is sent.

Calls that only read ignore the header, even as POST: repeating them changes nothing, and their answers may be large.
"""

import asyncio
import hashlib
import re
from collections.abc import Container
from typing import Any

import orjson
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lethe.api.request.request_hash import RequestHash
from lethe.core import idempotency
from lethe.core.context import Context
from lethe.domain.records.access import Caller
from lethe.domain.records.idempotency import Claim, KeyState

_CHANGING = frozenset({"knowledge:write", "knowledge:delete", "knowledge:assign", "webhooks:manage"})
"""The scopes whose calls change something, except GETs."""

_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_HEADER = b"idempotency-key"
_KEY = re.compile(rb"[ -~]{1,255}")
_SHOWS_PATH = re.compile(rb'\{"id":.*"path_cache":', re.DOTALL)
_RETRY_SECONDS = 1

_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    "description": (
        "Repeating a request with the same key within 24 hours returns the first answer, with the header "
        "`Idempotency-Replayed: true`, and does nothing else. 409 if the key was used for a different request, if the "
        "first one is still running (see `Retry-After`), or if what it created has been deleted since."
    ),
}


class Idempotency:
    """The middleware. Requests without the header pass straight through."""

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run a request with a key as an `Attempt`."""
        keys = []
        if scope["type"] == "http" and scope["method"] in _METHODS:
            keys = [value for name, value in scope["headers"] if name == _HEADER]
        if not keys:
            await self._app(scope, receive, send)
            return
        attempt = Attempt(self._context, scope, keys, receive, send)
        scope.setdefault("state", {})["attempt"] = attempt
        await attempt.run(self._app)


class Attempt:
    """One request with a key. `claim` is set once the work may begin.

    `reads_only`: the request turned out to change nothing, so its answer is not stored. `shown_once`: a field of the
    answer that is not stored.
    """

    def __init__(
        self, context: Context, scope: Scope, keys: list[bytes], receive: Receive, send: Send
    ) -> None:
        self._db = context.db
        self._scope = scope
        self._keys = keys
        self._receive = receive
        self._send = send
        self._hash = RequestHash(scope)
        self._complete = scope["method"] == "DELETE"  # these routes read no body
        self._caller: Caller | None = None
        self._left = False
        self._keeping: asyncio.Task[None] | None = None
        self._start: Message = {}
        self._body = b""
        self.claim: Claim | None = None
        self.reads_only = False
        self.shown_once: str | None = None

    async def run(self, app: ASGIApp) -> None:
        """Run the request, or send the earlier answer."""
        try:
            await app(self._scope, self._received, self._sent)
        except _Answered as exc:
            await self._replay(exc.standing)
        except BaseException:  # also when the server stops: a retry must not wait for the lease to end
            if self.claim is not None:
                await asyncio.shield(idempotency.release(self._db, self.claim))
            raise
        finally:
            if self._keeping is not None:
                self._keeping.cancel()

    async def admit(self, caller: Caller) -> None:
        """Admit the caller to this call. Raises HTTPException (400 for a malformed key), and as `_begin`."""
        if len(self._keys) != 1 or not _KEY.fullmatch(self._keys[0]):
            raise HTTPException(
                400, "Idempotency-Key: must be a single header of 1 to 255 printable ASCII characters."
            )
        self._caller = caller
        if self._complete:
            await self._begin(caller)

    async def _received(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._left = True
        elif not self._complete:
            self._hash.update(message.get("body", b""))
            self._complete = not message.get("more_body", False)
            if self._complete and self._caller is not None:
                await self._begin(self._caller)
        return message

    async def _begin(self, caller: Caller) -> None:
        """Claim the key. Raises _Answered, or HTTPException if the request cannot run now or with this key.

        The request's hash is salted with the key, which itself is stored only as a hash: it reveals nothing about the
        document.
        """
        key = hashlib.sha256(self._keys[0]).digest()
        fingerprint = hashlib.sha256(self._keys[0] + b"\0" + self._hash.digest()).digest()
        self.claim, standing = await idempotency.claim(self._db, caller, key=key, fingerprint=fingerprint)
        if self.claim is not None:
            self._keeping = asyncio.create_task(idempotency.keep(self._db, self.claim), name="keep a claim")
        elif not standing.same:
            raise HTTPException(409, "This Idempotency-Key was used for a different request: send a new key.")
        elif standing.gone:
            raise HTTPException(
                409,
                "The request with this Idempotency-Key succeeded before, and what it created or changed has been "
                "deleted since: to repeat it, send a new key.",
                {"Idempotency-Replayed": "true"},
            )
        elif standing.status is not None:
            raise _Answered(standing)
        else:
            raise HTTPException(
                409,
                "The request with this Idempotency-Key is still running: send it again in a moment.",
                {"Retry-After": str(_RETRY_SECONDS)},
            )

    async def _sent(self, message: Message) -> None:
        """Pass the answer on; with a claim, store it first."""
        if self.claim is None:
            await self._send(message)
        elif message["type"] == "http.response.start":
            self._start = message
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._settle(self.claim)
                await self._send(self._start)
                await self._send({"type": "http.response.body", "body": self._body})

    async def _settle(self, claim: Claim) -> None:
        if self.reads_only:
            await idempotency.release(self._db, claim)
            return
        headers = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in self._start["headers"]
        ]
        await idempotency.settle(
            self._db,
            claim,
            node_id=self._shown_node(),
            status=self._start["status"],
            headers=headers,
            body=_without(_placed(self._body, None, None), self.shown_once),
            unread=self._left,
        )

    def _shown_node(self) -> str | None:
        """The node in the path, which the answer shows; the answer to a DELETE shows nothing."""
        node_id: str | None = self._scope.get("path_params", {}).get("node_id")
        return node_id.lower() if node_id and self._scope["method"] != "DELETE" else None

    async def _replay(self, standing: KeyState) -> None:
        body = _placed(standing.body or b"", standing.path_cache, standing.collection)
        headers = [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in standing.headers or ()
            if name != "content-length"
        ]
        headers += [(b"content-length", str(len(body)).encode()), (b"idempotency-replayed", b"true")]
        await self._send({"type": "http.response.start", "status": standing.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _placed(body: bytes, path_cache: str | None, collection: str | None) -> bytes:
    """The answer with this `path_cache` and `collection` if it shows a node, otherwise unchanged.

    They hold titles of other nodes, which may be deleted or renamed before a replay, so they are never stored.
    """
    if not _SHOWS_PATH.match(body):
        return body
    return orjson.dumps({**orjson.loads(body), "path_cache": path_cache, "collection": collection})


def _without(body: bytes, field: str | None) -> bytes:
    """The answer with null in this field."""
    found = orjson.loads(body) if field is not None else {}
    return orjson.dumps({**found, field: None}) if field in found else body


class _Answered(Exception):
    """The request was answered before. Caught by the middleware; no API sees it."""

    def __init__(self, standing: KeyState) -> None:
        self.standing = standing


def claim_of(request: Request) -> Claim | None:
    """The claim of a request whose body has been read; None without a key."""
    attempt = _attempt_of(request)
    return attempt.claim if attempt else None


def keep_nothing(request: Request) -> None:
    """Do not store this request's answer: the call may change something, but this request only reads."""
    attempt = _attempt_of(request)
    if attempt:
        attempt.reads_only = True


def keep_without(request: Request, field: str) -> None:
    """Store this request's answer with null in a field that is shown once."""
    attempt = _attempt_of(request)
    if attempt:
        attempt.shown_once = field


async def admit(request: Request, caller: Caller, *, scope: str | None) -> None:
    """Record that the caller may make this request, if it has a key. Raises as `Attempt.admit`."""
    attempt = _attempt_of(request)
    if attempt and scope in _CHANGING:
        await attempt.admit(caller)


def _attempt_of(request: Request) -> Attempt | None:
    attempt = getattr(request.state, "attempt", None)
    return attempt if isinstance(attempt, Attempt) else None


def describe(schema: dict[str, Any], *, reading: Container[str]) -> None:
    """Add the header to all calls in an API's OpenAPI document except those at the paths in `reading`."""
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            if method.upper() in _METHODS and path not in reading:
                operation.setdefault("parameters", []).append(_PARAMETER)
