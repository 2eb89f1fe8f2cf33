"""Files in which commands remember things, readable by the user only."""

import json
import os
from pathlib import Path


def replace(path: Path, value: object) -> None:
    """Write a value as JSON. The old file stays if anything fails."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(value, out, indent=2)
    new.replace(path)
