"""Values and conditions of metadata, as people type them."""

import json
import re
from collections.abc import Sequence
from typing import cast, get_args

import orjson

from lethe.domain.errors import InvalidRequest
from lethe.domain.json import Json
from lethe.domain.records.queries import MetadataCondition, Operator

OPERATORS = get_args(Operator)
CONDITIONS = 3
"""How many a form has."""
TEXT = 200
"""Characters of a name or value in a condition."""

_PLAIN = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?|true|false", re.ASCII)


def value_of(text: str) -> Json:
    """A number, true or false becomes that value. Everything else is text, and so is anything in quotation marks."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return cast("Json", orjson.loads(text))
        except orjson.JSONDecodeError:
            return text[1:-1]
    if _PLAIN.fullmatch(text):
        return cast("Json", orjson.loads(text))
    return text


def written(value: Json) -> str:
    """A value as a person would type it, so that `value_of` reads a text back as text; lists and objects as JSON."""
    if isinstance(value, str) and value.isprintable() and value == value.strip() and value_of(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def conditions_of(
    keys: Sequence[str], operators: Sequence[str], values: Sequence[str]
) -> list[MetadataCondition]:
    """The conditions in a form; those without a name are left out. Raises InvalidRequest for invalid ones."""
    found = [
        _condition(key.strip(), operator, value.strip())
        for key, operator, value in zip(keys, operators, values, strict=False)
        if key.strip()
    ]
    if len(found) > CONDITIONS:
        raise InvalidRequest("Too many conditions.")
    return found


def as_json(conditions: Sequence[MetadataCondition]) -> list[dict[str, Json]]:
    """The conditions as the API takes them."""
    return [{"key": c.key, "operator": c.operator, "value": c.value} for c in conditions]


def _condition(key: str, operator: str, text: str) -> MetadataCondition:
    if operator not in OPERATORS or max(len(key), len(text)) > TEXT or "\0" in key + text:
        raise InvalidRequest("Invalid condition: choose how to compare, with at most 200 characters.")
    known = cast("Operator", operator)
    if known == "is_empty":
        return MetadataCondition(key, known, None)
    if not text:
        raise InvalidRequest("A condition needs a value.")
    if known in ("in", "nin"):
        return MetadataCondition(key, known, [value_of(part) for part in re.split(r"\s*,\s*", text)])
    return MetadataCondition(key, known, value_of(text))
