"""Words as they are indexed and searched."""

import time

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lethe.core.languages import STOP_WORDS
from lethe.core.lexemes import MAX_QUERY_TERMS, Lexemes, analyse, query_terms
from lethe.store.embedded import EmbeddedPostgres
from tests.unit.text.markdown_texts import texts

languages = st.sampled_from([*STOP_WORDS, "simple"])


def lexemes(text: str, language: str = "simple") -> set[str]:
    return {entry.split("'")[1] for entry in analyse(text, language).tsvector.split()}


def terms(query: str, *languages: str) -> set[str]:
    return {lexeme for term in query_terms(query, languages) for lexeme in term}


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


def test_function_words_are_dropped_but_keep_their_position() -> None:
    assert analyse("the cancellation of policies", "en") == Lexemes(2, "'cancel':2 'polici':4")


def test_words_of_other_languages_are_kept_as_they_are() -> None:
    assert analyse("The CANCELLATIONS", "simple") == Lexemes(2, "'the':1 'cancellations':2")


@pytest.mark.parametrize(
    "identifier", ["ZX-4417", "foo_bar.baz", "v1.2.3", "ISO-27001", "me@example.com", "A__B"]
)
def test_an_identifier_is_its_words_and_itself(identifier: str) -> None:
    assert identifier.lower() in lexemes(f"See ({identifier}), please.", "en")
    assert (identifier.lower(),) in query_terms(f"what is {identifier}?", ["en", "es"])


def test_identifiers_do_not_count_in_the_length() -> None:
    assert analyse("ZX-4417", "en") == Lexemes(2, "'zx-4417':1 'zx':1 '4417':2")


@pytest.mark.parametrize("text", ["well-known", "end. Next", "__init__", "a - b", "...", "x-"])
def test_ordinary_punctuation_makes_no_identifier(text: str) -> None:
    assert all(lexeme.isalnum() for lexeme in lexemes(text))


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


def test_marks_do_not_break_a_word() -> None:
    assert lexemes("हिन्दी") == {"हिन्दी"}


def test_a_query_term_has_the_lexemes_of_each_language() -> None:
    assert query_terms("la cancelación", ["es", "en"]) == [("la",), ("cancel", "cancelacion")]
    assert query_terms("the", ["en"]) == []


def test_a_query_is_bounded_and_has_no_repetition() -> None:
    assert len(query_terms(" ".join(map(str, range(1000))), ["es"])) == MAX_QUERY_TERMS
    assert query_terms("Código codigo CÓDIGOS", ["es"]) == [("codig",)]


@given(texts, languages)
@settings(deadline=None)
def test_what_is_in_a_text_is_found_with_the_text_as_query(text: str, language: str) -> None:
    assert terms(text[:80], language) <= lexemes(text[:80], language)


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
    assert time.process_time() - begin < 3
