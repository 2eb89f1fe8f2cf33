"""Every way in which Lethe says no.

    LetheError
    ├── Unauthenticated        no token, or one that is unknown, revoked or expired
    ├── InsufficientScope      a valid token without the scope of the call
    ├── RateLimited            over the token's rate; carries `retry_after` seconds
    ├── InvalidRequest         the request cannot be understood or breaks a rule of its shape
    ├── InputRejected          the content cannot be taken: type, damage, size, emptiness
    ├── NotFound               not there, already deleted, or another company's
    ├── Conflict               a name that is taken, a newer request that came in between
    ├── LimitExceeded          the answer would be over a limit
    ├── Revoked                the ingestion was overtaken by a deletion or a newer ingestion
    ├── Unavailable            not now: something outside is away, or the queue is full; carries `retry_after` seconds
    │   └── MachineFailed      the same, as the machine has no room or no more of something else
    └── OperatorError          wrong set-up; the message tells the operator what to do

The message of each is one sentence for the caller: it tells what is wrong and what to do, and holds no
secret. A neighbour's error (driver, broker, parser) is translated into one of these at its border.
"""


class LetheError(Exception):
    """The root. `str(error)` is the sentence that a door shows."""


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
    """The content cannot be taken. The sentence names the file and the reason; trying again does not help."""


class NotFound(LetheError):
    """Not there, already deleted, or another company's: the caller cannot tell which."""


class Conflict(LetheError):
    """A name that is taken, or a newer request that came in between."""


class LimitExceeded(LetheError):
    """The answer would be over a limit that the operator set."""


class Revoked(LetheError):
    """The ingestion was overtaken by a deletion or a newer ingestion, and stores nothing."""


class Unavailable(LetheError):
    """Something outside (database, object store, embedding service, broker) is away, or there is too much to do.

    Trying again after `retry_after` whole seconds may help.
    """

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class MachineFailed(Unavailable):
    """The machine that Lethe runs on cannot do its part: no room on a disk, too many open files."""

    def __init__(self, cause: OSError) -> None:
        reason = cause.strerror or type(cause).__name__
        super().__init__(f"The server cannot work at the moment ({reason}): try again later.", retry_after=10)


class OperatorError(LetheError):
    """Wrong set-up. The message tells the operator what to do."""
