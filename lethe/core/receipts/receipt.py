"""One receipt of a company's log: sealing it and checking the seal. Needs no database or server.

A receipt is a JSON object. `hash` is the SHA-256 of its canonical form (RFC 8785) without `hash` and `signature`;
`signature` is Ed25519 over the same bytes, in base64; `previous` is the hash of the previous receipt, zeros for the
first.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

import orjson
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lethe.core.receipts.keys import SigningKey
from lethe.domain.errors import LetheError
from lethe.domain.json import Json

GENESIS = "0" * 64
"""`previous` of a log's first receipt."""

_SEAL = ("hash", "signature")


class Broken(LetheError):
    """A receipt or a log is not as it was signed; the message says which receipt and why."""


def canonical(value: Json) -> bytes:
    """The canonical form of a JSON value (RFC 8785). Raises Broken if it has none, for example a number too large."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeEncodeError) as exc:
        raise Broken(f"it has no canonical JSON form: {exc}") from exc


def seal(facts: Mapping[str, Json], *, seq: int, previous: str, key: SigningKey) -> dict[str, Json]:
    """The signed receipt of `facts`, number `seq` of its log, after the receipt with the hash `previous`."""
    link = {**facts, "seq": seq, "previous": previous, "key_id": key.id}
    payload = canonical(link)
    signature = base64.b64encode(key.sign(payload)).decode()
    return {**link, "hash": hashlib.sha256(payload).hexdigest(), "signature": signature}


def open_seal(link: Mapping[str, Json], keys: Mapping[str, Ed25519PublicKey]) -> None:
    """Check a receipt's hash and signature.

    Args:
        keys: the trusted public keys, by id.

    Raises:
        Broken: the hash or the signature is wrong, or the key is not trusted.
    """
    payload = canonical({name: value for name, value in link.items() if name not in _SEAL})
    if link.get("hash") != hashlib.sha256(payload).hexdigest():
        raise Broken("its hash does not match its content")
    key = keys.get(str(link.get("key_id")))
    if key is None:
        raise Broken(f"it was signed with the key {link.get('key_id')}, which is not one of the given keys")
    try:
        signature = base64.b64decode(str(link.get("signature")), validate=True)
        key.verify(signature, payload)
    except (binascii.Error, ValueError, InvalidSignature) as exc:
        raise Broken("its signature is invalid") from exc
    if base64.b64encode(signature).decode() != link["signature"]:
        raise Broken("its signature is not encoded as it was signed")


def commitment(documents: Sequence[Mapping[str, Json]]) -> str:
    """SHA-256 in hex over the canonical form of a receipt's document entries: id, name, content."""
    made = Commitment()
    made.add(documents)
    return made.hexdigest()


class Commitment:
    """Computes a commitment from documents added in batches; `documents` counts them."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256(b"[")
        self.documents = 0

    def add(self, documents: Sequence[Mapping[str, Json]]) -> None:
        """Add the next documents. Takes 11 us each."""
        if documents:
            between = b"," if self.documents else b""
            self._hash.update(between + canonical(list(documents))[1:-1])
            self.documents += len(documents)

    def hexdigest(self) -> str:
        """Finish, and return the hash."""
        self._hash.update(b"]")
        return self._hash.hexdigest()


def keyed_hash(salt: bytes | None, id: str, *names: str) -> str:
    """HMAC-SHA-256 in hex over an id and names, separated by zero bytes; the same as the database's keyed_hash.

    Args:
        salt: the company's secret; None for plain SHA-256, as in receipts of version 1.
    """
    message = b"\0".join(part.encode() for part in (id, *names))
    if salt is None:
        return hashlib.sha256(message).hexdigest()
    return hmac.new(salt, message, hashlib.sha256).hexdigest()


def parsed(line: bytes) -> dict[str, Json]:
    """Parse a line of an export. Raises Broken unless it is canonical JSON, byte for byte."""
    try:
        link = orjson.loads(line)
    except orjson.JSONDecodeError as exc:
        raise Broken(f"it is not JSON ({exc})") from exc
    if not isinstance(link, dict) or canonical(link) != line:
        raise Broken("it is not encoded as it was signed")
    return link
