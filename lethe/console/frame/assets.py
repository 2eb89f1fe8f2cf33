"""Style, script and pictures: Lethe's own, and htmx from its package."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_STATIC = Path(__file__).parents[1] / "static"
_FOR_A_YEAR = "public, max-age=31536000, immutable"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file, plain and gzipped."""

    media_type: str
    plain: bytes
    packed: bytes
    version: str


@cache
def _assets() -> dict[str, Asset]:
    files = [*_STATIC.iterdir(), _htmx()]
    return {file.name: _read(file) for file in files}


def versioned(name: str) -> str:
    """A file's path below the console. It changes with the content, so browsers may cache it for good."""
    return f"/static/{_assets()[name].version}/{name}"


async def send(request: Request) -> Response:
    """Send a static file."""
    asset = _assets().get(request.path_params["name"])
    if asset is None:
        raise HTTPException(404)
    headers = {"cache-control": _FOR_A_YEAR, "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            asset.packed, media_type=asset.media_type, headers={**headers, "content-encoding": "gzip"}
        )
    return Response(asset.plain, media_type=asset.media_type, headers=headers)


def _htmx() -> Path:
    """The path of htmx, found without importing its package, which is made for another framework."""
    spec = find_spec("js_lib_htmx")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("js_lib_htmx")
    return Path(spec.origin).parent / "static" / "htmx" / "htmx.min.js"


def _read(file: Path) -> Asset:
    content = file.read_bytes()
    version = hashlib.sha256(content).hexdigest()[:12]
    return Asset(_TYPES[file.suffix], content, gzip.compress(content, mtime=0), version)
