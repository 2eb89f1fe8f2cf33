"""What import-linter cannot see of the layers."""

import ast
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
