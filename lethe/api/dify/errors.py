"""Errors in Dify's shape: `{"error_code": ..., "error_msg": ...}`.

Dify defines three codes; for everything else the code is the HTTP status. A refused token is a 403, as Dify's form for
a new connection recognises a wrong key by this status.
"""

from functools import partial

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from lethe.api import errors
from lethe.api.errors import Headers
from lethe.domain.errors import (
    BeyondBounds,
    InsufficientScope,
    InvalidRequest,
    LetheError,
    MalformedCredentials,
    NotFound,
    Unauthenticated,
)

MALFORMED_TOKEN, REFUSED, NO_KNOWLEDGE = 1001, 1002, 2001


class ErrorAnswer(BaseModel):
    """What went wrong, in a sentence."""

    error_code: int = Field(
        description="1001: no token can be read from the request; 1002: the token is refused, or lacks the scope; "
        "2001: the knowledge does not exist; otherwise the HTTP status.",
        examples=[NO_KNOWLEDGE],
    )
    error_msg: str


def install(app: FastAPI) -> None:
    """Translate every error of the API's routes."""
    errors.install(app, invalid=400, tell=_tell, tell_fault=partial(_answer, 500, 500))

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, exc: RequestValidationError) -> Response:
        first = exc.errors()[0]
        return _answer(400, 400, _located(first["loc"], first["msg"].removeprefix("Value error, ")))

    @app.exception_handler(HTTPException)
    async def http_error(_request: Request, exc: HTTPException) -> Response:
        return _answer(exc.status_code, exc.status_code, str(exc.detail), exc.headers)


def _tell(status: int, exc: LetheError, headers: Headers | None) -> Response:
    match exc:
        case MalformedCredentials():
            return _answer(403, MALFORMED_TOKEN, str(exc))
        case Unauthenticated():
            return _answer(403, REFUSED, str(exc))
        case InsufficientScope() | BeyondBounds():
            return _answer(403, REFUSED, str(exc))
        case NotFound():
            return _answer(404, NO_KNOWLEDGE, str(exc))
        case InvalidRequest():
            return _answer(status, status, _located(exc.location, str(exc)))
        case _:
            return _answer(status, status, str(exc), headers)


def _located(location: tuple[str | int, ...], message: str) -> str:
    field = ".".join(str(part) for part in location[1:])
    return f"{field}: {message}" if field else message


def _answer(status: int, code: int, message: str, headers: Headers | None = None) -> Response:
    return JSONResponse({"error_code": code, "error_msg": message}, status, headers)
