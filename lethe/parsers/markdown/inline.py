"""Runs of formatted text to inline markdown, in which no text is lost and none becomes markup.

Text stays as it was written wherever markdown allows it: what is stored is what is searched and shown.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from lethe.parsers.text import clean

_TAG = re.compile(
    r"""<(?=/?[a-zA-Z][a-zA-Z0-9-]*+(?:\s++[a-zA-Z_:][\w.:-]*+(?:\s*+=\s*+(?:"[^"]{0,1000}+"|'[^']{0,1000}+'|"""
    r"""[^\s"'=<>`]++))?+){0,100}+\s*+/?>|!--|\?|![a-zA-Z][^<>]{0,1000}+>|!\[CDATA\[)"""
)
"""What markdown takes for a tag (CommonMark 0.31, 6.6); `x<y && y>1` is not one."""
_ORDINALS = frozenset({"st", "nd", "rd", "th", "er", "ère", "re", "ème", "º", "ª"})
"""Raised letters that belong to the number before them: `1st` stays one word."""
_URL_UNSAFE = re.compile(r"[\s<>()\\]")
_ADDRESS = re.compile(r"(?:https?|ftp|mailto|tel):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Run:
    """A run of text in one format. `link` is the address that it leads to."""

    text: str
    bold: bool = False
    italic: bool = False
    struck: bool = False
    raised: bool = False
    lowered: bool = False
    link: str | None = None


_form = attrgetter("bold", "italic", "struck", "raised", "lowered", "link")
_PLAIN = (False, False, False, False, False, None)


def literal(text: str) -> str:
    """`text` escaped so that markdown shows it literally: without control characters, HTML tags or links of its own."""
    text = _TAG.sub(r"\\<", clean(text))
    return text.replace("](", r"]\(") if "](" in text else text


def inline(runs: Iterable[Run]) -> str:
    """The runs as one line or several of inline markdown: `**bold**`, `*italic*`, `~~struck~~`, `^raised^`,
    `~lowered~`, `[text](address)`.

    Adjacent runs of one format are joined first. Marks that would split a word are left out, since search would no
    longer find the word; digits and signs are still marked, as 10^6^ is not 106.
    """
    merged = [
        Run(clean("".join([run.text for run in group])), *form)
        for form, group in groupby((run for run in runs if run.text), key=_form)
    ]
    pieces: list[str] = []
    for index, run in enumerate(merged):
        before = merged[index - 1].text[-1:] if index else ""
        after = merged[index + 1].text[:1] if index + 1 < len(merged) else ""
        pieces.append(_marked(run, before, after))
    return "".join(pieces)


def _marked(run: Run, before: str, after: str) -> str:
    core = run.text.strip()
    if not core:
        return run.text
    if _form(run) == _PLAIN:
        return literal(run.text)
    start = run.text.index(core)
    lead, trail = run.text[:start], run.text[start + len(core) :]
    parts_word = (not lead and _is_word(before) and _is_word(core[0])) or (
        not trail and _is_word(after) and _is_word(core[-1])
    )
    text = literal(core)
    if "\n" not in core:
        text = _index_marks(run, text, before)
        if run.struck:
            text = f"~~{text}~~"
        if not parts_word:
            stars = "**" * run.bold + "*" * run.italic
            text = f"{stars}{text}{stars}" if "*" not in text else text
        if run.link and _leads_elsewhere(run.link, core):
            text = f"[{text}]({_URL_UNSAFE.sub(_percent, run.link)})"
    return lead + text + trail


def _index_marks(run: Run, text: str, before: str) -> str:
    if run.raised and not (before.isdigit() and text.lower() in _ORDINALS):
        return f"^{text}^"
    return f"~{text}~" if run.lowered else text


def _leads_elsewhere(link: str, text: str) -> bool:
    """Whether the address adds anything: it is a real address and differs from the text."""
    return bool(_ADDRESS.match(link)) and link.removeprefix("mailto:").rstrip("/") != text.rstrip("/")


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def like(form: Run, text: str) -> Run:
    """`text` in the format of another run."""
    return Run(text, form.bold, form.italic, form.struck, form.raised, form.lowered, form.link)
