"""Paths that name several things, things without a name, and what a listing says of them."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Lethe
from tests.client import Client


@pytest.fixture
def twins(client: Client) -> list[str]:
    """The ids of two documents with one path."""
    made = [
        client.http.post("/v1/knowledge/documents", json={"title": "Twin", "markdown": f"twin {n}"}).json()
        for n in range(2)
    ]
    return [node["id"] for node in made]


def test_a_path_that_two_documents_have_deletes_neither(lethe: Lethe, twins: list[str]) -> None:
    refused = lethe("rm", "Twin", "--erase", "--yes", code=1).err
    assert "2 nodes are named Twin: give an id" in refused
    assert all(id in refused for id in twins)
    lethe("rm", twins[0], "--yes")
    assert [node["id"] for node in lethe("ls", "--json").json] == [twins[1]]


def test_what_is_in_the_trash_is_listed_and_brought_back_by_path(lethe: Lethe, twins: list[str]) -> None:
    lethe("rm", twins[0], "--yes")
    assert re.match(rf"{twins[0]}  /Twin  until \d{{4}}-", lethe("undelete").out)
    assert lethe("undelete", "Twin").out == "/Twin: restored\n"
    lethe("rm", *twins, "--yes")
    refused = lethe("undelete", "/Twin", code=1).err
    assert all(id in refused for id in twins)
    lethe("undelete", twins[1])
    assert [entry["id"] for entry in lethe("undelete", "--json").json] == [twins[0]]
    assert "There is no 'Nothing' in the trash" in lethe("undelete", "Nothing", code=1).err


def test_a_file_that_could_not_be_read_is_marked_until_it_is_replaced(
    lethe: Lethe, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "prices.csv").write_bytes(b"item,price\nquetzal,12\n")
    (tmp_path / "damaged.docx").write_bytes(b"this is no docx")
    lethe("add", tmp_path, "-c", "papers", code=3)
    for listed in (lethe("ls", "papers").out, lethe("tree").out):
        assert "damaged.docx  (not read:" in listed
        assert listed.count("not read") == 1
    (damaged,) = (n["id"] for n in lethe("ls", "papers", "--json").json if n["title"] == "damaged.docx")
    replaced = client.http.put(f"/v1/knowledge/documents/{damaged}", json={"markdown": "# Mended"})
    assert replaced.status_code == 200, replaced.text
    assert "not read" not in lethe("ls", "papers").out


def test_a_tree_that_is_piped_has_a_line_for_each_node(lethe: Lethe, client: Client) -> None:
    title = "a title of many words " * 8
    client.ingest("a", "text", metadata={"title": title.strip()})
    assert lethe("tree").out.splitlines() == ["/", "└── c/", f"    └── {title.strip()}"]


def test_a_search_for_what_no_document_says_finds_nothing(lethe: Lethe, tmp_path: Path) -> None:
    (tmp_path / "returns.md").write_text(
        "# Returns\n\nMrs Quetzalcoatl returned a bicycle within thirty days.\n"
    )
    lethe("add", tmp_path, "-c", "papers")
    for mode in ("hybrid", "vector", "full"):
        said = lethe("search", "xqzzy flurbl", "--mode", mode, code=3)
        assert said.out == ""
        assert said.err.startswith(("Nothing was found.", "No hit scores "))
    assert lethe("search", "xqzzy flurbl", "--json", code=3).json["results"] == []
    assert "returns.md" in lethe("search", "xqzzy flurbl", "--min-score", "0").out
    assert "returns.md" in lethe("search", "Quetzalcoatl").out
    assert "--min-score 0" in lethe("search", "Quetzalcoatl", "--min-score", "0.99", code=3).err
