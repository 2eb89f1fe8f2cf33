"""Conditions on a document's metadata as SQL."""

from collections.abc import Sequence
from typing import LiteralString

from psycopg.types.json import Jsonb

from lethe.domain.records.queries import MetadataCondition, Operator

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
"""The condition of each operator; `{k}` is the key and `{v}` the value as jsonb.

A missing key is unequal to everything, in no list, and empty. Numbers compare with numbers and strings with strings
(so ISO dates work), never across types. `contains` looks for an element of a list or a substring of a string.
`is_empty` with the value false means the opposite: present and not empty.
"""


def conditions(metadata: Sequence[MetadataCondition]) -> tuple[LiteralString, dict[str, object]]:
    """SQL with one `AND ...` per condition, and its parameters. Keys and values only occur as parameters."""
    where: LiteralString = ""
    params: dict[str, object] = {}
    for i, condition in enumerate(metadata):
        key, value = f"key_{i}", f"value_{i}"
        holds = _OPERATORS[condition.operator].format(k=f"%({key})s::text", v=f"%({value})s::jsonb")
        where += f" AND coalesce({holds}, false)"
        params |= {key: condition.key, value: Jsonb(condition.value)}
    return where, params
