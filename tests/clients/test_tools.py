"""The client's calls that read files without storing them, embed texts, and search for an assistant."""

from pathlib import Path

import pytest
from lethe_client import AuthenticationError, Lethe, UnprocessableEntityError

from tests.clients.conftest import Either

PDF = Path(__file__).parents[2] / "examples" / "rental-policy.pdf"


def test_a_file_is_converted_and_not_stored(either: Either) -> None:
    assert ".pdf" in either(lambda c: c.artifacts.readers())["pdf"].extensions
    read = either(lambda c: c.artifacts.convert(file=PDF))
    assert (read.reader, "rental" in read.content.lower()) == ("pdf", True)
    tree = either(lambda c: c.artifacts.convert(text="# One\n\nTwo", file_name="n.md", format="object"))
    assert (tree.reader, isinstance(tree.content, str)) == ("text", False)
    with pytest.raises(UnprocessableEntityError):
        either(lambda c: c.artifacts.convert(file=PDF, reader="docx"))
    assert either(lambda c: c.tree()).items == []


def test_texts_are_embedded_with_the_servers_model(either: Either) -> None:
    (model,) = either(lambda c: c.models.list())
    assert either(lambda c: c.models.get(model.id)) == model
    made = either(lambda c: c.embeddings.create(["river", "stone"], model=model.id))
    assert [len(vector) for vector in made.vectors] == [model.dimensions] * 2
    assert either(lambda c: c.embeddings.create("river")).vectors == [pytest.approx(made.vectors[0])]


def test_passages_come_as_a_tool_returns_them(either: Either) -> None:
    either(lambda c: c.artifacts.ingest("a", text="# River\n\nThe river carries.", collection="c"))
    found = either(lambda c: c.semantic_search("river", collection="c", citations=True))
    assert (found.is_error, "[S1]" in found.text, "The river carries." in found.text) == (False, True, True)


def test_a_token_revokes_itself(lethe: Lethe) -> None:
    lethe.revoke_token()
    with pytest.raises(AuthenticationError):
        lethe.me()
