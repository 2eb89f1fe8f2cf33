"""Assistants and assignments."""

import json

import pytest

from tests.http.knowledge.assistants import new_assistant
from tests.http.knowledge.knowledge import NOWHERE, Knowledge
from tests.lifecycle.stored import ask
from tests.server import Server


def test_assistants_are_listed_by_part_of_their_name(server: Server, kb: Knowledge, other: Knowledge) -> None:
    ids = {name: new_assistant(server, kb.company, name) for name in ("Soporte", "soporte 2")}
    described = ("--name", "Ventas", "--description", "D%_", "--json")
    made = server.command("assistant", "create", "--company", kb.company, *described)
    ids["Ventas"] = json.loads(made.stdout)["id"]
    found = kb.call("GET", "/assistants").json()
    assert [(a["name"], a["description"]) for a in found["items"]] == [
        ("Soporte", None), ("soporte 2", None), ("Ventas", "D%_"),
    ]  # fmt: skip
    assert (found["page"], found["limit"], found["total"]) == (1, 25, 3)
    assert found["items"][0] == {
        "id": ids["Soporte"], "name": "Soporte", "description": None, "avatar_url": None, "model": None,
        "voice_response_enabled": False, "created_at": found["items"][0]["created_at"],
    }  # fmt: skip
    page = kb.call("GET", "/assistants", params={"q": "SOPORTE", "page": 2, "limit": 1}).json()
    assert ([a["name"] for a in page["items"]], page["total"]) == (["soporte 2"], 2)
    behind = kb.call("GET", "/assistants", params={"page": 9}).json()
    assert (behind["items"], behind["total"]) == ([], 3)
    assert kb.call("GET", "/assistants", params={"q": "%"}).json()["total"] == 0
    assert kb.call("GET", "/assistants", params={"q": "\0"}).json()["total"] == 0
    assert other.call("GET", "/assistants").json()["items"] == []
    assert "Ventas" in server.command("assistant", "list", "--company", kb.company).stdout
    server.command("assistant", "delete", ids["Ventas"], "--company", kb.company)
    assert kb.call("GET", "/assistants").json()["total"] == 2
    again = server.command("assistant", "delete", ids["Ventas"], "--company", kb.company, check=False)
    said = "lethe: There is no assistant with this id: see 'lethe assistant list'.\n"
    assert (again.returncode, again.stderr) == (1, said)


@pytest.mark.parametrize("params", [{"page": 0}, {"limit": 0}, {"limit": 1000}, {"page": "x"}])
def test_a_page_that_cannot_be_is_a_400(kb: Knowledge, params: dict[str, object]) -> None:
    answer = kb.call("GET", "/assistants", params=params)
    assert answer.status_code == 400
    assert next(iter(params)) in answer.json()["message"]


def test_nodes_are_given_to_the_workers_that_are_not_supervisors(server: Server, kb: Knowledge) -> None:
    assistant = new_assistant(server, kb.company, workers=4, supervisors=2)
    folder, document = kb.folder("F"), kb.document("D")
    body = {"assistant_id": assistant, "node_ids": [folder, document, folder]}
    for _ in range(2):
        answer = kb.call("POST", "/knowledge/assignments", body)
        assert (answer.status_code, answer.json()) == (200, {"workers_updated": 4})
    count = "SELECT count(*) FROM assignment WHERE node_id = ANY (%s)"
    assert ask(server, count, [folder, document]) == [(8,)]
    kb.delete(folder)
    assert ask(server, count, [folder, document]) == [(8,)]
    assert kb.call("POST", "/knowledge/assignments", body).status_code == 404


def test_what_is_not_there_cannot_be_given(server: Server, kb: Knowledge, other: Knowledge) -> None:
    assistant, folder = new_assistant(server, kb.company), kb.folder("F")
    theirs = other.folder("theirs")
    for wrong in (
        {"assistant_id": NOWHERE, "node_ids": [folder]},
        {"assistant_id": assistant, "node_ids": [folder, NOWHERE]},
        {"assistant_id": assistant, "node_ids": [theirs]},
    ):
        assert kb.call("POST", "/knowledge/assignments", wrong).status_code == 404
    assert (
        other.call(
            "POST", "/knowledge/assignments", {"assistant_id": assistant, "node_ids": [theirs]}
        ).status_code
        == 404
    )
    for wrong in (
        {},
        {"assistant_id": assistant, "node_ids": []},
        {"assistant_id": assistant, "node_ids": [folder] * 201},
    ):
        assert kb.call("POST", "/knowledge/assignments", wrong).status_code == 400
