"""Words as they are indexed and searched."""

import time
import unicodedata
from collections.abc import Callable

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lethe.store.postgres.embedded import EmbeddedPostgres
from lethe.text.languages import LANGUAGES
from lethe.text.lexemes import MAX_QUERY_TERMS, SOFT, Lexemes, analyse, lexemes_of, query_lexemes, query_terms
from tests.unit.text.markdown_texts import texts

languages = st.sampled_from(LANGUAGES)


def lexemes(text: str, language: str = "simple") -> set[str]:
    return {entry.split("'")[1] for entry in analyse(text, language).tsvector.split()}


def terms(query: str, *languages: str) -> set[str]:
    return {lexeme for term in query_terms(query, languages) for lexeme in term.lexemes}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", "cancelación cancelaciones CANCELACION"),
        ("es", "código codigo Códigos"),
        ("es", "niño niños nino"),
        ("en", "cancellation cancellations"),
        ("en", "policy policies"),
        ("pt", "cancelação cancelações cancelacao cancelacoes"),
        ("pt", "nação nações nacoes"),
        ("pt", "razão razões razao"),
        ("fr", "évaluation evaluations ÉVALUATION"),
        ("fr", "privé privée privés privées privees"),
        ("fr", "année années annee"),
        ("de", "Haus Häuser Hauses"),
        ("de", "Kündigung Kündigungen kundigung"),
        ("de", "Straße Strasse STRASSE"),
        ("it", "cancellazione cancellazioni"),
        ("it", "città citta"),
    ],
)
def test_forms_of_a_word_share_a_lexeme_with_and_without_accents(language: str, words: str) -> None:
    assert len(lexemes(words, language)) == 1
    assert lexemes(words, language) == terms(words, language)


def test_function_words_are_marked_and_do_not_count_in_the_length() -> None:
    assert analyse("the cancellation of policies", "en") == Lexemes(
        2, "'=the':1 'cancel':2 '=of':3 'polici':4"
    )


def test_words_of_other_languages_are_kept_as_they_are() -> None:
    assert analyse("The CANCELLATIONS", "simple") == Lexemes(2, "'the':1 'cancellations':2")


def test_a_text_of_unknown_language_has_the_stems_of_all() -> None:
    assert analyse("Policies: 42", "unknown") == Lexemes(2, "'~polici':1 '~polic':1 '~policies':1 '42':2")


@pytest.mark.parametrize("text", ["🚀🚀🚀", "x", "OK", "12 34", "C#"])
def test_a_text_that_says_next_to_nothing_has_no_length(text: str) -> None:
    assert analyse(text, "unknown").length == 0
    assert analyse(text, "unknown").tsvector


@pytest.mark.parametrize(
    ("identifier", "whole"),
    [
        ("ZX-4417", "zx4417"),
        ("foo_bar.baz", "foobarbaz"),
        ("v1.2.3", "v1.2.3"),
        ("ISO-27001", "iso27001"),
        ("A__B", "ab"),
    ],
)
def test_an_identifier_is_its_words_and_a_whole(identifier: str, whole: str) -> None:
    assert whole in lexemes(f"See ({identifier}), please.", "en")
    terms = query_terms(f"what is {identifier}?", ["en", "es"])
    assert (whole,) in [term.lexemes for term in terms]


def test_wholes_do_not_count_in_the_length() -> None:
    assert analyse("ZX-4417", "en") == Lexemes(0, "'zx4417':1 'zx':1 '4417':2")
    assert analyse("e-mails sent", "en") == Lexemes(3, "'email':1 'e':1 'mail':2 'sent':3")


def test_an_article_before_an_apostrophe_makes_no_whole() -> None:
    assert lexemes("l'avion", "fr") == {"=l", "avion"}
    assert "oreilli" in lexemes("O'Reilly", "en")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("日本語のテキスト", "日本"),
        ("日本語のテキスト", "テキスト"),
        ("ภาษาไทย", "ไทย"),
        ("v2の設定", "設定"),
    ],
)
def test_text_without_spaces_is_found_by_a_part_of_it(text: str, query: str) -> None:
    assert terms(query, "simple") <= lexemes(text)


def test_a_query_term_has_the_lexemes_of_each_language() -> None:
    assert query_terms("cancelación", ["es", "en"]) == [(("cancel", "cancelacion"), 1.0)]
    assert query_terms("cancelación", ["en"], ["en", "es"]) == [(("cancelacion", "cancel"), 1.0)]
    assert query_terms("policy", ["en", "unknown"]) == [(("polici", "~policy", "~polici"), 1.0)]


def test_a_function_word_of_all_that_is_searched_is_left_out() -> None:
    assert query_terms("the policy", ["en", "simple"]) == [(("polici", "policy"), 1.0)]


def test_a_function_word_of_another_language_that_is_spoken_weighs_little() -> None:
    assert query_terms("car insurance", ["en"], ["en"]) == [(("car",), 1.0), (("insur",), 1.0)]
    assert query_terms("car insurance", ["en"], ["en", "es"])[0] == (("car",), 1.0)
    assert query_terms("car insurance", ["en"], ["en", "fr"])[0] == (("car",), SOFT)
    assert query_terms("car insurance", ["en", "fr"])[0] == (("car",), SOFT)


def test_a_query_of_function_words_alone_is_looked_for_as_it_is() -> None:
    assert query_terms("the who", ["en"]) == [(("=the",), 1.0), (("=who",), 1.0)]
    assert query_terms("car", ["en", "fr"]) == [(("car",), 1.0), (("=car",), 0.5)]


def test_a_query_is_bounded_and_has_no_repetition() -> None:
    assert len(query_terms(" ".join(map(str, range(1000))), ["es"])) == MAX_QUERY_TERMS
    assert query_terms("Código codigo CÓDIGOS", ["es"]) == [(("codig",), 1.0)]


@given(texts, languages, st.sets(languages))
@settings(deadline=None)
def test_what_is_in_a_text_is_found_with_the_text_as_query(text: str, language: str, more: set[str]) -> None:
    there = lexemes(text[:80], language)
    assert there == lexemes_of(text[:80], language)
    asked = query_terms(text[:80], [language, *more])
    assert bool(asked) == bool(there) or len(asked) == MAX_QUERY_TERMS
    for term in query_terms(text[:80], [language]):
        assert there.intersection(term.lexemes)
        assert query_lexemes(text[:80]).issuperset(term.lexemes)


SPELLINGS = [
    str,
    str.upper,
    lambda word: unicodedata.normalize("NFD", word),
    "\u00ad".join,
    "\u200b".join,
    lambda word: f"**{word[:2]}**{word[2:]}",
    lambda word: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word),
    lambda word: "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c)),
    lambda word: f"{word[:2]}-{word[2:]}",
]


@given(
    st.sampled_from(
        ["cancelación", "bicycles", "straße", "cœur", "Łódź", "niño", "ABC123", "Ñandúes", "finance"]
    ),
    st.sampled_from(SPELLINGS),
    st.sampled_from(SPELLINGS),
    languages,
)
def test_a_word_is_found_however_it_is_written(
    word: str, written: Callable[[str], str], asked: Callable[[str], str], language: str
) -> None:
    there = lexemes(f"Before {written(word)}, after.", language)
    assert any(there.intersection(term.lexemes) for term in query_terms(asked(word), [language]))


def test_a_power_is_not_the_number_without_it() -> None:
    for power in ("10⁶", "10^6", "10^6^", "10<sup>6</sup>"):
        assert "10^6" in lexemes(power)
        assert "106" not in lexemes(power)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("98765", "Total 98.765,40 EUR"),
        ("98765", "98,765.40"),
        ("1234567", "1 234 567 ships"),
        ("1,234,567", "1 234 567"),
        ("1 234 567", "1.234.567"),
        ("12 345", "12345"),
    ],
)
def test_a_number_is_found_however_its_digits_are_grouped(query: str, text: str) -> None:
    assert terms(query, "en") & lexemes(text, "en") - {"1", "12", "234", "345", "567"}


def test_what_postgresql_reads_is_what_was_written(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.conninfo, autocommit=True) as connection:

        @given(st.lists(texts, min_size=1, max_size=10), languages)
        @settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
        def check(some: list[str], language: str) -> None:
            for text in some:
                written = analyse(text, language).tsvector
                row = connection.execute(
                    "SELECT (SELECT array_agg(lexeme) FROM unnest(v)), length(v) FROM (SELECT %s::tsvector v) x",
                    (written,),
                ).fetchone()
                assert row is not None
                assert set(row[0] or ()) == lexemes(text, language)

        check()
        big = "".join(f"w{i:x}日本é{i} z " for i in range(120_000))
        for text in (big, "a" * 1_000_000, "日" * 300_000, "x1.y2 " * 50_000, "one " * 40_000):
            connection.execute("SELECT %s::tsvector", (analyse(text, "en").tsvector,))


@pytest.mark.parametrize("unit", ["a", "a-", "_", "a__", "日", "a\u0e31", ".", "a.b ", "\u0301", "'\\ "])
def test_long_runs_are_analysed_in_bounded_time(unit: str) -> None:
    begin = time.process_time()
    analyse(unit * (300_000 // len(unit)), "en")
    query_terms(unit * (30_000 // len(unit)), ["en", "es"])
    assert time.process_time() - begin < 30
