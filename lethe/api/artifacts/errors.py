"""Errors of the Artifacts API: FastAPI's shape, `{"detail": ...}`."""

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
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
from lethe.domain.records import Task, TaskFailure

log = structlog.get_logger()

STATUS: dict[type[LetheError], int] = {
    Unauthenticated: 401,
    InsufficientScope: 403,
    RateLimited: 429,
    InvalidRequest: 422,
    InputRejected: 400,
    NotFound: 404,
    Conflict: 409,
    Revoked: 409,
    LimitExceeded: 413,
    Unavailable: 503,
}

_OF_FAILURE: dict[TaskFailure, int] = {
    TaskFailure.REJECTED: 400,
    TaskFailure.NOT_FOUND: 404,
    TaskFailure.REVOKED: 409,
    TaskFailure.UNAVAILABLE: 503,
    TaskFailure.INTERNAL: 500,
}


def failed_task(task: Task) -> Response:
    """The answer of a synchronous call whose task did not succeed."""
    status = _OF_FAILURE[task.failure or TaskFailure.INTERNAL]
    headers = {"Retry-After": "5"} if status == 503 else None  # the worker has tried for half a minute
    return JSONResponse({"detail": task.error}, status, headers)


def install(app: FastAPI) -> None:
    """Translate every error of the door's routes."""

    @app.exception_handler(LetheError)
    async def lethe_error(_request: Request, exc: LetheError) -> Response:
        status = STATUS.get(Unavailable if isinstance(exc, Unavailable) else type(exc))
        if status is None:
            log.error("a request failed", error=str(exc))
            return JSONResponse({"detail": "The server is not set up right: see its log."}, 500)
        if isinstance(exc, InvalidRequest):
            return JSONResponse(
                {"detail": [{"loc": exc.location, "msg": str(exc), "type": "value_error"}]}, status
            )
        return JSONResponse({"detail": str(exc)}, status, headers=_headers(exc))

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, exc: RequestValidationError) -> Response:
        # Without "input" and "ctx": they would send a large or secret value back.
        errors = [{k: e[k] for k in ("type", "loc", "msg")} for e in exc.errors()]
        return JSONResponse({"detail": jsonable_encoder(errors)}, 422)

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
        return JSONResponse({"detail": "The server failed at this request; its log tells more."}, 500)


def _headers(exc: LetheError) -> dict[str, str] | None:
    if isinstance(exc, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(exc, RateLimited | Unavailable):
        return {"Retry-After": str(exc.retry_after)}
    return None
