"""The headers that prove where a delivery comes from: Standard Webhooks and `X-Keebai-Signature`."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from standardwebhooks import Webhook


def signed(event_id: UUID, *, at: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The headers of a delivery; without secrets, only its id and time.

    Standard Webhooks signs with the secret decoded from base64, `X-Keebai-Signature` with the secret's whole text.
    During a rotation there is one signature for each secret, newest first.
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
