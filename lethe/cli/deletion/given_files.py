"""Reads the public keys and salts given to commands that check receipts."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lethe.core.receipts import salts
from lethe.core.receipts.keys import read_public
from lethe.domain.errors import OperatorError


def trusted_keys(given: list[str] | None) -> dict[str, Ed25519PublicKey]:
    """The public keys of `--key` by their ids. Raises OperatorError for a malformed key."""
    trusted: dict[str, Ed25519PublicKey] = {}
    for given_key in given or ():
        trusted |= _read_key(given_key)
    return trusted


def _read_key(given: str) -> dict[str, Ed25519PublicKey]:
    path = Path(given)
    if "-----BEGIN" in given:
        return read_public(given.encode())
    if path.is_file():
        return read_public(path.read_bytes())
    try:
        return read_public(given.encode())
    except OperatorError as exc:
        raise OperatorError(f"--key {given}: neither a file nor a public key in base64 or PEM.") from exc


def read_salts(files: list[Path] | None) -> dict[str, bytes]:
    """The salts of `--salt` by their ids. Raises OperatorError for a file that cannot be read."""
    found: dict[str, bytes] = {}
    for file in files or ():
        try:
            found |= salts.read(file.read_bytes())
        except OSError as exc:
            raise OperatorError(f"--salt {file} cannot be read: {exc.strerror}.") from exc
    return found
