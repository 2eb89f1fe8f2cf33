"""What is said when the file that encrypts webhooks' secrets is of no use."""

from pathlib import Path

import pytest

from lethe.core.webhooks.secrets import Secrets
from lethe.domain.errors import OperatorError


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "does not exist"), (b"not base64!", "is not base64"), (b"AAAA", "must hold 32 bytes")],
)
def test_a_key_that_cannot_be_used_says_why(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "webhook.key"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(OperatorError, match=message):
        Secrets(path, make=False).seal("whsec_", company_id="c")
