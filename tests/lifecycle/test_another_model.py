"""A server whose embedding model is not the one of its data, or does not work: it says so and ends."""

from collections.abc import Callable

from tests.server import Server
from tests.services import OpenAIServer


def test_another_model_than_that_of_the_data_finds_no_meaning_and_starts_no_server(
    new_server: Callable[..., Server], embedder: OpenAIServer
) -> None:
    another = {"LETHE_EMBEDDER": embedder.spec.replace("#fake", "#other")}
    server = new_server("another-model").start()
    client = server.client()
    client.ingest("a", "The river carries.")
    api = Api(server.directory, LETHE_DATABASE_URL=server.database(), **another)
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

    done = Server(server.directory, **another).command("serve", "--port", "0", check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "The stored embeddings come from" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("lethe: The worker cannot start")
    assert "restarting" not in done.stderr


class Api(Server):
    """`lethe api` beside a server."""

    part = "api"
