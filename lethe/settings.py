"""The settings: environment variables, or flags of the same names, as frozen values. Only wiring and cli read them.

docs/settings.md lists all settings; a test compares it with this file.
"""

import dataclasses
import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, create_model, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from lethe.domain.errors import OperatorError
from lethe.domain.limits import Limits
from lethe.domain.records.search import HybridWeights


class _Plain(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="LETHE_", frozen=True, extra="ignore")

    data_dir: Path = Field(
        default_factory=lambda: Path("/var/lib/lethe") if os.geteuid() == 0 else user_data_path("lethe"),
        description="The directory for everything that is not in an external database or bucket.",
    )
    database_url: SecretStr | None = Field(
        default=None, description="PostgreSQL 16 or newer with pgvector 0.8; default: the embedded one."
    )
    blob_url: str | None = Field(
        default=None, description="Where originals are stored: file:///directory or s3://bucket/prefix."
    )
    amqp_url: SecretStr | None = Field(
        default=None, description="The broker for callbacks; default: no callbacks."
    )
    amqp_declare: bool = Field(default=True, description="Declare a missing exchange as a durable topic.")
    embedder: str = Field(default="local", description="local, openai:URL#MODEL or onnx:DIRECTORY.")
    embedder_key: SecretStr | None = Field(default=None, description="The key for an openai embedder.")
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8400, ge=0, le=65535, description="The port to listen on.")
    console: bool = Field(default=True, description="Serve the web console at /console.")
    root_path: str = Field(
        default="",
        description="The path below which clients see the server, such as /api/gpt, whether a proxy removes it or not.",
    )
    cors_origins: str = Field(
        default="",
        description="The origins whose scripts may call the server, comma-separated, or *; default: none.",
    )
    metrics: Literal["auto", "true", "false"] = Field(
        default="auto",
        description="Serve /metrics, with counts of the whole installation, without a token; auto: only on a loopback "
        "address.",
    )
    retention_days: int = Field(
        default=30, ge=0, le=36_500, description="How many days the trash is kept; 0: not at all."
    )
    receipt_key: Path | None = Field(
        default=None, description="The Ed25519 key (PEM) that signs receipts; default: Lethe creates one."
    )
    webhook_key: Path | None = Field(
        default=None,
        description="The file that encrypts webhooks' secrets, 32 bytes in base64, the same on all machines; default: "
        "one that Lethe makes in the data directory.",
    )
    webhook_allow_private: bool = Field(
        default=False, description="Let webhooks reach private, loopback and link-local addresses."
    )
    webhook_seconds: float = Field(
        default=15, gt=0, le=300, description="Timeout of one delivery attempt to a webhook, in seconds."
    )
    webhook_first_retry_seconds: float = Field(
        default=5, gt=0, le=3600, description="The pause before the second attempt; it doubles from then on."
    )
    webhook_most_retry_seconds: float = Field(
        default=3600, gt=0, le=86_400, description="The longest pause between two attempts."
    )
    webhook_retry_hours: float = Field(
        default=24, ge=0, le=720, description="How many hours after the first attempt a delivery is given up."
    )
    hybrid_weights: str = Field(
        default="0.6,0.4",
        description="The weights of meaning and words in a hybrid search: two numbers that add up to 1.",
    )
    worker_concurrency: int = Field(
        default=0, ge=0, le=64, description="Concurrent ingestions per worker; 0: two per core."
    )
    searches_at_once: int = Field(
        default=0,
        ge=0,
        le=500,
        description="Concurrent searches per API process, further ones wait; 0: one per core.",
    )
    database_connections: int = Field(
        default=8,
        ge=2,
        le=500,
        description="Maximum database connections per process, plus two that admit requests.",
    )
    statement_seconds: float = Field(
        default=60, ge=0, description="How long a database statement may take; 0: without limit."
    )
    lock_seconds: float = Field(
        default=5, ge=0, description="How long a database statement waits for a lock; 0: without limit."
    )
    vector_scan: int = Field(
        default=40_000,
        ge=1,
        le=2_147_483_647,
        description="How many vectors of all companies a search visits in the index before it scans its own company's.",
    )
    fetch_allow_private: bool = Field(
        default=False, description="Let URI input reach private, loopback and link-local addresses."
    )
    fetch_s3_buckets: str = Field(
        default="", description="Buckets from which s3:// input may be read, comma-separated."
    )
    log_format: Literal["text", "json"] = Field(default="text", description="The format of the log.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The lowest level that is logged."
    )
    test_checkpoints: Path | None = Field(
        default=None, description="For crash tests only: a directory in which tests arm crash points."
    )

    @field_validator("metrics", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return str(value).lower()

    @field_validator("root_path")
    @classmethod
    def _check_root_path(cls, text: str) -> str:
        path = text.strip().rstrip("/")
        if path and (not _ROOT_PATH.fullmatch(path) or path.split("/")[1] in _OWN_PATHS):
            raise ValueError(
                f"must be a path such as /api/gpt, and not begin with one of the server's own ({', '.join(_OWN_PATHS)})"
            )
        return path

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, text: str) -> str:
        parse_origins(text)
        return text

    @field_validator("hybrid_weights")
    @classmethod
    def _check_weights(cls, text: str) -> str:
        parse_weights(text)
        return text


def parse_origins(text: str) -> list[str]:
    """The origins of text such as `https://a.example,http://localhost:3000`, or `*`. Raises ValueError."""
    origins = [part.strip().rstrip("/").lower() for part in text.split(",") if part.strip()]
    if origins != ["*"] and not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError("must be origins such as https://app.example.com, comma-separated, or * alone")
    return origins


def parse_weights(text: str) -> HybridWeights:
    """The weights of meaning and words from text such as `0.6,0.4`. Raises ValueError."""
    try:
        vector, words = (float(number) for number in text.split(","))
    except ValueError:
        vector, words = -1.0, -1.0
    if not (vector >= 0 and words >= 0 and abs(vector + words - 1) < _ROUNDING):
        raise ValueError(f"'{text}' must be two numbers from 0 to 1 that add up to 1, such as 0.6,0.4")
    return HybridWeights(vector, words)


_ROUNDING = 1e-6
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")
_ROOT_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
_OWN_PATHS = ("v1", "docs", "health", "ready", "metrics", "retrieval")

_LIMIT_FIELDS: dict[str, Any] = {
    f"limit_{f.name}": (f.type, Field(default=f.default, gt=0, description="See docs/settings.md."))
    for f in dataclasses.fields(Limits)
}


class Settings(create_model("Limited", __base__=_Plain, **_LIMIT_FIELDS)):  # type: ignore[misc]
    """All settings, limits included: `limit_file_bytes` is LETHE_LIMIT_FILE_BYTES.

    Raises OperatorError, with one sentence per fault, for invalid values.
    """

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as exc:
            # Without the values, since some are secrets.
            faults = [
                f"{_variable(e['loc'])}: {e['msg'].removeprefix('Value error, ')}."
                for e in exc.errors(include_input=False)
            ]
            raise OperatorError(" ".join(faults)) from None

    @property
    def weights(self) -> HybridWeights:
        """The weights of a hybrid search."""
        return parse_weights(self.hybrid_weights)

    @property
    def origins(self) -> list[str]:
        """The origins whose scripts may call the server."""
        return parse_origins(self.cors_origins)

    @property
    def shows_metrics(self) -> bool:
        """Whether /metrics is served."""
        if self.metrics != "auto":
            return bool(self.metrics == "true")
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return bool(self.host == "localhost")

    @property
    def limits(self) -> Limits:
        """The bounds on input and output."""
        return Limits(**{f.name: getattr(self, f"limit_{f.name}") for f in dataclasses.fields(Limits)})

    @property
    def aws(self) -> Mapping[str, str]:
        """The AWS_* environment variables, for s3 addresses."""
        return {k: v for k, v in os.environ.items() if k.startswith("AWS_")}

    def as_environment(self) -> dict[str, str]:
        """The environment for a child process with the same settings."""
        given = {
            f"LETHE_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            for name, value in self.model_dump().items()
            if value is not None
        }
        return {**os.environ, **given}


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """A sentence for each LETHE_* variable that is not a setting, with the most similar setting if there is one."""
    known = {f"LETHE_{name.upper()}" for name in Settings.model_fields} | _OTHERS
    told = []
    for name in sorted(environment):
        if name.startswith("LETHE_") and name not in known:
            near = get_close_matches(name, sorted(known), 1, cutoff=0.8)
            told.append(f"{name} is not a setting" + (f": did you mean {near[0]}?" if near else "."))
    return told


_OTHERS = frozenset({"LETHE_URL", "LETHE_TOKEN", "LETHE_PROFILE"})
"""Clients' variables, which may be set in the same environment."""


def _variable(location: tuple[int | str, ...]) -> str:
    """Both names of a setting, since either may have been used."""
    if not location:
        return "LETHE_SETTINGS"
    name = str(location[0])
    return f"LETHE_{name.upper()} (--{name.replace('_', '-')})"
