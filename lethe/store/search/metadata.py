"""Conditions on a document's metadata as SQL."""

from collections.abc import Sequence
from typing import LiteralString

from psycopg.types.json import Jsonb

from lethe.domain.records.queries import AnyOf, Comparison, Condition, MetadataCondition


def conditions(metadata: Sequence[Condition]) -> tuple[LiteralString, dict[str, object]]:
    """SQL with one `AND ...` per condition, and its parameters. Keys and values only occur as parameters."""
    where: LiteralString = ""
    params: dict[str, object] = {}
    for condition in metadata:
        alternatives = condition.conditions if isinstance(condition, AnyOf) else [condition]
        where += f" AND ({' OR '.join([_holds(one, params) for one in alternatives])})"
    return where, params


def _holds(condition: MetadataCondition, params: dict[str, object]) -> LiteralString:
    """The condition as SQL; adds its key and value to the parameters."""
    number = len(params) // 2
    key, value = f"key_{number}", f"value_{number}"
    holds = _comparison(condition.operator, f"%({key})s::text", f"%({value})s::jsonb")
    params |= {key: condition.key, value: Jsonb(condition.value)}
    return f"NOT coalesce({holds}, false)" if condition.negated else f"coalesce({holds}, false)"


def _comparison(operator: Comparison, k: LiteralString, v: LiteralString) -> LiteralString:
    """The condition of an operator; `k` is the key and `v` the value as jsonb.

    A missing key is unequal to everything, in no list, and empty. Numbers compare with numbers and strings with strings
    (so ISO dates work), never across types. `contains` looks for an element of a list or a substring of a string.
    `is_empty` with the value false means the opposite: present and not empty.
    """
    comparable = (
        f"jsonb_typeof(metadata -> {k}) = jsonb_typeof({v}) AND jsonb_typeof({v}) IN ('number', 'string')"
    )
    sql: dict[Comparison, LiteralString] = {
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
        "starts_with": f"""jsonb_typeof(metadata -> {k}) = 'string'
            AND starts_with(metadata ->> {k}, {v} #>> '{{}}')""",
        "ends_with": f"""jsonb_typeof(metadata -> {k}) = 'string'
            AND right(metadata ->> {k}, length({v} #>> '{{}}')) = {v} #>> '{{}}'""",
        "is_empty": f"""(coalesce(metadata -> {k}, 'null') IN ('null', '""', '[]', '{{}}'))
            = ({v} IS DISTINCT FROM 'false')""",
    }
    return sql[operator]
