"""An AI assistant uses Lethe by the Model Context Protocol."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from mcp import Client as McpClient
from mcp import StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import ResourcesListChanged, ResourceUpdated

from tests.client import Client, bare
from tests.http.knowledge.knowledge import Knowledge
from tests.http.mcp.assistant import MODERN, OLDER, call, connected
from tests.server import Server
from tests.waiting import PATIENCE_SECONDS

READING = {"search_knowledge", "read_document", "list_tree"}
BOTH = pytest.mark.parametrize("mode", [MODERN, OLDER])


@pytest.fixture
def kb(client: Client) -> Knowledge:
    """What a person does beside the assistant."""
    return Knowledge(client)


@pytest.fixture
def reader(server: Server, kb: Knowledge) -> str:
    """A token of the same company that may read and search only."""
    return server.client(scopes="knowledge:read,knowledge:query", company=kb.company).token


@pytest.fixture
def other(server: Server) -> Knowledge:
    """Another company."""
    return Knowledge(server.client())


def stored(kb: Knowledge, title: str, markdown: str) -> str:
    """The id of a document that can be found."""
    node_id = kb.document(title, markdown=markdown)
    kb.indexed(node_id)
    return node_id


@BOTH
async def test_an_assistant_finds_reads_adds_and_deletes_documents(
    server: Server, kb: Knowledge, mode: str
) -> None:
    text = "# Returns\n\nA quetzal may be returned within thirty days.\n"
    node_id = stored(kb, "Returns", text)
    async with connected(server.url, kb.artifacts.token, mode=mode) as assistant:
        tools = {tool.name: tool for tool in (await assistant.list_tools()).tools}
        assert tools["delete_node"].annotations.destructive_hint  # type: ignore[union-attr]
        assert tools["search_knowledge"].annotations.read_only_hint  # type: ignore[union-attr]

        (hit,) = (await call(assistant, "search_knowledge", query="quetzal", mode="full"))["results"]
        assert hit["node_id"] == node_id
        assert "thirty days" in hit["snippet"]
        assert hit["headings"] == ["Returns"]
        first = await call(assistant, "read_document", node_id=node_id, characters=9)
        rest = await call(assistant, "read_document", node_id=node_id, start=first["next_start"])
        assert (first["text"] + rest["text"], rest["next_start"]) == (text, None)

        made = await call(assistant, "add_document", title="Note", markdown="A kakapo note.")
        tree = await call(assistant, "list_tree")
        assert {item["title"] for item in tree["items"]} == {"Returns", "Note"}
        assert (await call(assistant, "delete_node", node_id=made["node_id"]))["deleted"]


@BOTH
async def test_a_deleted_document_is_gone_from_an_open_session_at_once(
    server: Server, kb: Knowledge, mode: str
) -> None:
    node_id = stored(kb, "Returns", "A quetzal.")
    uri = f"lethe://documents/{node_id}"
    async with connected(server.url, kb.artifacts.token, mode=mode) as assistant:
        assert [r.uri for r in (await assistant.list_resources()).resources] == [uri]
        assert (await assistant.read_resource(uri)).contents[0].text == "A quetzal."  # type: ignore[union-attr]
        kb.call("DELETE", f"/knowledge/nodes/{node_id}")
        assert (await call(assistant, "search_knowledge", query="quetzal", mode="full"))["results"] == []
        assert "no document with this id" in await call(assistant, "read_document", node_id=node_id)
        assert (await call(assistant, "list_tree"))["items"] == []
        assert (await assistant.list_resources()).resources == []
        with pytest.raises(MCPError, match="no document with this id"):
            await assistant.read_resource(uri)


async def test_a_listener_is_told_when_a_document_is_deleted(server: Server, kb: Knowledge) -> None:
    node_id, other = stored(kb, "Returns", "A quetzal."), stored(kb, "Other", "A kakapo.")
    uri = f"lethe://documents/{node_id}"
    async with (
        connected(server.url, kb.artifacts.token) as assistant,
        assistant.listen(
            resources_list_changed=True, resource_subscriptions=[uri, f"lethe://documents/{other}"]
        ) as news,
    ):
        kb.call("DELETE", f"/knowledge/nodes/{node_id}")
        told = await asyncio.wait_for(_until_updated(news), PATIENCE_SECONDS)
    assert told == [ResourcesListChanged(), ResourceUpdated(uri)]


async def test_who_is_told_that_it_listens_misses_nothing_from_then_on(server: Server, kb: Knowledge) -> None:
    node_id = stored(kb, "Returns", "A quetzal.")
    uri = f"lethe://documents/{node_id}"
    listens = asyncio.Event()
    async with connected(server.url, kb.artifacts.token) as assistant:

        async def listen() -> list[Any]:
            async with assistant.listen(resource_subscriptions=[uri]) as news:
                listens.set()
                return await _until_updated(news)

        with psycopg.connect(server.superuser()) as conn:
            conn.execute("LOCK TABLE document")  # what is there now cannot be looked up
            listening = asyncio.create_task(listen())
            await asyncio.wait({listening}, timeout=0.5)
            assert not listens.is_set()
        await asyncio.wait_for(listens.wait(), PATIENCE_SECONDS)
        kb.call("DELETE", f"/knowledge/nodes/{node_id}")
        assert await asyncio.wait_for(listening, PATIENCE_SECONDS) == [ResourceUpdated(uri)]


async def _until_updated(news: Any) -> list[Any]:
    told: list[Any] = []
    async for event in news:
        if event not in told:
            told.append(event)
        if isinstance(event, ResourceUpdated):
            return told
    return told


async def test_a_token_sees_only_the_tools_and_documents_that_it_may(
    server: Server, kb: Knowledge, reader: str, other: Knowledge
) -> None:
    node_id = stored(kb, "Returns", "A quetzal.")
    async with connected(server.url, reader) as assistant:
        assert {tool.name for tool in (await assistant.list_tools()).tools} == READING
        assert "lacks the scope 'knowledge:delete'" in await call(assistant, "delete_node", node_id=node_id)
    async with connected(server.url, other.artifacts.token) as stranger:
        assert "no document with this id" in await call(stranger, "read_document", node_id=node_id)
        assert (await call(stranger, "search_knowledge", query="quetzal"))["results"] == []
    assert kb.there(node_id)


async def test_faults_of_a_call_are_told_in_a_sentence(server: Server, kb: Knowledge) -> None:
    async with connected(server.url, kb.artifacts.token) as assistant:
        assert "query: Field required" in await call(assistant, "search_knowledge")
        assert "start: " in await call(assistant, "read_document", node_id="0" * 24, start=-1)
        assert "There is no tool 'forget'" in await call(assistant, "forget")
        with pytest.raises(MCPError, match="Invalid cursor"):
            await assistant.list_resources(cursor="x")


def test_without_a_valid_token_nothing_is_answered(server: Server) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    for headers in ({}, {"Authorization": "Bearer kbai_pk_" + "0" * 64}):
        answer = bare("POST", f"{server.url}/mcp", json=body, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_each_call_counts_against_the_rate_of_its_token(server: Server) -> None:
    token = server.client(rate="2/hour").token
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"}
    statuses = [bare("POST", f"{server.url}/mcp", json=body, headers=headers).status_code for _ in range(6)]
    assert statuses.count(429) >= 2  # the hour may turn in between


async def test_a_host_that_starts_a_program_uses_the_same_tools(server: Server, kb: Knowledge) -> None:
    node_id = stored(kb, "Returns", "A quetzal.")
    program = StdioServerParameters(
        command=sys.executable,
        args=["-m", "lethe", "mcp"],
        env={**os.environ, "LETHE_URL": server.url, "LETHE_TOKEN": kb.artifacts.token},
    )
    async with McpClient(program, cache=None) as assistant:
        assert {tool.name for tool in (await assistant.list_tools()).tools} > READING
        assert (await call(assistant, "read_document", node_id=node_id))["text"] == "A quetzal."
        async with assistant.listen(resources_list_changed=True) as news:
            assert await call(assistant, "delete_node", node_id=node_id)
            assert await asyncio.wait_for(anext(aiter(news)), PATIENCE_SECONDS) == ResourcesListChanged()
        assert "no document with this id" in await call(assistant, "read_document", node_id=node_id)


async def test_the_program_finds_the_server_on_the_data_directory_and_may_look_only(
    server: Server, kb: Knowledge, tmp_path: Path
) -> None:
    stored(kb, "Returns", "A quetzal.")
    nowhere = {"LETHE_URL": "", "LETHE_TOKEN": "", "XDG_CONFIG_HOME": str(tmp_path)}
    program = StdioServerParameters(
        command=sys.executable,
        args=["-m", "lethe", "mcp", "--company", kb.company],
        env={**os.environ, **nowhere, "LETHE_DATA_DIR": str(server.directory)},
    )
    async with McpClient(program, cache=None) as assistant:
        assert {tool.name for tool in (await assistant.list_tools()).tools} == READING
        assert [item["title"] for item in (await call(assistant, "list_tree"))["items"]] == ["Returns"]


def test_the_program_says_what_is_wrong(server: Server, tmp_path: Path) -> None:
    told = {}
    empty = {"LETHE_DATA_DIR": str(tmp_path), "LETHE_PORT": "9", "XDG_CONFIG_HOME": str(tmp_path)}
    for name, settings in {
        "none": {"LETHE_TOKEN": "", "LETHE_URL": "", **empty},
        "wrong": {"LETHE_TOKEN": "kbai_pk_" + "0" * 64, "LETHE_URL": server.url},
        "nobody": {"LETHE_TOKEN": "kbai_pk_" + "0" * 64, "LETHE_URL": "http://127.0.0.1:9"},
    }.items():
        ran = subprocess.run(
            [sys.executable, "-m", "lethe", "mcp"],
            env={**os.environ, **settings},
            input="", capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (ran.returncode, ran.stdout) == (1, "")
        told[name] = ran.stderr
    assert "set LETHE_URL and LETHE_TOKEN" in told["none"]
    assert "refuses the token" in told["wrong"]
    assert "No server answers" in told["nobody"]
