"""How a call is made: its headers, its attempts, and what an answer means."""

import logging
import random
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from lethe_client import errors
from lethe_client._calling.calls import Call
from lethe_client._calling.files import FileInJson, FileToSend
from lethe_client._calling.settings import Settings
from lethe_client._calling.steps import Download, Pause, Plan
from lethe_client.errors import APIError

T = TypeVar("T")

log = logging.getLogger("lethe_client")

REQUEST_ID = "X-Request-Id"
IDEMPOTENCY_KEY = "Idempotency-Key"

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
LONGEST_RETRY_AFTER = 60.0
"""Seconds. If the server asks for a longer pause, the call is not retried: the caller decides."""
_SENTENCE_CHARACTERS = 500


class Caller:
    """Turns calls into plans."""

    def __init__(self, settings: Settings, http: httpx.Client | httpx.AsyncClient) -> None:
        self.settings = settings
        self.http = http

    def answer(self, call: Call[T]) -> Plan[T]:
        """The call's result. Raises APIError."""
        response = yield from self.response(call)
        return self.read(call, response)

    def read(self, call: Call[T], response: httpx.Response) -> T:
        """What an answer means. Raises UnexpectedAnswerError."""
        try:
            return call.read(response)
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise errors.UnexpectedAnswerError(
                f"The answer did not come from a Lethe server ({type(exc).__name__}): check 'base_url'.",
                status=response.status_code,
                request_id=response.headers.get(REQUEST_ID),
            ) from exc

    def response(self, call: Call[Any]) -> Plan[httpx.Response]:
        """Make the call, with retries, and return the answer. Raises APIError.

        All attempts share one request id and one Idempotency-Key, so the server does the work once.
        """
        headers = {REQUEST_ID: uuid4().hex, **self.settings.headers}
        if call.changes:
            headers.setdefault(IDEMPOTENCY_KEY, str(uuid4()))
        with call.file.kept() if call.file else nullcontext() as file:
            retries = 0
            while True:
                try:
                    return (yield from self._attempt(call, file, headers))
                except APIError as exc:
                    pause = pause_before_retry(exc, retries)
                    if pause is None or retries >= self.settings.max_retries:
                        raise
                    _tell(exc, pause)
                retries += 1
                yield Pause(pause)

    def _attempt(
        self, call: Call[Any], source: FileToSend | None, headers: Mapping[str, str]
    ) -> Plan[httpx.Response]:
        request_id = headers[REQUEST_ID]
        with source.opened() if source else nullcontext() as file:
            request = self.http.build_request(
                call.method,
                self.settings.base_url + call.path,
                params={k: v for k, v in call.params.items() if v is not None} or None,
                headers={**headers, **self._authorization()},
                timeout=self.settings.timeout,
                json=None if file else call.body,
                data=call.form,
                files={"file": (source.name, file)} if source and file and call.form is not None else None,
            )
            if file and call.body is not None:
                stream = FileInJson(call.body, file)
                request.stream = stream
                request.headers.update(
                    {"Content-Type": "application/json", "Content-Length": str(stream.length)}
                )
            try:
                response: httpx.Response = yield (
                    request if call.into is None else Download(request, call.into)
                )
            except httpx.TimeoutException as exc:
                raise errors.APITimeoutError(
                    "The server did not answer in time.", request_id=request_id
                ) from exc
            except (httpx.TransportError, httpx.DecodingError) as exc:
                raise errors.APIConnectionError(
                    f"No answer from {self.settings.base_url}: {exc or type(exc).__name__}.",
                    request_id=request_id,
                ) from exc
        if response.is_success:
            return response
        raise error_of(response)

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.token}"} if self.settings.token else {}

    def with_retries(self, max_retries: int) -> "Caller":
        """A caller with at least this many retries."""
        most = max(max_retries, self.settings.max_retries)
        return Caller(replace(self.settings, max_retries=most), self.http)


def _tell(error: APIError, pause: float) -> None:
    """Log the pause, so that programs can show why nothing is happening."""
    why = "for the token's rate limit" if error.status == 429 else f"before trying again: {error.message}"
    log.info("waiting %.0f s %s", pause, why, extra={"seconds": pause})


def pause_before_retry(error: APIError, retries: int) -> float | None:
    """Seconds before the next attempt; None for no retry. Half of the pause is random, to spread clients out."""
    status = error.status
    temporary = (
        isinstance(error, errors.APIConnectionError)
        or status in {408, 429}
        or (status is not None and status >= 500)
        # A 409 has a Retry-After only while an earlier attempt is still under way.
        or (status == 409 and error.retry_after is not None)
    )
    if not temporary:
        return None
    if error.retry_after is not None:
        return error.retry_after if error.retry_after <= LONGEST_RETRY_AFTER else None
    longest: float = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**retries)
    return longest * (0.5 + random.random() / 2)  # noqa: S311 no secret


def error_of(response: httpx.Response) -> APIError:
    """The exception for an error answer."""
    status = response.status_code
    kind = errors.OF_STATUS.get(status) or (errors.InternalServerError if status >= 500 else APIError)
    message, code = _told(response)
    return kind(
        message,
        status=status,
        code=code,
        request_id=response.headers.get(REQUEST_ID),
        retry_after=_retry_after(response.headers.get("Retry-After")),
    )


def _told(response: httpx.Response) -> tuple[str, str | None]:
    """The message and code in the body, as the Artifacts API, the Knowledge API or a proxy writes them."""
    try:
        body = response.json()
    except ValueError:
        text = " ".join(response.text.split())[:_SENTENCE_CHARACTERS]
        return text or f"The server answered {response.status_code} {response.reason_phrase}.", None
    if not isinstance(body, dict):
        return str(body)[:_SENTENCE_CHARACTERS], None
    told = body.get("message", body.get("detail", body.get("error")))
    if isinstance(told, list):
        told = "; ".join(_of_field(fault) for fault in told)
    code = body.get("code")
    return str(told or body), code if isinstance(code, str) else None


def _of_field(fault: Any) -> str:
    if not isinstance(fault, dict):
        return str(fault)
    where = ".".join(str(part) for part in fault.get("loc", ())[1:])
    return f"{where}: {fault.get('msg')}" if where else str(fault.get("msg"))


def _retry_after(value: str | None) -> float | None:
    """Seconds, from a number or a date."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
