"""Words of a text and the compounds that they make."""

import pytest

from lethe.text.words import tokens

WHOLES = {
    "e-mail": ["email"],
    "Node.js": ["nodejs"],
    "C++": ["c++"],
    "C++17": ["c++"],
    "C#,": ["c#"],
    ".NET": [".net"],
    "ASP.NET": ["aspnet"],
    "R&D": ["rd"],
    "I+D+i": ["idi"],
    "O’Reilly": ["oreilly"],
    "ZX-4417": ["zx4417"],
    "AB-1234/5": ["ab1234-5", "ab1234"],
    "foo_bar.baz": ["foobarbaz"],
    "v1.2.3": ["v1.2.3"],
    "3,5": ["3.5"],
    "10,000": ["10.000", "10000"],
    "1.234,56": ["1.234.56", "1234.56", "1234"],
    "98,765.40": ["98.765.40", "98765.40", "98765"],
    "1 234 567": ["1.234.567", "1234567"],
    "12 345,60": ["12.345.60", "12345.60", "12345"],
    "2024 100": [],
    "12 34 5678": [],
    "2024-01-15": ["2024-01-15", "20240115"],
    "10-12": ["10-12"],
    "10:30": ["10-30"],
    "10⁶": ["10^6"],
    "10^6^": ["10^6"],
    "10⁻⁶": ["10^-6"],
    "m²": ["m2"],
    "H~2~O": ["h2o"],
    "word¹": ["word1"],
    "**B**icycle": ["bicycle"],
    "un*believ*able": ["unbelievable"],
    "cancel-\n  lation": ["cancellation"],
    "me@example.com": ["meexamplecom", "examplecom"],
    "word": [],
    "__init__": [],
    "日本-東京": [],
    "a - b": [],
    "end. Next": [],
}


@pytest.mark.parametrize("text", WHOLES)
def test_a_compound_has_a_name_as_a_whole(text: str) -> None:
    assert [whole for token in tokens(f"({text})") for whole in token.wholes] == WHOLES[text]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The 2 words.", ["the", "2", "words"]),
        ("ZX-4417/b", ["zx", "4417", "b"]),
        ("🚀🚀 launch", ["🚀", "🚀", "launch"]),
        ("日本語", ["日本", "本語"]),
        ("हिन्दी", ["हिन्दी"]),
        ("│ ── ■ •", []),
    ],
)
def test_words_come_in_order(text: str, words: list[str]) -> None:
    assert [word for token in tokens(text) for word in token.words] == words
