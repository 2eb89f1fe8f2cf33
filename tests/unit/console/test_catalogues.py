"""Every text of the console is in every catalogue, and nothing else is."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract
from jinja2.ext import babel_extract

import lethe.console
from lethe.console.frame.languages import NAMES, language, wished

CONSOLE = Path(lethe.console.__file__).parent
KEYWORDS = {"_": None, "say": None, "gettext": None, "ngettext": (1, 2)}
SPACING = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"}
OTHERS = [code for code in NAMES if code != "en"]


def texts() -> dict[str, tuple[str, ...]]:
    """The English texts in templates and modules, by the first form of each."""
    found = []
    for file in (CONSOLE / "templates").rglob("*.html"):
        with file.open("rb") as source:
            found += [text for _, _, text, _ in babel_extract(source, tuple(KEYWORDS), [], SPACING)]
    for file in CONSOLE.rglob("*.py"):
        with file.open("rb") as source:
            found += [text for _, text, _, _ in extract("python", source, KEYWORDS)]
    forms = [tuple(f for f in (t if isinstance(t, tuple) else (t,)) if f) for t in found]
    return {form[0]: form for form in forms if form}


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_is_translated_and_no_translation_is_left_over(code: str) -> None:
    assert texts().keys() == language(code).texts.keys()


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_forms_and_the_gaps_of_its_text(code: str) -> None:
    for text, forms in texts().items():
        made = language(code).texts[text]
        assert len(made) == len(forms), text
        for form in made:
            assert gaps(form) <= gaps("".join(forms)), text
        assert gaps(made[-1]) == gaps(forms[-1]), text


def gaps(text: str) -> set[str]:
    """The names of what is put into a text."""
    return set(re.findall(r"%\((\w+)\)", text))


def test_the_browsers_first_wish_that_can_be_met_is() -> None:
    assert wished("de-CH, es;q=0.8, en;q=0.7") == "es"
    assert wished("en;q=0.1, es-AR;q=0.2") == "es"
    assert wished("de") == wished("") == wished(";q=x,,") == "en"
