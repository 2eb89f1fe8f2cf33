"""The detection of a text's language."""

import pytest

from lethe.text.folding import fold
from lethe.text.languages import SIMPLE, UNKNOWN, detect

SENTENCES = {
    "es": "El consejo ha decidido que la nueva norma entre en vigor el mes que viene y que se avise a todos.",
    "en": "The board has decided that the new rule will start next month and that all staff must be told.",
    "pt": "O conselho decidiu que a nova norma entrará em vigor no próximo mês e que todos serão avisados.",
    "fr": "Le conseil a décidé que la nouvelle règle entrera en vigueur le mois prochain pour tous les salariés.",
    "de": "Der Vorstand hat beschlossen, dass die neue Regel ab dem nächsten Monat gilt und für alle gelten soll.",
    "it": "Il consiglio ha deciso che la nuova norma entrerà in vigore il mese prossimo e che vale per tutti.",
}
OTHERS = {
    "Dutch": "De raad heeft besloten dat de nieuwe regel vanaf volgende maand geldt en dat iedereen het moet weten.",
    "Catalan": "El consell ha decidit que la nova norma entri en vigor el mes vinent i que tots els treballadors han "
    "de ser informats per les seves empreses.",
    "Romanian": "Consiliul a decis ca noua regulă să intre în vigoare luna viitoare și ca toți să fie informați.",
    "Swedish": "Styrelsen har beslutat att den nya regeln ska gälla från nästa månad och att alla ska få veta det.",
    "Polish": "Rada postanowiła, że nowe przepisy wejdą w życie w przyszłym miesiącu i że wszyscy się dowiedzą.",
    "Russian": "Совет решил, что новые правила вступят в силу в следующем месяце, и все узнают об этом.",
    "Japanese": "取締役会は来月から新しい方針を施行することを決定しました。",
    "Latin": "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore.",
    "numbers": "12 3.5 2024-01-01 | 99 | 45 | " * 50,
}

RELATED = ("Dutch", "Catalan", "Romanian", "Swedish", "Latin")


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_is_enough_to_tell_a_language(language: str) -> None:
    assert detect(SENTENCES[language]) == language


@pytest.mark.parametrize("language", SENTENCES)
def test_case_accents_and_markup_do_not_matter(language: str) -> None:
    text = fold(SENTENCES[language]).upper()
    assert (
        detect(f"# {text}\n\n- **{text}** <https://example.com/a.html>\n\n```\nx = f(y)\n```\n") == language
    )


@pytest.mark.parametrize("name", OTHERS)
def test_other_languages_are_none_of_the_six(name: str) -> None:
    assert detect(OTHERS[name]) == (SIMPLE if name in RELATED else UNKNOWN)


@pytest.mark.parametrize(
    "text", ["", "   ", "Hola", "OK", "ZX-4417", "Cancelaciones y reembolsos", "| Bicycles | 12 |\n" * 100]
)
def test_too_few_function_words_tell_nothing(text: str) -> None:
    assert detect(text) == UNKNOWN


def test_a_foreign_beginning_does_not_decide_for_a_long_text() -> None:
    assert detect((SENTENCES["en"] + "\n") * 15 + (SENTENCES["es"] + "\n") * 10_000) == "es"
