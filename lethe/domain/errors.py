"""All errors that a caller or an operator may see.

    LetheError
    ├── Unauthenticated        the token is missing, unknown, revoked or expired
    │   └── MalformedCredentials  no token can be read from the request
    ├── InsufficientScope      the token lacks the scope of the call
    ├── BeyondBounds           the token is bound to some folders, and this is beyond them
    ├── RateLimited            the token's rate limit is exceeded; carries `retry_after` seconds
    ├── InvalidRequest         the request is malformed or breaks a rule
    ├── InputRejected          the content cannot be ingested: type, damage, size, emptiness
    ├── NotFound               does not exist, is deleted, or belongs to another company
    ├── Conflict               a name is taken, or a newer request came first
    ├── LimitExceeded          the answer would exceed a limit
    ├── Revoked                the ingestion was superseded by a deletion or a newer ingestion
    ├── Unavailable            an outside service is unavailable or the queue is full; carries `retry_after` seconds
    │   └── MachineFailed      the machine has run out of disk space or another resource
    ├── ServerFailed           a fault of Lethe itself, which its log describes
    └── OperatorError          misconfiguration; the message says what the operator should do

The message of each is one sentence for the caller: it says what is wrong and what to do, and contains no
secret. Errors of libraries (driver, broker, parser) are translated into these where they are raised.
"""


class LetheError(Exception):
    """The base class. `str(error)` is the sentence that an API shows."""


class Unauthenticated(LetheError):
    """The token is missing, unknown, revoked or expired."""


class MalformedCredentials(Unauthenticated):
    """No token can be read from the request, because it has none, several or a malformed one."""


class InsufficientScope(LetheError):
    """The token lacks the scope of the call."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"The token lacks the scope '{scope}'.")
        self.scope = scope


class BeyondBounds(LetheError):
    """The token is bound to some folders, and the request changes something else or concerns the whole company."""


class RateLimited(LetheError):
    """The token's rate limit is exceeded. `retry_after` is in whole seconds, at least 1."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many requests: try again in {retry_after} s.")
        self.retry_after = retry_after


class InvalidRequest(LetheError):
    """The request is malformed or breaks a rule; `location` names the field."""

    def __init__(self, message: str, location: tuple[str | int, ...] = ("body",)) -> None:
        super().__init__(message)
        self.location = location


class InputRejected(LetheError):
    """The content cannot be ingested. The message names the file and the reason; trying again does not help."""


class NotFound(LetheError):
    """Does not exist, is deleted, or belongs to another company: the caller cannot tell which."""


class Conflict(LetheError):
    """A name is taken, or a newer request came first."""


class LimitExceeded(LetheError):
    """The answer would exceed a limit that the operator set."""


class Revoked(LetheError):
    """The ingestion was superseded by a deletion or a newer ingestion, and stores nothing."""


class Unavailable(LetheError):
    """An outside service (database, object store, embeddings, broker) is unavailable, or there is too much to do.

    Trying again after `retry_after` whole seconds may help.
    """

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class MachineFailed(Unavailable):
    """The machine has run out of a resource: its disk is full, or too many files are open."""

    def __init__(self, cause: OSError) -> None:
        reason = cause.strerror or type(cause).__name__
        super().__init__(f"The server cannot work at the moment ({reason}): try again later.", retry_after=10)


class ServerFailed(LetheError):
    """A fault of Lethe itself. The log describes it; the message does not."""


class OperatorError(LetheError):
    """Misconfiguration. The message says what the operator should do."""
