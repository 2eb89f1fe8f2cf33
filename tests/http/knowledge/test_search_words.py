"""What is found by which words, and what the scores say: short texts, other spellings, function words, emoji."""

from collections.abc import Iterator

import pytest

from tests.client import Client
from tests.http.knowledge.test_search import primitives, search, titles
from tests.server import Server

ENGLISH = {
    "car": "Our rental car is returned with a full tank and the insurance covers damage to the windscreen of it.",
    "sea": "The sea was rough in the morning and the boat stayed in the harbour until the wind had gone down.",
    "war": "The war ended in that year and the treaty was signed by all of the parties in the old town hall.",
    "hat": "The man with the hat was the son of a baker, and he would come to us with a todo list on each day.",
    "band": "The Who played in the hall. The Who, who were loud, played until the lights had gone out for good.",
    "theft": "The insurance covers theft when the lock of the owner was used and the police was told of it.",
}
SHORT = {
    "refunds": "Cancellations and refunds",
    "reembolsos": "Cancelaciones y reembolsos",
    "bicycles": "Bicycles",
    "shy": "The Donau\u00addampf\u00adschiff in Łódź.",
    "ligatures": "The ﬁnance oﬃce",
    "wide": "Model ＡＢＣ１２３",
    "chemistry": "CO₂ and H~2~O in bottles",
    "power": "About 10⁶ bottles",
    "number": "About 106 crates",
    "sharp": "Großer Fußball",
    "heart": "Le cœur du bœuf",
    "languages": "C++, C#, F#, .NET and Node.js courses",
    "firms": "AT&T, R&D, O’Reilly",
    "mail": "The e-mail of the co-operative",
    "parts": "Part AB-1234/5 costs 10,000 or 3.5",
    "address": "https://www.example.com/price-list or me@example.org on 2024-01-15",
    "bold": "**B**lackbird",
    "rocket": "🚀🚀🚀",
    "letter": "x",
}


def library(server: Server, texts: dict[str, str]) -> Client:
    """A client of a new company that has these texts."""
    client = server.client()
    for name, text in texts.items():
        assert client.ingest(name, text).status_code == 200
    return client


@pytest.fixture(scope="module")
def english(server: Server) -> tuple[str, str]:
    """Token and name of a company that has the English texts."""
    client = library(server, ENGLISH)
    return client.token, client.company


@pytest.fixture(scope="module")
def short(server: Server) -> tuple[str, str]:
    """Token and name of a company that has the short texts."""
    client = library(server, SHORT)
    return client.token, client.company


@pytest.fixture(autouse=True)
def _closed(server: Server) -> Iterator[None]:
    yield
    server.close_clients()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("car", "car"),
        ("car insurance", "car"),
        ("sea", "sea"),
        ("the sea", "sea"),
        ("war", "war"),
        ("hat", "hat"),
        ("son", "hat"),
        ("todo", "hat"),
        ("man come", "hat"),
        ("the who", "band"),
    ],
)
def test_a_function_word_of_another_language_is_a_word(
    server: Server, english: tuple[str, str], query: str, found: str
) -> None:
    client = server.client_of(*english)
    assert titles(client, query)[0] == found
    assert titles(client, query, "hybrid")[0] == found


def test_words_are_told_from_function_words_where_several_languages_are(server: Server) -> None:
    client = library(server, ENGLISH)
    client.ingest(
        "français",
        "Le vendeur ne vient pas, car il est malade, et nous avons fermé le magasin pour la journée.",
    )
    client.ingest(
        "español", "Todo lo que sea de la casa se queda en la casa, y no se lleva nada de lo que hay en ella."
    )
    for query, found in {
        "car insurance": "car",
        "sea": "sea",
        "la casa": "español",
        "the sea": "sea",
    }.items():
        assert titles(client, query)[0] == found, query
    assert titles(client, "de la casa") == ["español"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cancellation", "refunds"),
        ("refund", "refunds"),
        ("cancelación", "reembolsos"),
        ("reembolso", "reembolsos"),
        ("bicycle", "bicycles"),
        ("Donaudampfschiff", "shy"),
        ("lodz", "shy"),
        ("finance", "ligatures"),
        ("offices", "ligatures"),
        ("abc123", "wide"),
        ("CO2", "chemistry"),
        ("CO₂", "chemistry"),
        ("H2O", "chemistry"),
        ("10^6", "power"),
        ("10⁶", "power"),
        ("106", "number"),
        ("fussball", "sharp"),
        ("FUẞBALL", "sharp"),
        ("coeur", "heart"),
        ("C++", "languages"),
        ("c#", "languages"),
        (".NET", "languages"),
        ("nodejs", "languages"),
        ("AT&T", "firms"),
        ("R&D", "firms"),
        ("O'Reilly", "firms"),
        ("oreilly", "firms"),
        ("email", "mail"),
        ("e-mails", "mail"),
        ("cooperative", "mail"),
        ("AB-1234/5", "parts"),
        ("ab1234", "parts"),
        ("10000", "parts"),
        ("3,5", "parts"),
        ("example.com", "address"),
        ("me@example.org", "address"),
        ("2024-01-15", "address"),
        ("blackbirds", "bold"),
        ("🚀", "rocket"),
        ("x", "letter"),
    ],
)
def test_a_short_text_is_found_in_every_spelling(
    server: Server, short: tuple[str, str], query: str, found: str
) -> None:
    client = server.client_of(*short)
    first = search(client, query)[0]
    assert first["title"] == found
    assert first["highlights"]
    if query == "106":
        assert titles(client, query) == ["number"]


@pytest.mark.parametrize("query", ["email", "cooperative", "nodejs", "lodz"])
def test_a_text_that_says_nothing_is_found_by_its_signs_only(server: Server, query: str) -> None:
    client = library(server, {**ENGLISH, "rocket": SHORT["rocket"], "letter": SHORT["letter"]})
    assert set(titles(client, query, "hybrid", top_k=25)) == set(ENGLISH)
    assert titles(client, "🚀", "hybrid")[0] == "rocket"


def test_a_score_says_whether_anything_fits(server: Server, english: tuple[str, str]) -> None:
    client = server.client_of(*english)
    assert search(client, "rental car insurance", "hybrid")[0]["score"] > 0.4
    assert all(hit["score"] < 0.2 for hit in search(client, "xqzzy flurb", "hybrid", top_k=25))
    found = {
        text: primitives(client, type="hybrid_search", text=text, score_threshold=0.3)
        for text in ("xqzzy flurb", "rental car insurance")
    }
    assert not found["xqzzy flurb"]
    assert found["rental car insurance"][0]["document"]["artifact"] == "car"


def test_a_hybrid_score_is_the_weighed_sum_of_the_two(server: Server, english: tuple[str, str]) -> None:
    client = server.client_of(*english)
    by_meaning = {hit["title"]: hit["score"] for hit in search(client, "windscreen", "vector", top_k=25)}
    for hit in search(client, "windscreen", "hybrid", top_k=25):
        by_words = hit["score"] - 0.6 * max(by_meaning[hit["title"]], 0)
        if hit["title"] == "car":
            assert 0.1 < by_words < 0.4
        else:
            assert by_words == pytest.approx(0, abs=1e-6)
