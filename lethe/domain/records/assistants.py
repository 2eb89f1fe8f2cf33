"""Assistants."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Assistant:
    """An assistant as the API shows it."""

    id: str
    name: str
    description: str | None
    avatar_url: str | None
    model: str | None
    voice_response_enabled: bool
    created_at: datetime
