"""Errors of the Knowledge API: `{"message": ..., "error": ..., "statusCode": ...}`, sometimes with a `code`."""

from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from lethe.api import errors
from lethe.api.errors import Headers
from lethe.domain.errors import BeyondBounds, InvalidRequest, LetheError, RateLimited, Unauthenticated

_CODES = {403: "INSUFFICIENT_SCOPE", 404: "NOT_FOUND"}
_BEYOND = "BEYOND_BOUNDS"
_REFUSED = "Invalid or missing API token"
"""The message of every 401, whatever the cause."""
_NAMES = {413: "Payload Too Large"}
"""Statuses that this API names differently from the standard library."""


def install(app: FastAPI) -> None:
    """Translate every error of the API's routes."""
    errors.install(app, invalid=400, tell=_tell, tell_fault=partial(_answer, 500))

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, exc: RequestValidationError) -> Response:
        return _answer(400, "; ".join(_sentence(e) for e in exc.errors()))

    @app.exception_handler(HTTPException)
    async def http_error(_request: Request, exc: HTTPException) -> Response:
        message = "There is nothing at this address." if exc.status_code == 404 else str(exc.detail)
        return _answer(exc.status_code, message, exc.headers)


def _tell(status: int, exc: LetheError, headers: Headers | None) -> Response:
    if isinstance(exc, RateLimited):
        return JSONResponse(
            {"message": "ThrottlerException: Too Many Requests", "statusCode": status}, status, headers
        )
    if isinstance(exc, Unauthenticated):
        return _answer(status, _REFUSED, headers)
    message = f"{_field(exc.location)}: {exc}" if isinstance(exc, InvalidRequest) else str(exc)
    return _answer(status, message, headers, code=_BEYOND if isinstance(exc, BeyondBounds) else None)


def _answer(
    status: int, message: str, headers: Headers | None = None, *, code: str | None = None
) -> Response:
    body = {
        "message": message,
        "error": _NAMES.get(status) or HTTPStatus(status).phrase,
        "statusCode": status,
    }
    if status in _CODES:
        body["code"] = code or _CODES[status]
    return JSONResponse(body, status, headers)


def _sentence(error: Mapping[str, Any]) -> str:
    message = "unknown field" if error["type"] == "extra_forbidden" else error["msg"]
    return f"{_field(error['loc'])}: {message.removeprefix('Value error, ')}"


def _field(location: Sequence[str | int]) -> str:
    """`node_ids.3` for `("body", "node_ids", 3)`; without a field, the part of the request."""
    names = [str(part) for part in location[1:] if not isinstance(part, int) or len(location) > 2]
    return ".".join(names) or str(location[0] if location else "request")
