"""What import-linter cannot see of the layers."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import lethe

LETHE = Path(lethe.__file__).parent
ABOVE = ("api", "console", "cli", "workers", "wiring")
OPENING = {"transaction", "system", "pipelined", "snapshot", "session"}
"""The methods of the database that open a transaction, or lend a connection."""


def opened(path: Path) -> list[str]:
    """The calls in a file that open transactions."""
    return [
        f"{path.relative_to(LETHE)}:{node.lineno}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in OPENING
    ]


def test_transactions_are_opened_in_the_core_alone() -> None:
    found = {name: [*(LETHE / name).rglob("*.py")] for name in (*ABOVE, "core")}
    assert all(found.values())
    assert [call for name in ABOVE for path in found[name] for call in opened(path)] == []
    assert any(opened(path) for path in found["core"])


SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|AND|MATERIALIZED|CASE)\b")
PARTS = ("LiteralString", "int", "Sequence[int]")
"""What an argument may be that becomes a part of SQL. Everything else is a parameter of the statement."""


def inserted(path: Path) -> Iterator[str]:
    """The arguments of functions in a file that its SQL contains, with their types."""
    for function in ast.walk(ast.parse(path.read_text())):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        arguments = [*function.args.args, *function.args.kwonlyargs]
        types = {each.arg: ast.unparse(each.annotation) for each in arguments if each.annotation}
        for text in ast.walk(function):
            if isinstance(text, ast.JoinedStr) and SQL.search(ast.unparse(text)):
                names = [name for part in text.values for name in used(part)]
                yield from (f"{path.name}: {types[name]}" for name in names if name in types)


def used(node: ast.AST) -> Iterator[str]:
    """The names in an expression, but for the arguments of a call: what it returns has a type of its own."""
    if isinstance(node, ast.Name):
        yield node.id
    elif not isinstance(node, ast.Call):
        for child in ast.iter_child_nodes(node):
            yield from used(child)


def test_no_argument_becomes_a_part_of_sql_unless_it_is_one() -> None:
    found = [each for path in (LETHE / "store").rglob("*.py") for each in inserted(path)]
    assert found
    assert [each for each in found if each.partition(": ")[2] not in PARTS] == []
