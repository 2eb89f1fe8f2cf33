"""The console's languages. English is in the templates; others are catalogues (catalogues/*.po), read at first use."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

NAMES = {"en": "English", "es": "Español"}

_FOLDER = Path(__file__).parents[1] / "catalogues"
_KEYWORD = re.compile(r'(msgid|msgid_plural|msgstr(?:\[\d\])?) (".*")')


@dataclass(frozen=True, slots=True)
class Language:
    """A language. `texts` maps English texts to their translations, plurals by the English singular."""

    code: str
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def gettext(self, text: str) -> str:
        """The translation; the English text if there is none."""
        found = self.texts.get(text)
        return found[0] if found else text

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """The translation for this number of things."""
        found = self.texts.get(singular) or (singular, plural)
        return found[0 if count == 1 else -1]


def parse(catalogue: str) -> dict[str, tuple[str, ...]]:
    """The translations in the text of a .po file; those that are missing or fuzzy are left out."""
    texts: dict[str, tuple[str, ...]] = {}
    for entry in catalogue.split("\n\n"):
        if "#, fuzzy" in entry or "\n#~" in entry:
            continue
        parts: dict[str, str] = {}
        keyword = ""
        for line in entry.splitlines():
            if found := _KEYWORD.match(line):
                keyword = found[1]
                parts[keyword] = ast.literal_eval(found[2])
            elif line.startswith('"'):
                parts[keyword] += ast.literal_eval(line)
        forms = tuple(text for keyword, text in parts.items() if keyword.startswith("msgstr"))
        if parts.get("msgid") and all(forms):
            texts[parts["msgid"]] = forms
    return texts


@cache
def language(code: str) -> Language:
    """One of NAMES, with its catalogue."""
    file = _FOLDER / f"{code}.po"
    return Language(code, parse(file.read_text(encoding="utf-8")) if file.exists() else {})


def wished(accept_language: str) -> str:
    """The language of NAMES that fits an Accept-Language header best."""
    wishes: list[tuple[float, str]] = []
    for wish in accept_language.split(",")[:20]:
        name, _, weight = wish.partition(";q=")
        try:
            wishes.append((-float(weight or 1), name.strip().lower()[:2]))
        except ValueError:
            continue
    return next((name for _, name in sorted(wishes, key=lambda w: w[0]) if name in NAMES), "en")
