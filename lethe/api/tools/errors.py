"""Errors in the shapes of the Artifacts API and of OpenAI at once, so that clients of both show the message:
`{"detail": ..., "error": {"message": ...}}`."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from lethe.api import errors
from lethe.api.artifacts.answers import ErrorAnswer, InvalidAnswer
from lethe.api.errors import Headers
from lethe.domain.errors import InvalidRequest, LetheError

_Type = Literal[
    "invalid_request_error", "authentication_error", "permission_error", "rate_limit_error", "server_error"
]
_TYPES: dict[int, _Type] = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


class OpenAIError(BaseModel):
    """What went wrong, in OpenAI's shape."""

    message: str
    type: _Type
    param: str | None
    code: str | None


class SentenceAnswer(ErrorAnswer):
    """What went wrong, in a sentence."""

    error: OpenAIError


class FieldsAnswer(InvalidAnswer):
    """The errors in the request."""

    error: OpenAIError


def install(app: FastAPI) -> None:
    """Translate every error of the API's routes."""
    errors.install(app, invalid=422, tell=_tell, tell_fault=partial(_sentence, 500))

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, exc: RequestValidationError) -> Response:
        return _fields([{key: e[key] for key in ("type", "loc", "msg")} for e in exc.errors()])

    @app.exception_handler(HTTPException)
    async def http_error(_request: Request, exc: HTTPException) -> Response:
        return _sentence(exc.status_code, str(exc.detail), exc.headers)


def _tell(status: int, exc: LetheError, headers: Headers | None) -> Response:
    if isinstance(exc, InvalidRequest):
        return _fields([{"type": "value_error", "loc": exc.location, "msg": str(exc)}])
    return _sentence(status, str(exc), headers)


def _fields(faults: Sequence[Mapping[str, Any]]) -> Response:
    field = ".".join(map(str, faults[0]["loc"][1:])) or None
    message = faults[0]["msg"].removeprefix("Value error, ")
    return _answer(422, faults, f"{field}: {message}" if field else message, param=field)


def _sentence(status: int, message: str, headers: Headers | None = None) -> Response:
    return _answer(status, message, message, headers=headers)


def _answer(
    status: int, detail: object, message: str, *, param: str | None = None, headers: Headers | None = None
) -> Response:
    type_ = "server_error" if status >= 500 else _TYPES.get(status, "invalid_request_error")
    error = {"message": message, "type": type_, "param": param, "code": None}
    return JSONResponse({"detail": detail, "error": error}, status, headers)
