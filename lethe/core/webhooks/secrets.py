"""Webhook secrets at rest, encrypted with a key outside the database, so that no dump contains them in clear text."""

import base64
import binascii
import hashlib
import os
import re
import secrets
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lethe.adapters import webhooks
from lethe.domain.errors import LetheError, OperatorError

PREFIX = "whsec_"
_KEY_BYTES, _ID_BYTES, _NONCE_BYTES = 32, 8, 12
_SECRET = re.compile(r"whsec_[A-Za-z0-9+/]+={0,2}")
FEWEST_BYTES, MOST_BYTES = 24, 64
"""The size of a secret in bytes before base64, by the Standard Webhooks specification."""


class SecretLost(LetheError):
    """A secret cannot be read: it was encrypted with another key."""


class Secrets:
    """Encrypts and decrypts secrets, AES-256-GCM with the company as associated data.

    Args:
        path: the key file: 32 bytes in base64.
        make: whether to create a missing key file when there is something to encrypt.
    """

    def __init__(self, path: Path, *, make: bool) -> None:
        self._path = path
        self._make = make
        self._key: bytes | None = None

    def seal(self, secret: str, *, company_id: str) -> bytes:
        """The key's id followed by the encrypted secret. Raises OperatorError if the key cannot be read."""
        if self._key is None and self._make and not self._path.exists():
            _make(self._path)
        key, nonce = self._loaded(), os.urandom(_NONCE_BYTES)
        return _id(key) + nonce + AESGCM(key).encrypt(nonce, secret.encode(), company_id.encode())

    def open(self, sealed: bytes, *, company_id: str) -> str:
        """The secret. Raises SecretLost, or OperatorError if the key cannot be read."""
        key = self._loaded()
        id, nonce, rest = (
            sealed[:_ID_BYTES],
            sealed[_ID_BYTES:][:_NONCE_BYTES],
            sealed[_ID_BYTES + _NONCE_BYTES :],
        )
        try:
            if id != _id(key):
                raise InvalidTag
            return AESGCM(key).decrypt(nonce, rest, company_id.encode()).decode()
        except InvalidTag:
            raise SecretLost("It was encrypted with another key.") from None

    def opens(self, sealed: bytes, *, company_id: str) -> bool:
        """Whether the secret can be read. Raises OperatorError if the key cannot be read."""
        try:
            self.open(sealed, company_id=company_id)
        except SecretLost:
            return False
        return True

    def _loaded(self) -> bytes:
        if self._key is None:
            self._key = _read(self._path)
        return self._key


def of_callback(keys: Secrets, *, company_id: str, url: str, secret: str | None) -> dict[str, str | None]:
    """The webhook of a task's callback as it is stored. Raises OperatorError if there is no key for its secret."""
    sealed = keys.seal(secret, company_id=company_id) if secret is not None else None
    return {
        "url": url,
        "origin": webhooks.check(url),
        "sealed": base64.b64encode(sealed).decode() if sealed is not None else None,
    }


def new_secret() -> str:
    """A new secret, 256 random bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def check_secret(secret: str) -> str:
    """The secret, if it is valid. Raises ValueError."""
    try:
        size = len(base64.b64decode(secret.removeprefix(PREFIX), validate=True))
    except binascii.Error:
        size = 0
    if not _SECRET.fullmatch(secret) or not FEWEST_BYTES <= size <= MOST_BYTES:
        raise ValueError(f"must be '{PREFIX}' and {FEWEST_BYTES} to {MOST_BYTES} bytes in base64")
    return secret


def _read(path: Path) -> bytes:
    try:
        key = base64.b64decode(path.read_bytes().strip(), validate=True)
    except FileNotFoundError as exc:
        raise OperatorError(
            f"LETHE_WEBHOOK_KEY: {path} does not exist: put it back, or make one with 'openssl rand -base64 32'."
        ) from exc
    except OSError as exc:
        raise OperatorError(f"LETHE_WEBHOOK_KEY: {path} cannot be read: {exc.strerror}.") from exc
    except binascii.Error as exc:
        raise OperatorError(f"LETHE_WEBHOOK_KEY: {path} is not base64.") from exc
    if len(key) != _KEY_BYTES:
        raise OperatorError(
            f"LETHE_WEBHOOK_KEY: {path} must hold 32 bytes: make one with 'openssl rand -base64 32'."
        )
    return key


def _make(path: Path) -> None:
    """Create a key file, whole or not at all. If another process has created one meanwhile, that one stays."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name) as file:  # 0600
        file.write(base64.b64encode(os.urandom(_KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            return


def _id(key: bytes) -> bytes:
    return hashlib.sha256(b"lethe webhook key " + key).digest()[:_ID_BYTES]
