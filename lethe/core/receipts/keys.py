"""The key that signs receipts: made by Lethe at its first use, or given by the operator."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lethe.domain.errors import OperatorError
from lethe.store.database import Database
from lethe.store.erasure import receipt_keys
from lethe.store.erasure.receipt_keys import StoredKey


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the id that receipts name it by: the first 16 hex digits of the public key's SHA-256."""

    id: str
    private: Ed25519PrivateKey

    def sign(self, payload: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self.private.sign(payload)


class Keys:
    """The key in use, found or made once a process.

    Args:
        given: the operator's key; None for one that Lethe makes and keeps in the database.
    """

    def __init__(self, db: Database, given: SigningKey | None) -> None:
        self._db = db
        self._given = given
        self._in_use: SigningKey | None = None

    async def in_use(self) -> SigningKey:
        """The key to sign with. Its public half is on record from here on."""
        if self._in_use is None:
            self._in_use = await self._take()
        return self._in_use

    async def public(self) -> list[StoredKey]:
        """The public halves of all keys that were ever in use, newest first."""
        await self.in_use()
        async with self._db.system() as conn:
            return await receipt_keys.public(conn)

    async def _take(self) -> SigningKey:
        async with self._db.system() as conn:
            if self._given is not None:
                public = raw(self._given.private.public_key())
                await receipt_keys.record(conn, key=StoredKey(self._given.id, public, None))
                return self._given
            found = await receipt_keys.own(conn)
        if found is None:
            private = Ed25519PrivateKey.generate()
            public = raw(private.public_key())
            new = StoredKey(key_id(public), public, private.private_bytes_raw())
            async with self._db.system() as conn:
                found = await receipt_keys.own_or(conn, new=new)
        return SigningKey(found.id, Ed25519PrivateKey.from_private_bytes(found.private_key or b""))


def raw(public: Ed25519PublicKey) -> bytes:
    """A public key's 32 bytes."""
    return public.public_bytes_raw()


def key_id(public_key: bytes) -> str:
    """The id of a public key of 32 bytes."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def read_private(path: Path) -> SigningKey:
    """The operator's private key from a PEM file. Raises OperatorError."""
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as exc:
        raise OperatorError(f"LETHE_RECEIPT_KEY: {path} cannot be read as a private key in PEM.") from exc
    if not isinstance(private, Ed25519PrivateKey):
        raise OperatorError(
            f"LETHE_RECEIPT_KEY: {path} holds no Ed25519 key: 'openssl genpkey -algorithm ed25519'."
        )
    return SigningKey(key_id(raw(private.public_key())), private)


def read_public(text: bytes) -> dict[str, Ed25519PublicKey]:
    """Public keys by their ids: one in PEM or in base64 of its 32 bytes, or all of an answer of GET /v1/receipts/key.

    Raises OperatorError.
    """
    try:
        if text.lstrip().startswith(b"{"):
            answer = json.loads(text)
            each = (read_public(key["pem"].encode()) for key in (answer, *answer.get("previous", ())))
            return {id: key for found in each for id, key in found.items()}
        if b"-----BEGIN" in text:
            public = serialization.load_pem_public_key(text)
        else:
            public = Ed25519PublicKey.from_public_bytes(base64.b64decode(text.strip(), validate=True))
    except (ValueError, KeyError, TypeError, AttributeError, UnsupportedAlgorithm) as exc:
        raise OperatorError(
            "--key is not a public key: give PEM, base64, or the saved answer of GET /v1/receipts/key."
        ) from exc
    if not isinstance(public, Ed25519PublicKey):
        raise OperatorError("--key is no Ed25519 key: give the one of GET /v1/receipts/key.")
    return {key_id(raw(public)): public}


def pem(public_key: bytes) -> str:
    """A public key of 32 bytes in PEM."""
    public = Ed25519PublicKey.from_public_bytes(public_key)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode()


def public_keys(stored: Mapping[str, bytes]) -> dict[str, Ed25519PublicKey]:
    """Public keys by their ids, from their 32 bytes by their ids. Raises ValueError."""
    return {id: Ed25519PublicKey.from_public_bytes(raw_key) for id, raw_key in stored.items()}
