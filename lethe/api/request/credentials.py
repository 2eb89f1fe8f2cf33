"""The token of a request: `Authorization: Bearer`, the password of HTTP Basic, or `x-api-key`."""

import binascii
from base64 import b64decode

from starlette.datastructures import Headers

from lethe.domain.errors import MalformedCredentials

CHALLENGE = 'Bearer, Basic realm="Lethe", charset="UTF-8"'
"""The `WWW-Authenticate` of every 401."""


def token_of(headers: Headers) -> str | None:
    """The token that the request sends, valid or not; None if it sends nothing.

    Raises MalformedCredentials for an unknown scheme and for several tokens: a proxy in front may have checked the
    other one.
    """
    sent = [_of_authorization(value) for value in headers.getlist("authorization")]
    keys = headers.getlist("x-api-key")
    if len(sent) > 1 or len(keys) > 1:
        raise MalformedCredentials("The request has a header with a token twice: send it once.")
    if len({*sent, *keys}) > 1:
        raise MalformedCredentials("Authorization and x-api-key carry different tokens: send one of them.")
    return next(iter([*sent, *keys]), None)


def _of_authorization(value: str) -> str:
    scheme, _, rest = value.partition(" ")
    match scheme.lower():
        case "bearer":
            return rest
        case "basic":
            return _password(rest)
        case _:
            raise MalformedCredentials("Invalid or missing API token")


def _password(encoded: str) -> str:
    """The password of HTTP Basic. The user's name does not matter."""
    try:
        return b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError) as exc:
        raise MalformedCredentials("Invalid or missing API token") from exc
