"""Receipts as a caller and an operator get them."""

import hashlib
import hmac
from pathlib import Path
from typing import Any

from tests.http.knowledge.knowledge import Knowledge
from tests.server import Server

HEADER = "lethe-receipt"


def receipt(kb: Knowledge, id: str) -> dict[str, Any]:
    """One receipt."""
    answer = kb.call("GET", f"/receipts/{id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def receipts(kb: Knowledge, **params: Any) -> list[dict[str, Any]]:
    """Those that are found, the latest first."""
    answer = kb.call("GET", "/receipts", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def salt(kb: Knowledge) -> str:
    """The company's salt, which keys the hashes of its names."""
    answer = kb.call("GET", "/receipts/salt")
    assert answer.status_code == 200, answer.text
    shown: dict[str, str] = answer.json()
    assert shown["salt_id"] == hashlib.sha256(bytes.fromhex(shown["salt"])).hexdigest()[:16]
    return shown["salt"]


def keyed(kb: Knowledge, *parts: str) -> str:
    """The hash of a name as receipts have it."""
    message = b"\0".join(part.encode() for part in parts)
    return hmac.new(bytes.fromhex(salt(kb)), message, hashlib.sha256).hexdigest()


def verified(server: Server, file: Path, *more: str) -> tuple[int, str]:
    """What the command that verifies a file ends with, and says."""
    done = server.command("receipts", "verify", str(file), *more, check=False)
    return done.returncode, done.stdout + done.stderr


def exported(server: Server, kb: Knowledge, folder: Path) -> Path:
    """A file with the company's receipts."""
    file = folder / "receipts.jsonl"
    file.write_text(server.command("receipts", "export", "--company", kb.company).stdout)
    return file
