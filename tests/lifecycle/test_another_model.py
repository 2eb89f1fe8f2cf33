"""A server whose embedding model is not the one of its data, or does not work: it says so and ends."""

from collections.abc import Callable

from tests.server import Server
from tests.services import OpenAIServer


def test_a_server_with_another_model_than_its_data_ends_with_the_reason(
    new_server: Callable[..., Server], embedder: OpenAIServer
) -> None:
    with_its_own = new_server("another-model").start()
    with_its_own.stop()
    other = Server(with_its_own.directory, LETHE_EMBEDDER=embedder.spec.replace("#fake", "#other"))
    done = other.command("serve", "--port", "0", check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "The stored embeddings come from" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("lethe: The worker cannot start")
    assert "restarting" not in done.stderr


def test_a_search_by_meaning_without_a_model_is_a_503_that_says_it(
    new_server: Callable[..., Server], embedder: OpenAIServer
) -> None:
    server = new_server("model-changed").start()
    client = server.client()
    client.ingest("a", "The river carries.")
    database = server.database()
    api = Api(
        server.directory, LETHE_DATABASE_URL=database, LETHE_EMBEDDER=embedder.spec.replace("#fake", "#other")
    )
    try:
        api.first_token = "made before"
        api.start()
        other = api.client_of(client.token, client.company)
        body = {"query": "river", "mode": "vector"}
        answer = other.http.post("/v1/knowledge/search", json=body)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert "embedding model of this server cannot be used" in answer.json()["message"]
        assert other.http.post("/v1/knowledge/search", json={**body, "mode": "full"}).status_code == 200
    finally:
        api.stop()
        server.stop()


class Api(Server):
    """`lethe api` beside a server."""

    part = "api"
