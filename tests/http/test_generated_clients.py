"""Clients that are generated from the OpenAPI documents, and the examples in these, do what they say."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests.client import Client, bare
from tests.hostile.routes import base
from tests.http.knowledge.knowledge import Knowledge
from tests.server import Server
from tests.waiting import PATIENCE_SECONDS

PDF = Path(__file__).parents[2] / "examples" / "rental-policy.pdf"
APIS = {
    "artifacts": "/v1/artifacts",
    "knowledge": "/v1",
    "primitives": "/v1/primitives",
    "tools": "/v1/tools",
    "dify": "/retrieval",
}
"""Where the document of each door is."""


class Generated:
    """A package made of a door's document, and a client of it."""

    def __init__(self, name: str, package: ModuleType, server: Server, token: str) -> None:
        self._name = name
        self.client = package.AuthenticatedClient(
            base_url=server.url + base(APIS[name]),
            token=token,
            raise_on_unexpected_status=True,
            timeout=httpx.Timeout(PATIENCE_SECONDS),  # its own 5 s are few on a busy machine
        )
        self.models: Any = importlib.import_module(f"{package.__name__}.models")
        self.types: Any = importlib.import_module(f"{package.__name__}.types")

    def call(self, tag: str, operation: str, *args: Any, **more: Any) -> Any:
        """What an operation's method gives back."""
        module = importlib.import_module(f"lethe_{self._name}_client.api.{tag}.{operation}")
        return module.sync(*args, client=self.client, **more)


@contextmanager
def generated(name: str, directory: Path, server: Server, client: Client) -> Iterator[Generated]:
    """Generate a door's client and import it; nothing in the document may be passed over."""
    document, config = directory / "openapi.json", directory / "config.yaml"
    document.write_text(bare("GET", f"{server.url}{APIS[name]}/openapi.json").text)
    config.write_text("post_hooks: []\n")
    package = directory / f"lethe_{name}_client"
    made = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning",
         "--path", document, "--output-path", package, "--config", config],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (made.returncode, "WARNING" in made.stdout) == (0, False), made.stdout + made.stderr
    found = Generated(name, importlib.import_module(package.name), server, client.token)
    with found.client:
        yield found


@pytest.fixture(autouse=True)
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages in the test's directory can be imported."""
    monkeypatch.syspath_prepend(tmp_path)


def test_a_generated_client_of_the_artifacts_api_works(
    tmp_path: Path, server: Server, client: Client
) -> None:
    with generated("artifacts", tmp_path, server, client) as made:
        models = made.models
        text = models.TextInput(type_="text", value="The river carries.")
        stored = made.call("artifacts", "ingest_artifact", body=models.IngestBody(artifact="a", input_=text))
        assert [d.artifact for d in stored.data] == ["a"]
        (form,) = [m for m in dir(models) if m.endswith("FilesBody")]
        file = made.types.File(payload=BytesIO(PDF.read_bytes()), file_name="r.pdf")
        stored = made.call("artifacts", "ingest_artifact", body=getattr(models, form)(file=file))
        assert [d.artifact for d in stored.data] == ["r.pdf"]
        assert [
            d.artifact for d in made.call("content", "list_documents", collection="pgpt_collection").data
        ] == [
            "a",
            "r.pdf",
        ]


def test_a_generated_client_of_the_knowledge_api_works(
    tmp_path: Path, server: Server, client: Client
) -> None:
    with generated("knowledge", tmp_path, server, client) as made:
        models = made.models
        body = models.DocumentBody(title="D", markdown="El pan de centeno.")
        node = made.call("tree", "create_document", body=body)
        Knowledge(client).indexed(node.id)
        found = made.call(
            "search", "search_documents", body=models.SearchBody(query="pan", mode=models.Mode.FULL)
        )
        assert [r.node_id for r in found.results] == [node.id]
        file = made.types.File(payload=BytesIO(PDF.read_bytes()), file_name="r.pdf")
        (form,) = [m for m in dir(models) if m.endswith("Body") and m.startswith("Upload")]
        assert made.call("tree", "upload_document", body=getattr(models, form)(file=file)).title == "r.pdf"
        assert made.call("tree", "change_node", node.id, body=models.ChangeBody(title="E")).title == "E"


def test_a_generated_client_of_the_primitives_works(tmp_path: Path, server: Server, client: Client) -> None:
    client.ingest("a", "The river carries.")
    with generated("primitives", tmp_path, server, client) as made:
        body = made.models.KeywordsSearch(type_="keywords_search", keywords="river")
        assert [c.text for c in made.call("search", "search_chunks", body=body).data] == [
            "The river carries."
        ]


def test_a_generated_client_of_the_tools_works(tmp_path: Path, server: Server, client: Client) -> None:
    client.ingest("a", "The river carries.")
    with generated("tools", tmp_path, server, client) as made:
        found = made.call("embeddings", "create_embeddings", body=made.models.EmbeddingsBody(input_="river"))
        assert [len(one.embedding) for one in found.data] == [
            made.call("models", "list_models").data[0].dimensions
        ]
        body = made.models.SemanticSearchBody(
            query="river", context_filter=made.models.ContextFilterBody(collection="c")
        )
        assert "The river carries." in made.call("tools", "semantic_search", body=body).content[-1]["text"]


def test_a_generated_client_of_difys_api_works(tmp_path: Path, server: Server, client: Client) -> None:
    client.ingest("a", "The river carries.")
    with generated("dify", tmp_path, server, client) as made:
        setting = made.models.RetrievalSetting(top_k=1)
        body = made.models.RetrievalBody(knowledge_id="c", query="river", retrieval_setting=setting)
        (found,) = made.call("retrieval", "retrieve_passages", body=body).records
        assert (found.content, found.metadata["headings"]) == ("The river carries.", [])


@pytest.mark.parametrize("door", APIS.values())
def test_calls_have_telling_names_and_a_tag(server: Server, door: str) -> None:
    document = bare("GET", f"{server.url}{door}/openapi.json").json()
    operations = [o for path in document["paths"].values() for o in path.values()]
    names = [o["operationId"] for o in operations]
    assert len(set(names)) == len(names)
    assert all(name.isalnum() and name[0].islower() for name in names)
    assert all(len(o["tags"]) == 1 for o in operations)
    assert not [s for s in document["components"]["schemas"] if "__" in s]


def test_the_examples_of_bodies_can_be_sent_as_they_are(server: Server, client: Client) -> None:
    kb = Knowledge(client)
    for door in APIS.values():
        document = bare("GET", f"{server.url}{door}/openapi.json").json()
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                content = operation.get("requestBody", {}).get("content", {})
                if "application/json" not in content:
                    continue
                node = kb.document("D")
                if path == "/retrieval":
                    client.ingest("a", "x", collection="policies")
                if path.endswith("/restore"):
                    kb.delete(node)
                if path == "/delete":
                    client.ingest("returns", "x", collection="pgpt_collection")
                body = json.dumps(content["application/json"]["example"])
                answer = client.http.request(
                    method,
                    base(door) + path.replace("{node_id}", node),
                    content=body,
                    headers={"Content-Type": "application/json"},
                )
                missing = path == "/knowledge/assignments"  # only an operator makes an assistant
                assert answer.status_code in ((404,) if missing else range(200, 205)), (path, answer.text)
                if path in ("/delete/async", "/delete/batch"):
                    client.ingest("returns", "x", collection="pgpt_collection")
