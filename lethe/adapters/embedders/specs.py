"""Parses the setting that names the embedding model."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from lethe.domain.errors import OperatorError

FORMS = "local, openai:<base URL>#<model> or onnx:<directory>"


@dataclass(frozen=True, slots=True)
class LocalModel:
    """The model that comes with Lethe: Universal Sentence Encoder multilingual v3, 16 languages."""


@dataclass(frozen=True, slots=True)
class OnnxModel:
    """A directory with model.onnx, tokenizer.json and optionally lethe.json (see `onnx`)."""

    directory: Path


@dataclass(frozen=True, slots=True)
class OpenAIModel:
    """A model behind POST `{base_url}/embeddings`. The prefixes are put before texts, as some models require."""

    base_url: str
    name: str
    key: str | None = field(default=None, repr=False)
    query_prefix: str = ""
    passage_prefix: str = ""


CpuModel = LocalModel | OnnxModel
EmbedderSpec = CpuModel | OpenAIModel


def parse_embedder(spec: str, key: str | None = None) -> EmbedderSpec:
    """Read the setting LETHE_EMBEDDER; `key` is LETHE_EMBEDDER_KEY. Raises OperatorError for an invalid one."""
    kind, _, rest = spec.strip().partition(":")
    match kind:
        case "local" if not rest:
            return LocalModel()
        case "onnx" if rest:
            return OnnxModel(Path(rest).expanduser().absolute())
        case "openai":
            return _parse_openai(rest, key)
    raise OperatorError(f"LETHE_EMBEDDER is '{spec}', but must be {FORMS}.")


def _parse_openai(rest: str, key: str | None) -> OpenAIModel:
    base, _, name = rest.partition("#")
    try:
        parts = urlsplit(base)
        valid = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and base.isascii()
        )
    except ValueError:
        valid = False
    if not valid or not base.isprintable() or " " in base or parts.query:
        raise OperatorError(
            "LETHE_EMBEDDER needs a base URL such as openai:http://127.0.0.1:8080/v1#<model>."
        )
    if "@" in parts.netloc:
        raise OperatorError(
            "LETHE_EMBEDDER must not contain a password: put the key into LETHE_EMBEDDER_KEY."
        )
    if not name or not name.isprintable():
        raise OperatorError(
            "LETHE_EMBEDDER names no model: write it after a #, as in openai:<base URL>#<model>."
        )
    if key is not None and not (key.isascii() and key.isprintable() and key.strip() == key):
        raise OperatorError(
            "LETHE_EMBEDDER_KEY contains a character that a key cannot have: check for spaces and line breaks."
        )
    return OpenAIModel(base.rstrip("/"), name, key or None)
