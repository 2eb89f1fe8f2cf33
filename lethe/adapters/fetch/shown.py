"""An address as it may be stored and shown: it still leads to the file, but contains no secrets."""

import re
from urllib.parse import unquote, urlsplit

_SECRET = re.compile(
    r"signature|credential|token|secret|passw|(api|access)[-_]?key|^(key|sig|auth|jwt|policy|key-pair-id)$",
    re.IGNORECASE,
)
"""Names of parameters that give access, such as those of a signed S3 address."""


def shown(uri: str | None) -> str | None:
    """The http(s) or s3 address without user name, password, fragment and parameters that give access.

    None for a data: URI, which is the document itself.
    """
    if uri is None or uri[:5].lower() == "data:":
        return None
    if uri[:3].lower() == "s3:":
        return uri
    parts = urlsplit(uri)
    kept = [part for part in parts.query.split("&") if not _SECRET.search(unquote(part.partition("=")[0]))]
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query="&".join(kept), fragment="").geturl()
