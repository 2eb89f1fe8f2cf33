"""Names in the documents: each command, flag, setting, route, file and function that they mention exists.

So do the commands and files that the code's own sentences mention. A name is whatever stands between backticks or in
a block of code.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path

import pytest
from cyclopts import App

from lethe.api.app import CONSOLE
from lethe.cli import app
from lethe.settings import unknown_variables
from tests.hostile.routes import served, unnamed

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SOURCES = sorted([*ROOT.glob("lethe/**/*.py"), *ROOT.glob("lethe/**/*.sql")])

documents = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))

_CODE = re.compile(r"^```\w*\n(.*?)^```|(?<!`)`([^`]+)`(?!`)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(?:#([^)\s]*))?\)")
_COMMAND = re.compile(r"(?<![\w/.$@:-])(?:\.venv/bin/)?lethe +([a-z][^|#>;`'\"\n]*)")
_ROUTE = re.compile(r"(?:\b(GET|POST|PUT|PATCH|DELETE) )?(?<![\w$}./~=-])((?:\$[AK])?/[a-z][\w/{}$.-]*)")
_FILE = re.compile(r"\.(?:py|md|sql|toml|txt|json|dump)$")
_PATH = re.compile(r"(?:[\w-]+/)+[\w-]*(?:\.[\w.]+)?|[\w-]+\.(?:py|md|sql|toml|txt)")
_NAMED_FILE = re.compile(
    r"(?<![\w/.])(?:docs|bench|tests|core|store|api|adapters|parsers|text|console|wiring|workers|cli|domain)/[\w/]+\.(?:py|md)"
)
_MEMBER = re.compile(r"((?:\w+/)*\w+)\.(\w+)")

ELSEWHERE = {
    "/backups/monday",
    "/elsewhere/acme.jsonl",
    "/proc",
    "/var/lib/lethe",
    "/var/lib/lethe-new",
    "/var/log/lethe-scrub.json",
}
"""Paths of a machine, not of the API."""


def code(document: Path) -> list[str]:
    """The blocks of code and the words between backticks, each in one line but for the blocks."""
    found = _CODE.findall(document.read_text("utf-8"))
    return [block or " ".join(inline.split()) for block, inline in found]


@cache
def source_text() -> str:
    return "\n".join(path.read_text("utf-8") for path in SOURCES)


@cache
def source_words() -> set[str]:
    """All words of the code, its folders and its tools' settings."""
    tools = "\n".join((ROOT / name).read_text("utf-8") for name in ("pyproject.toml", "Makefile"))
    names = {part for path in SOURCES for part in path.relative_to(ROOT).with_suffix("").parts}
    return {*re.findall(r"\w+", f"{source_text()} {tools}"), *names}


@cache
def files() -> list[str]:
    """Every file and folder of the project, a slash before each."""
    roots = ("lethe", "clients", "tests", "bench", "docs", "examples", "requirements")
    found = [path for root in roots for path in (ROOT / root, *(ROOT / root).rglob("*"))]
    return [f"/{path.relative_to(ROOT)}" for path in (*found, *ROOT.glob("*.*"))]


def test_the_version_is_that_of_the_package_and_has_its_section_in_the_changelog(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        app("--version")
    shown = capsys.readouterr().out.strip()
    assert shown == version("lethe-kb")
    assert re.search(
        rf"^## {re.escape(shown)} \(\d{{4}}-\d\d-\d\d\)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )


@documents
def test_links_lead_somewhere(document: Path) -> None:
    for target, heading in _LINK.findall(_CODE.sub("", document.read_text("utf-8"))):
        path = document.parent / target if target else document
        assert path.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", t.lower()).replace(" ", "-") for t in titles}, heading


@documents
def test_settings_exist(document: Path) -> None:
    names = re.findall(r"LETHE_[A-Z0-9_]+", document.read_text("utf-8"))
    assert unknown_variables(dict.fromkeys(names, "")) == []


@documents
def test_commands_exist(document: Path) -> None:
    texts = code(document)
    lines = [line for text in texts for line in _COMMAND.findall(text)]
    assert [line for line in lines if not is_command(line)] == []
    targets = {target for text in texts for target in re.findall(r"\bmake ([a-z]+)", text)}
    assert targets <= set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    modules = {name for text in texts for name in re.findall(r"\bpython -m ((?:bench|tests)[\w.]*)", text)}
    assert [name for name in modules if not (ROOT / name.replace(".", "/")).with_suffix(".py").exists()] == []


@documents
def test_routes_exist(document: Path) -> None:
    found = {route for text in code(document) for route in _ROUTE.findall(text)}
    assert [route for route in found if route[1] not in ELSEWHERE and not is_served(*route)] == []


@documents
def test_files_and_functions_exist(document: Path) -> None:
    names = {text for text in code(document) if not re.search(r"\s|[$:]|\.\.\.", text)}
    assert [name for name in names if not is_there(name)] == []


def test_commands_and_files_that_the_code_speaks_of_exist() -> None:
    # A migration keeps its words: its hash is recorded where it was applied.
    texts = [path.read_text("utf-8") for path in SOURCES if path.suffix == ".py"]
    commands = {line for text in texts for line in re.findall(r"`lethe ([a-z][^`\n]*)`", text)}
    assert [line for line in commands if not is_command(line)] == []
    names = {name for text in texts for name in re.findall(_NAMED_FILE, text)}
    assert [name for name in names if not is_there(name)] == []


def test_wrong_names_are_found() -> None:
    for line in ("reindex", "token destroy", "serve --no-such-flag", "receipts verify --companies x"):
        assert not is_command(line), line
    for route in (("", "/v1/knowledge/folder"), ("GET", "$A/delete"), ("PUT", "/v1/knowledge/nodes/{id}")):
        assert not is_served(*route), route
    for name in (
        "core/taks.py",
        "store/tree/artifacts.show",
        "trash.unhide",
        "node.generations",
        "count_lexeme",
        "nowhere/",
    ):
        assert not is_there(name), name


def is_command(line: str) -> bool:
    """Whether the words after `lethe` begin with a command, and its flags are flags of it."""
    words = line.split()
    given = {word.partition("=")[0] for word in words if word.startswith("--")}
    names = tuple(takewhile(re.compile(r"[a-z][a-z-]*").fullmatch, words))
    return {"", *given} <= flags(names[:2])


@cache
def flags(names: tuple[str, ...]) -> set[str]:
    """The flags of the command that begins with these words; empty when there is none."""
    command: App = app
    for name in names:
        if is_leaf(command):
            break
        try:
            command = command[name]
        except KeyError:
            return set()
    arguments = command.assemble_argument_collection() if is_leaf(command) else ()
    return {"", "--help", "--version", *(name for argument in arguments for name in argument.names)}


def is_leaf(command: App) -> bool:
    return command.default_command is not None


def is_served(method: str, path: str) -> bool:
    """Whether a door answers it: written in full, after $A or $K, or without the door's own prefix."""
    path = path.replace("$A", "/v1/artifacts").replace("$K", "/v1").rstrip("/.")
    wanted = unnamed(re.sub(r"\$\w+", "{}", path))
    if method:
        return any(has == method and route.endswith(wanted) for has, route in routes())
    return any(route.endswith(wanted) or route.startswith(f"{wanted}/") for _, route in routes())


@cache
def routes() -> list[tuple[str, str]]:
    """Method and path of all that is served; of the console, whose pages are for people, the first."""
    found = [(method, path) for method, _, path in (route.partition(" ") for route in served())]
    return [("GET", CONSOLE), *found]


def is_there(name: str) -> bool:
    """Whether a path, a member of a module or table, or a plain identifier is one; True for what is none of these."""
    member = None if _FILE.search(name) else _MEMBER.fullmatch(name)
    if member and (any(modules(member[1])) or tables(member[1])):
        return is_member(*member.groups()) or f'"{name}"' in source_text()
    if _PATH.fullmatch(name):
        folder = name.rstrip("/")
        return (
            any(f.endswith((f"/{folder}", f"/{folder}.py")) for f in files())
            or f'"{folder}"' in source_text()
        )
    if re.fullmatch(r"[a-z]+_\w+|_\w+", name):
        return name in source_words()
    return True


def is_member(module: str, attribute: str) -> bool:
    """Whether a module of this path defines the attribute, or a table of this name has a column of that one."""
    for path in modules(module):
        if re.search(
            rf"^ *(?:async def|def|class) {attribute}\b|^{attribute}\b.* =", path.read_text(), re.MULTILINE
        ):
            return True
    return any(re.search(rf"\b{attribute}\b", table) for table in tables(module))


def tables(name: str) -> list[str]:
    """The statements that make and change the table of this name."""
    return re.findall(rf"(?:CREATE|ALTER)(?: UNLOGGED)? TABLE {name} .*?;", source_text(), re.DOTALL)


def modules(name: str) -> Iterator[Path]:
    return (path for path in SOURCES if str(path.with_suffix("")).endswith(f"/{name}"))
