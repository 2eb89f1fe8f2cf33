"""Errors of the Artifacts API, in FastAPI's shape: `{"detail": ...}`."""

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response

from lethe.api import errors
from lethe.api.errors import Headers
from lethe.domain.errors import InvalidRequest, LetheError
from lethe.domain.records.tasks import Task, TaskFailure

_OF_FAILURE: dict[TaskFailure, int] = {
    TaskFailure.REJECTED: 400,
    TaskFailure.NOT_FOUND: 404,
    TaskFailure.REVOKED: 409,
    TaskFailure.UNAVAILABLE: 503,
    TaskFailure.INTERNAL: 500,
}


def failed_task(task: Task) -> Response:
    """The answer to a synchronous call whose task did not succeed."""
    status = _OF_FAILURE[task.failure or TaskFailure.INTERNAL]
    headers = (
        {"Retry-After": "5"} if status == 503 else None
    )  # the worker has already retried for half a minute
    return JSONResponse({"detail": task.error}, status, headers)


def install(app: FastAPI) -> None:
    """Translate every error of the API's routes."""
    errors.install(
        app, invalid=422, tell=_tell, tell_fault=lambda message: JSONResponse({"detail": message}, 500)
    )

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, exc: RequestValidationError) -> Response:
        # Without "input" and "ctx", which would echo large or secret values.
        faults = [{k: e[k] for k in ("type", "loc", "msg")} for e in exc.errors()]
        return JSONResponse({"detail": jsonable_encoder(faults)}, 422)


def _tell(status: int, exc: LetheError, headers: Headers | None) -> Response:
    detail: object = str(exc)
    if isinstance(exc, InvalidRequest):
        detail = [{"loc": exc.location, "msg": str(exc), "type": "value_error"}]
    return JSONResponse({"detail": detail}, status, headers)
