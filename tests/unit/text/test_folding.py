"""Characters as they are compared."""

import unicodedata

import pytest
from hypothesis import given

from lethe.text.folding import fold
from tests.unit.text.markdown_texts import texts

SAME = {
    "accents": ("Código CANCELACIO\u0301N Ñandú", "codigo cancelacion nandu"),
    "sharp s": ("Großer FUẞBALL", "grosser fussball"),
    "joined letters": ("cœur ENCYCLOPÆDIA", "coeur encyclopaedia"),
    "slashed letters": ("Łódź KØBENHAVN Đà Þór", "lodz kobenhavn da thor"),
    "Turkish": ("İSTANBUL ısı", "istanbul isi"),
    "ligatures": ("ﬁnance oﬃce ĳs", "finance office ijs"),
    "full width": ("ＡＢＣ１２３", "abc123"),
    "half width": ("ﾃﾞｰﾀ", "データ"),
    "mathematical letters": ("𝐁𝐨𝐥𝐝 ℕ", "bold n"),
    "Roman numerals": ("Ⅳ", "iv"),
    "soft hyphens": ("Donau\u00addampf\u00adschiff Donau\u00ad\nschiff", "donaudampfschiff donauschiff"),
    "joiners": ("foo\u200bbar\u200c\u200d\u2060baz\ufeff", "foobarbaz"),
    "marks of direction": ("\u202aright\u202c\u200f", "right"),
    "hyphens": ("non\u2011stop 2010\u20132015 \u22125", "non-stop 2010-2015 -5"),
    "apostrophes": ("O\u2019Reilly l\u02bcart", "o'reilly l'art"),
    "Greek": ("Σίσυφος ΣΙΣΥΦΟΣ", "σισυφοσ σισυφοσ"),
    "Cyrillic": ("ЁЛКА ёлка", "елка елка"),
    "Arabic": ("مـحـمّد أحمد ﻻ", "محمد احمد لا"),
    "Hebrew": ("שָׁלוֹם", "שלום"),
    "Hangul": ("한국", "한국"),
    "digits": ("٢٠٢٤ २०२४ ❷", "2024 2024 ^2^"),
    "emoji": ("👍🏽 ❤\ufe0f", "👍 ❤"),
    "raised": ("10⁶ m² word① 10⁻⁶", "10^6^ m^2^ word^1^ 10^-6^"),
    "lowered": ("H₂O", "h~2~o"),
    "tags": ("H<sub>2</sub>O 10<SUP>6</SUP>", "h~2~o 10^6^"),
    "trade mark": ("Lethe™", "lethe^tm^"),
    "fractions": ("2½", "2 1/2"),
    "groups of digits": ("10\u202f000 1\u00a0000\u00a0000", "10,000 1,000,000"),
}


@pytest.mark.parametrize("case", SAME)
def test_what_looks_the_same_is_the_same(case: str) -> None:
    written, plain = SAME[case]
    assert fold(written) == plain


@given(texts)
def test_forms_of_unicode_and_case_do_not_matter(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))
    assert fold(fold(text)) == fold(text)


def test_other_scripts_keep_their_letters() -> None:
    assert fold("ДОМ 한국어 हिन्दी が ไทย") == "дом 한국어 हिन्दी が ไทย"
