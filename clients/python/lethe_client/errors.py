"""All errors that the client raises.

    LetheError
    ├── APIError                        a call failed; carries status, code, message, request_id and retry_after
    │   ├── BadRequestError             400
    │   ├── AuthenticationError         401
    │   ├── PermissionDeniedError       403
    │   ├── NotFoundError               404
    │   ├── ConflictError               409
    │   ├── TooLargeError               413
    │   ├── UnprocessableEntityError    422
    │   ├── RateLimitError              429
    │   ├── InternalServerError         500 and other 5xx
    │   │   └── ServiceUnavailableError 503
    │   ├── UnexpectedAnswerError       an answer that no Lethe server gives
    │   └── APIConnectionError          no answer: the server cannot be reached, or the connection was lost
    │       └── APITimeoutError         no answer in time
    ├── TaskFailedError                 a task that was waited for failed or was revoked
    ├── IngestionFailedError            a document that was waited for could not be read
    └── WaitTimeoutError                what was waited for did not end in time; it goes on

No message contains the token.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lethe_client.models import NodeDetails, Task


class LetheError(Exception):
    """The base class."""


class APIError(LetheError):
    """A call failed, after all retries.

    Attributes:
        message: a sentence that says what is wrong.
        status: the HTTP status; None without an answer.
        code: the server's error code, if any (`INSUFFICIENT_SCOPE`).
        request_id: the request's id in the server's log, even if no answer arrived.
        retry_after: after how many seconds the server asks to be called again.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.message = message
        self.status = status
        self.code = code
        self.request_id = request_id
        self.retry_after = retry_after
        super().__init__(message)

    def __str__(self) -> str:
        facts = [str(self.status)] if self.status is not None else []
        if self.request_id:
            facts.append(f"request {self.request_id}")
        return f"{self.message} ({', '.join(facts)})" if facts else self.message


class BadRequestError(APIError):
    """The request is invalid, or the content cannot be read (400)."""


class AuthenticationError(APIError):
    """The token is missing, unknown, revoked or expired (401)."""


class PermissionDeniedError(APIError):
    """The token lacks the scope of the call (403)."""


class NotFoundError(APIError):
    """What was asked for does not exist, or no longer does (404)."""


class ConflictError(APIError):
    """A name is taken, or a newer request came first (409)."""


class TooLargeError(APIError):
    """The request or its answer exceeds a limit of the server (413)."""


class UnprocessableEntityError(APIError):
    """The request has the wrong shape (422)."""


class RateLimitError(APIError):
    """The token's rate limit is exceeded (429)."""


class InternalServerError(APIError):
    """The server failed (5xx)."""


class ServiceUnavailableError(InternalServerError):
    """The server is busy, starting or stopping, or lacks a service that it needs (503)."""


class UnexpectedAnswerError(APIError):
    """This client cannot read the answer. Check that `base_url` is that of a Lethe server."""


class APIConnectionError(APIError):
    """The server cannot be reached, or the connection was lost before its answer. The cause is in `__cause__`."""


class APITimeoutError(APIConnectionError):
    """There was no answer in time."""


class TaskFailedError(LetheError):
    """A task failed or was revoked; `task.error` says why."""

    def __init__(self, task: "Task") -> None:
        self.task = task
        super().__init__(task.error or f"The task was {task.status}.")


class IngestionFailedError(LetheError):
    """A document could not be read; its `node` stays in the tree, with the reason, until somebody deletes it."""

    def __init__(self, node: "NodeDetails", reason: str) -> None:
        self.node = node
        super().__init__(reason)


class WaitTimeoutError(LetheError, TimeoutError):
    """What was waited for did not end in time. It goes on, and can be waited for again."""


OF_STATUS: dict[int, type[APIError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    413: TooLargeError,
    422: UnprocessableEntityError,
    429: RateLimitError,
    503: ServiceUnavailableError,
}
