"""What is there for a reader is said once, by the views live_node and live_document."""

import re
from pathlib import Path

import lethe.store

STORE = Path(lethe.store.__file__).parent
TEXTS = {str(path.relative_to(STORE)): path.read_text() for path in STORE.rglob("*.py")}

OTHERS = {"tree/life.py", "upkeep/orphans.py"}
"""The one makes things live; the doctor compares the tables with one another, and trusts no view."""
READERS = {
    *("search/ranking.py", "search/statement.py", "search/scope.py", "search/upkeep.py", "search/words.py"),
    *("documents.py", "assistants.py", "queue/reindexing.py"),
}
"""They only show, search and count what is there."""
TABLES = re.compile(r"\b(?:FROM|JOIN) (?:node|document)\b")


def test_no_statement_says_by_itself_what_is_there() -> None:
    own = [
        f"{name}: {line.strip()}"
        for name, text in TEXTS.items()
        if name not in OTHERS
        for line in text.splitlines()
        if "'live'" in line
    ]
    assert not own, f"ask live_node or live_document instead: {own}"


def test_what_only_reads_asks_the_views_and_not_their_tables() -> None:
    assert TEXTS.keys() >= READERS
    asked = {name: TABLES.findall(TEXTS[name]) for name in READERS}
    assert not any(asked.values()), f"ask live_node or live_document instead: {asked}"
