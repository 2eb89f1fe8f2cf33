"""Dify's conditions on metadata, and what they mean here.

Dify sends most values as text, even numbers. So a value equals a metadata value that is written the same, whether that
is text, a number or a boolean. Greater and less compare numbers with numbers, `before` and `after` texts with texts,
such as ISO dates. A missing key is unequal to everything and contains nothing.
"""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from lethe.api.request.values import no_nul
from lethe.domain.errors import InvalidRequest
from lethe.domain.json import Json
from lethe.domain.records import queries
from lethe.domain.records.queries import AnyOf, Condition, MetadataCondition

MOST_CONDITIONS = 50
_MOST_VALUES = 100
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")

Comparison = Literal[
    "contains", "not contains", "start with", "end with", "is", "is not", "in", "not in", "empty", "not empty",
    "null", "not null", "=", "≠", ">", "<", "≥", "≤", "before", "after",
]  # fmt: skip
_Text = Annotated[str, Field(max_length=1_000), AfterValidator(no_nul)]
_Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e15, le=1e15)]
_Scalar = _Text | bool | _Number
_Key = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(no_nul)]


class DifyCondition(BaseModel):
    """A condition on a document's metadata."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    name: _Key | Annotated[list[_Key], Field(min_length=1, max_length=4)] = Field(
        description="The key; of several, one at least must meet the condition.", examples=["year"]
    )
    comparison_operator: Comparison = Field(examples=["≥"])
    value: _Scalar | Annotated[list[_Scalar], Field(max_length=_MOST_VALUES)] | None = Field(
        default=None, description="Left out for `empty` and `not empty`.", examples=["2020"]
    )


class MetadataConditions(BaseModel):
    """Conditions on a document's metadata, and whether all must hold or one."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    logical_operator: Literal["and", "or"] | None = None
    conditions: Annotated[list[DifyCondition], Field(max_length=MOST_CONDITIONS)] | None = None

    def to_record(self) -> list[Condition]:
        """The conditions as the core takes them. Raises InvalidRequest for a value that does not fit its operator."""
        each: list[list[MetadataCondition]] = []
        for i, condition in enumerate(self.conditions or []):
            try:
                each.append(_meant(condition))
            except ValueError as exc:
                location = ("body", "metadata_condition", "conditions", i, "value")
                raise InvalidRequest(str(exc), location) from exc
        if self.logical_operator == "or":
            return [AnyOf([one for some in each for one in some])] if each else []
        return [AnyOf(some) for some in each]


def _meant(condition: DifyCondition) -> list[MetadataCondition]:
    """What a condition means for each of its keys."""
    names = [condition.name] if isinstance(condition.name, str) else condition.name
    return [_compared(name, condition.comparison_operator, condition.value) for name in names]


def _compared(key: str, operator: Comparison, value: Json) -> MetadataCondition:
    ours, read, negated = _MEANINGS[operator]
    return MetadataCondition(key, ours, read(operator, value), negated=negated)


def _scalar(operator: str, value: Json) -> Json:
    if value is None or isinstance(value, list):
        raise ValueError(f"The operator '{operator}' needs a single value.")
    return value


def _text(operator: str, value: Json) -> str:
    scalar = _scalar(operator, value)
    return scalar if isinstance(scalar, str) else _written(scalar)


def _number(operator: str, value: Json) -> float | int:
    scalar = _scalar(operator, value)
    number = _read(scalar) if isinstance(scalar, str) else scalar
    if number is None or isinstance(number, bool):
        raise ValueError(f"The operator '{operator}' needs a number.")
    return float(number)


def _alike(operator: str, value: Json) -> Sequence[Json]:
    """The value as text and, if it can be read as one, as a number or boolean."""
    return _readings(_scalar(operator, value))


def _any_alike(operator: str, value: Json) -> Sequence[Json]:
    """`_alike` for each value of a list, which may also be a text with commas."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list) or len(value) > _MOST_VALUES:
        raise ValueError(f"The operator '{operator}' needs a list of at most {_MOST_VALUES} values.")
    return [one for each in value for one in _readings(each)]


def _readings(value: Json) -> Sequence[Json]:
    text = value if isinstance(value, str) else _written(value)
    other = _read(text)
    return [text] if other is None else [text, other]


def _written(value: float | bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if value == int(value) else str(value)


def _read(text: str) -> float | int | bool | None:
    if text in ("true", "false"):
        return text == "true"
    if not _NUMBER.fullmatch(text):
        return None
    return float(text) if "." in text else int(text)


_MEANINGS: dict[Comparison, tuple[queries.Comparison, Callable[[str, Json], Json], bool]] = {
    "contains": ("contains", _text, False),
    "not contains": ("contains", _text, True),
    "start with": ("starts_with", _text, False),
    "end with": ("ends_with", _text, False),
    "is": ("in", _alike, False),
    "is not": ("nin", _alike, False),
    "=": ("in", _alike, False),
    "≠": ("nin", _alike, False),
    "in": ("in", _any_alike, False),
    "not in": ("nin", _any_alike, False),
    "empty": ("is_empty", lambda *_: True, False),
    "null": ("is_empty", lambda *_: True, False),
    "not empty": ("is_empty", lambda *_: False, False),
    "not null": ("is_empty", lambda *_: False, False),
    ">": (">", _number, False),
    "<": ("<", _number, False),
    "≥": (">=", _number, False),
    "≤": ("<=", _number, False),
    "after": (">", _scalar, False),
    "before": ("<", _scalar, False),
}
"""For each of Dify's comparisons: Lethe's comparison, how the value is read, and whether the result is negated."""
