"""Which metadata a document may have."""

from collections.abc import Mapping

import orjson

from lethe.domain.json import Json
from lethe.domain.limits import METADATA_BYTES, METADATA_DEPTH
from lethe.domain.records.documents import OWN_METADATA


def bounded(value: Mapping[str, Json]) -> Mapping[str, Json]:
    """The value, if PostgreSQL can store it and its size and depth are within bounds. Raises ValueError."""
    if _depth(value) > METADATA_DEPTH:
        raise ValueError(f"must be nested at most {METADATA_DEPTH} levels deep")
    try:
        text = orjson.dumps(value)
    except TypeError as exc:
        raise ValueError("must be JSON with integers of at most 64 bits and valid Unicode") from exc
    if len(text) > METADATA_BYTES:
        raise ValueError(f"must have at most {METADATA_BYTES:,} bytes as JSON")
    if b"\\u0000" in text:
        raise ValueError("must not contain NUL characters")
    return value


def given(metadata: Mapping[str, Json]) -> dict[str, Json]:
    """The metadata that the caller gave: all but the keys that Lethe sets itself."""
    return {key: value for key, value in metadata.items() if key not in OWN_METADATA}


def giveable(metadata: dict[str, Json]) -> dict[str, Json]:
    """The metadata, if it has no key that Lethe sets itself. Raises ValueError."""
    for key in OWN_METADATA:
        if key in metadata:
            raise ValueError(f"must not contain '{key}', which the server sets")
    return metadata


def _depth(value: Json | Mapping[str, Json]) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            child
            for container in level
            if isinstance(container, (dict, list))
            for child in (container.values() if isinstance(container, dict) else container)
        ]
    return depth - 1
