"""Recognises a repeated request: it has the same hash, and any other request has a different one."""

import hashlib

from python_multipart.multipart import parse_options_header
from starlette.types import Scope


class RequestHash:
    """SHA-256 over what identifies a request: method, path, query, media type, body.

    Most clients choose a new boundary when they repeat a form, so the boundary itself is left out.
    """

    def __init__(self, scope: Scope) -> None:
        content_type = next((v for n, v in scope["headers"] if n == b"content-type"), b"")
        media_type, options = parse_options_header(content_type)
        self._boundary = options.get(b"boundary", b"") if media_type == b"multipart/form-data" else b""
        self._rest = b""
        self._hash = hashlib.sha256()
        path = str(scope["path"]).encode("utf-8", "surrogateescape")
        for part in (scope["method"].encode(), path, scope["query_string"], media_type):
            self._hash.update(b"%d:%b" % (len(part), part))

    def update(self, piece: bytes) -> None:
        """Add the next piece of the body."""
        if not self._boundary:
            self._hash.update(piece)
            return
        *texts, last = (self._rest + piece).split(self._boundary)
        for text in texts:
            self._hash.update(text)
        # The end may be the start of a boundary.
        whole = max(0, len(last) - len(self._boundary) + 1)
        self._hash.update(last[:whole])
        self._rest = last[whole:]

    def digest(self) -> bytes:
        """The hash, once the body is complete."""
        self._hash.update(self._rest)
        self._rest = b""
        return self._hash.digest()
