"""Every error that a caller or an operator may see.

    LetheError
    ├── Unauthenticated        no token, or one that is unknown, revoked or expired
    ├── InsufficientScope      a valid token without the scope of the call
    ├── RateLimited            over the token's rate; carries `retry_after` seconds
    ├── InvalidRequest         the request cannot be understood or breaks a rule of its shape
    ├── InputRejected          the content cannot be ingested: type, damage, size, emptiness
    ├── NotFound               not there, already deleted, or another company's
    ├── Conflict               a name that is taken, a newer request that came in between
    ├── LimitExceeded          the answer would exceed a limit
    ├── Revoked                the ingestion was overtaken by a deletion or a newer ingestion
    ├── Unavailable            not now: an outside service is away, or the queue is full; carries `retry_after` seconds
    │   └── MachineFailed      the same, because the machine has run out of room or of something else
    └── OperatorError          wrong set-up; the message says what the operator should do

The message of each is one sentence for the caller: it says what is wrong and what to do, and contains no
secret. Errors of libraries (driver, broker, parser) are translated into these where they are raised.
"""


class LetheError(Exception):
    """The root. `str(error)` is the sentence that an API shows."""


class Unauthenticated(LetheError):
    """No token, or one that is unknown, revoked or expired."""


class InsufficientScope(LetheError):
    """A valid token without the scope of the call."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"The token lacks the scope '{scope}'.")
        self.scope = scope


class RateLimited(LetheError):
    """Over the token's rate. `retry_after` is in whole seconds, at least 1."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many requests: try again in {retry_after} s.")
        self.retry_after = retry_after


class InvalidRequest(LetheError):
    """The request cannot be understood or breaks a rule of its shape; `location` names the field."""

    def __init__(self, message: str, location: tuple[str | int, ...] = ("body",)) -> None:
        super().__init__(message)
        self.location = location


class InputRejected(LetheError):
    """The content cannot be ingested. The sentence names the file and the reason; trying again does not help."""


class NotFound(LetheError):
    """Not there, already deleted, or another company's: the caller cannot tell which."""


class Conflict(LetheError):
    """A name that is taken, or a newer request that came in between."""


class LimitExceeded(LetheError):
    """The answer would exceed a limit that the operator set."""


class Revoked(LetheError):
    """The ingestion was overtaken by a deletion or a newer ingestion, and stores nothing."""


class Unavailable(LetheError):
    """An outside service (database, object store, embeddings, broker) is unavailable, or there is too much to do.

    Trying again after `retry_after` whole seconds may help.
    """

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class MachineFailed(Unavailable):
    """The machine that Lethe runs on fails: its disk is full, or too many files are open."""

    def __init__(self, cause: OSError) -> None:
        reason = cause.strerror or type(cause).__name__
        super().__init__(f"The server cannot work at the moment ({reason}): try again later.", retry_after=10)


class OperatorError(LetheError):
    """Wrong set-up. The message says what the operator should do."""
