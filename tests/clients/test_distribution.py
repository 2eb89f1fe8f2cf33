"""The client is a distribution of its own, made of the source that the server's package has too."""

import ast
import sys
import tomllib
from pathlib import Path
from typing import Any

import lethe.cli

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "clients" / "python"
FRAMEWORKS = {
    "langchain.py": {"langchain_core", "pydantic"},
    "llamaindex.py": {"llama_index"},
}


def project(folder: Path) -> dict[str, Any]:
    """What a pyproject.toml says."""
    found: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    return found


def imported(path: Path) -> set[str]:
    """The packages that a module imports."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}


def test_both_have_the_same_version_and_the_client_needs_nothing_that_the_server_lacks() -> None:
    client, server = project(CLIENT), project(ROOT)
    assert client["version"] == server["version"]
    assert set(client["dependencies"]) <= set(server["dependencies"])


def test_the_client_imports_httpx_alone() -> None:
    files = list((CLIENT / "lethe_client").rglob("*.py"))
    assert len(files) > 10
    for path in files:
        allowed = {"httpx", "lethe_client", *FRAMEWORKS.get(path.name, ())}
        assert imported(path) <= allowed | sys.stdlib_module_names, path.name


def test_the_server_owns_no_file_of_the_client_and_has_a_copy_for_its_commands() -> None:
    file = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert file["tool"]["setuptools"]["packages"]["find"] == {"include": ["lethe*"]}
    assert lethe.cli._SOURCE == CLIENT
    assert (CLIENT / "lethe_client" / "__init__.py").is_file()
