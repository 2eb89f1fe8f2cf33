"""JSON values that several APIs accept: names, bounded objects, conditions on metadata."""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from lethe.domain.errors import InvalidRequest
from lethe.domain.json import Json
from lethe.domain.metadata import bounded
from lethe.domain.records.queries import MetadataCondition, Operator


def no_control_characters(text: str) -> str:
    """The text itself. Raises ValueError if it has control characters or surrogates."""
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in text):
        raise ValueError("must not contain control characters")
    return text


def no_nul(text: str) -> str:
    """The text itself. Raises ValueError if it has NUL characters."""
    if "\0" in text:
        raise ValueError("must not contain NUL characters")
    return text


def not_blank(text: str) -> str:
    """The text itself. Raises ValueError if it is blank."""
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def passing(check: Callable[[str], object]) -> Callable[[str], str]:
    """A validator that returns the text itself if it passes a check that raises InvalidRequest."""

    def checked(text: str) -> str:
        try:
            check(text)
        except InvalidRequest as exc:
            raise ValueError(str(exc)) from exc
        return text

    return checked


NAME_CHARACTERS = 100
"""How much of an unknown field's or parameter's name is shown."""

Name = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(no_control_characters)]
QueryText = Annotated[str, Field(max_length=20_000), AfterValidator(not_blank)]
"""What to search for."""
JsonObject = Annotated[dict[str, Json], AfterValidator(bounded)]


class Known(BaseModel):
    """An object that refuses unknown fields. Only the first is reported: there may be 100,000."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _with_one_unknown_field(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        unknown = next((name for name in value if name not in cls.model_fields), None)
        if unknown is None:
            return value
        known = {name: value[name] for name in cls.model_fields if name in value}
        return {**known, unknown[:NAME_CHARACTERS]: None}


class MetadataFilter(BaseModel):
    """A condition on a document's metadata."""

    model_config = ConfigDict(frozen=True)

    key: Annotated[str, Field(min_length=1, max_length=255), AfterValidator(no_nul)] = Field(
        examples=["year"]
    )
    operator: Operator = Field(examples=[">="])
    value: Json = Field(
        default=None,
        description="The value to compare with. Optional for `is_empty`: true or null means empty, false not empty.",
        examples=[2020],
    )


def metadata_conditions(
    filters: Sequence[MetadataFilter], location: tuple[str, ...]
) -> list[MetadataCondition]:
    """The conditions as domain values.

    Raises InvalidRequest, located below `location`, for values that are missing or cannot be compared.
    """
    for i, filter in enumerate(filters):
        try:
            _check_value(filter)
        except ValueError as exc:
            raise InvalidRequest(str(exc), (*location, i, "value")) from exc
    return [MetadataCondition(f.key, f.operator, f.value) for f in filters]


def _check_value(filter: MetadataFilter) -> None:
    operator, value = filter.operator, filter.value
    if operator == "is_empty":
        if value not in (None, "") and not isinstance(value, bool):  # some clients can only send a string
            raise ValueError("The operator 'is_empty' takes true, false, null or no value.")
    elif "value" not in filter.model_fields_set:
        raise ValueError(f"The operator '{operator}' needs a value.")
    if operator in ("in", "nin") and not isinstance(value, list):
        raise ValueError(f"The operator '{operator}' needs a list.")
    try:
        bounded({"value": value})
    except ValueError as exc:
        raise ValueError(f"The value {exc}.") from exc
