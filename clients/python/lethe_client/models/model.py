"""The base of all results: frozen dataclasses that are read from JSON and keep all of it."""

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from typing import Any, Self, Union, get_args, get_origin, get_type_hints

import httpx

_Reader = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Model:
    """A result. Fields that this version of the client does not know are in `extra`."""

    _json: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read a result from JSON. Raises KeyError, TypeError, ValueError or AttributeError for other JSON."""
        values = {}
        for name, (read, has_default) in _readers(cls).items():
            if not has_default or data.get(name) is not None:
                values[name] = read(data[name])
        return cls(**values, _json=data)

    @classmethod
    def of(cls, response: httpx.Response) -> Self:
        """Read a result from an answer."""
        return cls.from_dict(response.json())

    @property
    def extra(self) -> dict[str, Any]:
        """The fields that this version of the client does not know, as JSON."""
        known = _readers(type(self))
        return {name: value for name, value in self._json.items() if name not in known}

    def to_dict(self) -> dict[str, Any]:
        """The JSON that the server sent."""
        return dict(self._json)


_READERS: dict[type[Model], dict[str, tuple[_Reader, bool]]] = {}
"""The readers of each class, cached at first use."""


def _readers(cls: type[Model]) -> dict[str, tuple[_Reader, bool]]:
    """A reader for each field, and whether the field may be absent."""
    if cls not in _READERS:
        hints = get_type_hints(cls)
        _READERS[cls] = {
            f.name: (_reader(hints[f.name]), f.default is not MISSING or f.default_factory is not MISSING)
            for f in fields(cls)
            if f.name != "_json"
        }
    return _READERS[cls]


def _reader(hint: Any) -> _Reader:
    if get_origin(hint) in {Union, types.UnionType}:
        parts = [_reader(part) for part in get_args(hint) if part is not type(None)]
        inner = parts[0] if len(parts) == 1 else _as_it_is
        return lambda value: None if value is None else inner(value)
    if get_origin(hint) is list:
        of_item = _reader(get_args(hint)[0])
        return lambda value: [of_item(item) for item in value]
    if hint is datetime:
        return datetime.fromisoformat
    if isinstance(hint, type) and issubclass(hint, Model):
        return hint.from_dict
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
