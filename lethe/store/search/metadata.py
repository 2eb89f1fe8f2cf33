"""Conditions on a document's metadata as SQL."""

from collections.abc import Sequence
from typing import LiteralString

from psycopg.types.json import Jsonb

from lethe.domain.records.queries import MetadataCondition, Operator


def conditions(metadata: Sequence[MetadataCondition]) -> tuple[LiteralString, dict[str, object]]:
    """SQL with one `AND ...` per condition, and its parameters. Keys and values only occur as parameters."""
    where: LiteralString = ""
    params: dict[str, object] = {}
    for i, condition in enumerate(metadata):
        holds = _holds(condition.operator, f"%(key_{i})s::text", f"%(value_{i})s::jsonb")
        where += f" AND coalesce({holds}, false)"
        params |= {f"key_{i}": condition.key, f"value_{i}": Jsonb(condition.value)}
    return where, params


def _holds(operator: Operator, k: LiteralString, v: LiteralString) -> LiteralString:
    """The condition of an operator; `k` is the key and `v` the value as jsonb.

    A missing key is unequal to everything, in no list, and empty. Numbers compare with numbers and strings with strings
    (so ISO dates work), never across types. `contains` looks for an element of a list or a substring of a string.
    `is_empty` with the value false means the opposite: present and not empty.
    """
    comparable = (
        f"jsonb_typeof(metadata -> {k}) = jsonb_typeof({v}) AND jsonb_typeof({v}) IN ('number', 'string')"
    )
    sql: dict[Operator, LiteralString] = {
        "==": f"metadata -> {k} = {v}",
        "!=": f"metadata -> {k} IS DISTINCT FROM {v}",
        ">": f"{comparable} AND metadata -> {k} > {v}",
        ">=": f"{comparable} AND metadata -> {k} >= {v}",
        "<": f"{comparable} AND metadata -> {k} < {v}",
        "<=": f"{comparable} AND metadata -> {k} <= {v}",
        "in": f"{v} @> jsonb_build_array(metadata -> {k})",
        "nin": f"({v} @> jsonb_build_array(metadata -> {k})) IS NOT TRUE OR NOT metadata ? {k}",
        "contains": f"""CASE jsonb_typeof(metadata -> {k})
            WHEN 'array' THEN metadata -> {k} @> jsonb_build_array({v})
            WHEN 'string' THEN jsonb_typeof({v}) = 'string' AND position({v} #>> '{{}}' IN metadata ->> {k}) > 0 END""",
        "is_empty": f"""(coalesce(metadata -> {k}, 'null') IN ('null', '""', '[]', '{{}}'))
            = ({v} IS DISTINCT FROM 'false')""",
    }
    return sql[operator]
