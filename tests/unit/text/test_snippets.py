"""The part of a chunk that is shown, with its words that were asked for."""

import pytest

from lethe.core.search.snippets import CHARACTERS, snippet
from lethe.text import lexemes, words
from lethe.text.lexemes import query_terms


def marked(text: str, query: str, language: str = "en") -> list[str]:
    """What is marked in the snippet."""
    lexemes = frozenset(lexeme for term in query_terms(query, [language]) for lexeme in term.lexemes)
    shown = snippet(text, lexemes, language)
    return [shown.text[start:end] for start, end in shown.highlights]


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("The Donau\u00addampf\u00adschiff left.", "Donaudampfschiff", ["Donau\u00addampf\u00adschiff"]),
        ("The ﬁnance oﬃces.", "finance office", ["ﬁnance", "oﬃces"]),
        ("CO₂, H~2~O, 10⁶ and 10^6^.", "co2 h2o 10^6", ["CO₂", "H~2~O", "10⁶", "10^6"]),
        (
            "An e\u2011mail to the co-operative in Łódź.",
            "email cooperatives lodz",
            ["e\u2011mail", "co-operative", "Łódź"],
        ),
        ("C++, C# or .NET", "C++ c# .net", ["C++", "C#", ".NET"]),
        ("The Who played.", "the who", ["The", "Who"]),
        ("A long-term plan", "term", ["term"]),
        ("cancelacio\u0301n", "cancelación", ["cancelación"]),
    ],
)
def test_words_are_marked_as_they_are_written(text: str, query: str, found: list[str]) -> None:
    assert marked(text, query) == found


def test_words_of_any_language_are_marked_where_it_is_unknown() -> None:
    assert marked("Cancelaciones, bicycles", "cancelación bicycle", "unknown") == [
        "Cancelaciones",
        "bicycles",
    ]
    assert marked("日本語のテキスト 🚀", "テキスト 🚀", "unknown") == ["日本語のテキスト", "🚀"]


def test_a_snippet_is_about_its_words() -> None:
    text = "Nothing of interest here. " * 100 + "The Wolper\u00adtinger sleeps." + " More of nothing." * 100
    shown = snippet(text, frozenset({"wolperting"}), "en")
    assert [shown.text[a:b] for a, b in shown.highlights] == ["Wolper\u00adtinger"]
    assert len(shown.text) <= CHARACTERS + 4


def test_words_of_a_text_are_forgotten() -> None:
    snippet("A quaxolit stands in the river.", frozenset({"river"}), "en")
    assert words._token.cache_info().currsize > 0
    lexemes.forget_words()
    assert [cached.cache_info().currsize for cached in (words._token, lexemes._forms)] == [0, 0]
