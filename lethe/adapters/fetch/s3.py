"""s3:// addresses: only the buckets that the operator listed, with the operator's credentials."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import obstore

from lethe.adapters.blobs import PIECE, open_bucket, translated
from lethe.adapters.disk import write_pieces
from lethe.adapters.fetch.names import Fetched, file_name, media_type
from lethe.domain.errors import InputRejected, InvalidRequest, NotFound

KEY_BYTES = 1024  # S3's own bound
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class S3Access:
    """What callers may read from S3: `buckets` by name, with the AWS_* values in `aws` (never in repr)."""

    buckets: frozenset[str] = frozenset()
    aws: Mapping[str, str] = field(default_factory=dict, repr=False)


def check(uri: str) -> None:
    """Check the shape of an s3 address. Raises InvalidRequest."""
    _parse(uri)


async def download(uri: str, target: Path, max_bytes: int, access: S3Access) -> Fetched:
    """Write the object that `uri` names to `target`. Raises InputRejected and Unavailable."""
    bucket, key = _parse(uri)
    if bucket not in access.buckets:
        raise InputRejected(
            f"The bucket '{bucket}' may not be read: the operator allows buckets in LETHE_FETCH_S3_BUCKETS."
        )
    try:
        with translated(f"The object '{bucket}/{key}'"):
            found = await obstore.get_async(open_bucket(bucket, "", access.aws), key)
            if found.meta["size"] > max_bytes:
                raise OverflowError
            size = await write_pieces(found.stream(PIECE), target, limit=max_bytes)
    except NotFound as exc:
        raise InputRejected(f"There is no object '{key}' in the bucket '{bucket}'.") from exc
    except OverflowError as exc:
        message = f"The object '{key}' is larger than {max_bytes} bytes, the limit for one document."
        raise InputRejected(message) from exc
    kind = media_type(str(found.attributes.get("Content-Type", "")))
    return Fetched(file_name(key, kind), kind, size)


def _parse(uri: str) -> tuple[str, str]:
    """Bucket and key. The key is taken as it is written, spaces and percent signs included."""
    if _CONTROL.search(uri):
        raise InvalidRequest("The address contains a control character.")
    bucket, _, key = uri[len("s3:") :].removeprefix("//").partition("/")
    if not uri[len("s3:") :].startswith("//") or not _BUCKET.fullmatch(bucket):
        raise InvalidRequest("The address must have the form s3://bucket/key with a valid bucket name.")
    if not key or len(key.encode()) > KEY_BYTES or any(part in ("", ".", "..") for part in key.split("/")):
        raise InvalidRequest(
            "The address must name one object: s3://bucket/key without empty or dot segments."
        )
    return bucket, key
