"""The token of the client, and assistants."""

from dataclasses import dataclass
from datetime import datetime

from lethe_client.models.model import Model


@dataclass(frozen=True, kw_only=True)
class Assistant(Model):
    """An assistant."""

    id: str
    name: str
    created_at: datetime
    description: str | None = None
    avatar_url: str | None = None
    model: str | None = None
    voice_response_enabled: bool = False


@dataclass(frozen=True, kw_only=True)
class Assigned(Model):
    """The outcome of an assignment: how many workers have it."""

    workers_updated: int


@dataclass(frozen=True, kw_only=True)
class Bound(Model):
    """A folder that a token is bound to, and whether it may change what is below it."""

    id: str
    title: str
    write: bool


@dataclass(frozen=True, kw_only=True)
class Me(Model):
    """The client's token. `only` lists the folders that it is bound to; None if it is not bound."""

    name: str
    prefix: str
    scopes: list[str]
    company: str
    expires_at: datetime | None = None
    only: list[Bound] | None = None
