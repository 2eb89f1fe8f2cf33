"""Errors of the Knowledge API: `{"message": ..., "error": ..., "statusCode": ...}`, some with a `code`."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from lethe.domain.errors import (
    Conflict,
    InputRejected,
    InsufficientScope,
    InvalidRequest,
    LetheError,
    LimitExceeded,
    MachineFailed,
    NotFound,
    RateLimited,
    Revoked,
    Unauthenticated,
    Unavailable,
)

log = structlog.get_logger()

STATUS: dict[type[LetheError], int] = {
    Unauthenticated: 401,
    InsufficientScope: 403,
    RateLimited: 429,
    InvalidRequest: 400,
    InputRejected: 400,
    NotFound: 404,
    Conflict: 409,
    Revoked: 409,
    LimitExceeded: 413,
    Unavailable: 503,
}

_CODES = {403: "INSUFFICIENT_SCOPE", 404: "NOT_FOUND"}
_NAMES = {413: "Payload Too Large"}
"""Where the API's name of a status is not the standard library's."""

_SHOWN_FAULTS = 5


def install(app: FastAPI) -> None:
    """Translate every error of the door's routes."""

    @app.exception_handler(LetheError)
    async def lethe_error(_request: Request, exc: LetheError) -> Response:
        status = STATUS.get(Unavailable if isinstance(exc, Unavailable) else type(exc))
        if status is None:
            log.error("a request failed", error=str(exc))
            return _answer(500, "The server is not set up right: see its log.")
        if isinstance(exc, RateLimited):
            return JSONResponse(
                {"message": "ThrottlerException: Too Many Requests", "statusCode": 429},
                429,
                {"Retry-After": str(exc.retry_after)},
            )
        message = f"{_field(exc.location)}: {exc}" if isinstance(exc, InvalidRequest) else str(exc)
        return _answer(status, message, _headers(exc))

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, exc: RequestValidationError) -> Response:
        return _answer(400, "; ".join(_sentence(e) for e in exc.errors()[:_SHOWN_FAULTS]))

    @app.exception_handler(HTTPException)
    async def http_error(_request: Request, exc: HTTPException) -> Response:
        message = "There is nothing at this address." if exc.status_code == 404 else str(exc.detail)
        return _answer(exc.status_code, message, exc.headers)

    @app.exception_handler(OSError)
    async def machine_failed(request: Request, exc: OSError) -> Response:
        log.error("the machine fails", exc_info=exc)
        return await lethe_error(request, MachineFailed(exc))

    @app.exception_handler(ClientDisconnect)
    async def client_left(_request: Request, _exc: ClientDisconnect) -> Response:
        # An everyday event; nobody reads the answer. 499 is what proxies call it.
        return Response(status_code=499)

    @app.exception_handler(Exception)
    async def unexpected(_request: Request, _exc: Exception) -> Response:
        # Starlette raises the exception again after this answer, and the server logs it.
        return _answer(500, "The server failed at this request; its log tells more.")


def _answer(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    body = {
        "message": message,
        "error": _NAMES.get(status) or HTTPStatus(status).phrase,
        "statusCode": status,
    }
    if status in _CODES:
        body["code"] = _CODES[status]
    return JSONResponse(body, status, headers)


def _sentence(error: Mapping[str, Any]) -> str:
    return f"{_field(error['loc'])}: {error['msg'].removeprefix('Value error, ')}"


def _field(location: Sequence[str | int]) -> str:
    """`node_ids.3` of `("body", "node_ids", 3)`; the part of the request when there is no field."""
    names = [str(part) for part in location[1:] if not isinstance(part, int) or len(location) > 2]
    return ".".join(names) or str(location[0] if location else "request")


def _headers(exc: LetheError) -> dict[str, str] | None:
    if isinstance(exc, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(exc, Unavailable):
        return {"Retry-After": str(exc.retry_after)}
    return None
