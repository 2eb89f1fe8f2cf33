"""Sentences of the core are recognised with their values, and each that the console knows still exists."""

import ast
import re
from pathlib import Path

import pytest

import lethe
from lethe.console.frame import vocabulary
from lethe.console.frame.languages import language
from lethe.console.frame.sentences import SENTENCES, said
from lethe.domain.errors import InputRejected, RateLimited
from lethe.domain.file_types import named_type

LAYERS = (
    "core",
    "adapters",
    "parsers",
    "domain",
    "store",
    "workers",
    "console/pages",
    "console/frame/visit.py",
    "console/frame/forms.py",
    "console/frame/conditions.py",
    "console/app.py",
)
COMPOSED = (
    "has the unsupported type",
    "1 byte of the text could",
    "%(num)s bytes of the text",
    "damaged parts",
    "pieces of hidden text",
    "Too many searches are",
    "The token's name",
    "%(what)s To restore it",
    "%(num)s of %(most)s documents",
)
"""Beginnings of those whose words come together only when they are said."""


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("'a.md' is empty.", "«a.md» está vacío."),
        (
            "'a.md' has 1,000 bytes, over the limit of 900.",
            "«a.md» tiene 1.000 bytes y supera el límite de 900.",
        ),
        (
            "'a.pdf' is damaged: the PDF has no pages.",
            "«a.pdf» está dañado: el PDF no tiene páginas.",
        ),
        (
            "Pages 2, 3 and 9 have no readable text: text recognition (OCR) is not available.",
            "Las páginas 2, 3 y 9 tienen texto que no se puede leer: no hay reconocimiento de texto (OCR).",
        ),
        ("2 hidden sheets are left out: 'A', 'B'.", "Se omiten 2 hojas ocultas: 'A', 'B'."),
        ("'a.pdf' is something new.", "'a.pdf' is something new."),
        ("%(num)s 100% of it", "%(num)s 100% of it"),
    ],
)
def test_a_sentence_is_said_in_spanish_with_its_values_or_left_whole(english: str, spanish: str) -> None:
    assert said(language("es"), english) == spanish
    assert said(language("en"), english) == english


@pytest.mark.parametrize("name", ["a.png", "a.zip", "a.xlsb", "a.exe"])
def test_a_file_type_that_is_not_read_is_explained_in_spanish(name: str) -> None:
    with pytest.raises(InputRejected) as refused:
        named_type(name)
    assert said(language("es"), str(refused.value)).startswith(f"«{name}» es ")


def test_a_rate_limit_is_explained_in_spanish() -> None:
    assert (
        said(language("es"), str(RateLimited(7)))
        == "Demasiadas solicitudes: inténtelo de nuevo dentro de 7 s."
    )


def test_each_known_sentence_is_one_that_lethe_says() -> None:
    spoken = "\n".join(words())
    parts = {
        text: re.split(r"%\(\w+\)s|[:;(),.']", text) for text in SENTENCES if not text.startswith(COMPOSED)
    }
    unknown = [text for text, fixed in parts.items() if not all(part.strip() in spoken for part in fixed)]
    unknown += [text for text in (*vocabulary.SENTENCES, *vocabulary.EXCEPTIONS) if text not in spoken]
    assert not unknown


def words() -> list[str]:
    """All fixed words of the sources' texts."""
    root = Path(lethe.__file__).parent
    files = [
        file
        for layer in LAYERS
        for file in ([root / layer] if layer.endswith(".py") else (root / layer).rglob("*.py"))
    ]
    return [
        node.value
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
