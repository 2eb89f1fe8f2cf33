"""The headers that prove where a delivery comes from: Standard Webhooks, and beside them `X-Keebai-Signature`."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from standardwebhooks import Webhook


def signed(event_id: UUID, *, at: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The headers of a delivery; without a secret it has an id and a time only.

    Standard Webhooks signs with the bytes that the secret has in base64, `X-Keebai-Signature` with its whole text.
    During a rotation there is one signature for each secret, the newest first.
    """
    seconds, id = int(at.timestamp()), f"msg_{event_id.hex}"
    headers = {"webhook-id": id, "webhook-timestamp": str(seconds)}
    if not secrets:
        return headers
    text = body.decode()
    standard = [
        Webhook(secret).sign(id, datetime.fromtimestamp(seconds, at.tzinfo), text) for secret in secrets
    ]
    message = f"{seconds}.{text}".encode()
    own = [hmac.new(secret.encode(), message, hashlib.sha256).hexdigest() for secret in secrets]
    return {
        **headers,
        "webhook-signature": " ".join(standard),
        "X-Keebai-Signature": ",".join([f"t={seconds}", *(f"v1={signature}" for signature in own)]),
    }
