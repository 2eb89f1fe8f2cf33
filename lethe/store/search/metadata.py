"""Conditions on a document's metadata as SQL."""

from collections.abc import Sequence
from typing import LiteralString

from psycopg.types.json import Jsonb

from lethe.domain.queries import MetadataCondition
from lethe.domain.records import Operator

_ORDERED = (
    "jsonb_typeof(metadata -> {k}) = jsonb_typeof({v}) AND jsonb_typeof({v}) IN ('number', 'string') AND "
)

_OPERATORS: dict[Operator, LiteralString] = {
    "==": "metadata -> {k} = {v}",
    "!=": "metadata -> {k} IS DISTINCT FROM {v}",
    ">": _ORDERED + "metadata -> {k} > {v}",
    ">=": _ORDERED + "metadata -> {k} >= {v}",
    "<": _ORDERED + "metadata -> {k} < {v}",
    "<=": _ORDERED + "metadata -> {k} <= {v}",
    "in": "{v} @> jsonb_build_array(metadata -> {k})",
    "nin": "({v} @> jsonb_build_array(metadata -> {k})) IS NOT TRUE OR NOT metadata ? {k}",
    "contains": (
        "CASE jsonb_typeof(metadata -> {k}) WHEN 'array' THEN metadata -> {k} @> jsonb_build_array({v})"
        " WHEN 'string' THEN jsonb_typeof({v}) = 'string' AND position({v} #>> '{{}}' IN metadata ->> {k}) > 0 END"
    ),
    "is_empty": (
        """(coalesce(metadata -> {k}, 'null') IN ('null', '""', '[]', '{{}}'))"""
        " = ({v} IS DISTINCT FROM 'false')"
    ),
}
"""What must hold, by operator; `{k}` stands for the key and `{v}` for the value as jsonb.

A missing key is unequal to everything, in no list and empty. Order is defined between two numbers and between
two strings (so ISO dates compare), never across types. `contains` is for lists and, as a substring, for strings.
`is_empty` with the value false means the opposite: what is there and not empty.
"""


def conditions(metadata: Sequence[MetadataCondition]) -> tuple[LiteralString, dict[str, object]]:
    """SQL that begins with AND for each condition, and its parameters. Keys and values are parameters only."""
    where: LiteralString = ""
    params: dict[str, object] = {}
    for i, condition in enumerate(metadata):
        key, value = f"key_{i}", f"value_{i}"
        holds = _OPERATORS[condition.operator].format(k=f"%({key})s::text", v=f"%({value})s::jsonb")
        where += f" AND coalesce({holds}, false)"
        params |= {key: condition.key, value: Jsonb(condition.value)}
    return where, params
