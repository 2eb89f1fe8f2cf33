"""The content of a paragraph of a docx: its runs, and the drawings and notes anchored in it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.inline import Run
from lethe.parsers.markdown.left_out import LeftOut
from lethe.parsers.openxml.alternates import ALTERNATES, chosen
from lethe.parsers.openxml.formulas import MATH, formula
from lethe.parsers.openxml.names import R, W, value
from lethe.parsers.openxml.package import Relation
from lethe.parsers.openxml.symbols import symbol, symbols
from lethe.parsers.word.drawings import Anchored, Drawings
from lethe.parsers.word.fields import Fields, address
from lethe.parsers.word.notes import Note, Notes
from lethe.parsers.word.styles import Form, Styles

DELETED = frozenset({W + "del", W + "moveFrom"})
_BREAKS = {
    W + "tab": " ", W + "ptab": " ", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-", W + "softHyphen": "",
}  # fmt: skip
_LINES = re.compile(r"[\t\n\r]")
"""Characters of the XML text that Word shows as a space: tabs and breaks have their own elements."""
_DRAWINGS = frozenset({W + "drawing", W + "pict", W + "object"})
_NOTES = {W + "footnoteReference": "", W + "endnoteReference": "e", W + "commentReference": "c"}
_SILENT = frozenset(
    {W + "rPr", W + "pPr", W + "sdtPr", W + "sdtEndPr", W + "smartTagPr", W + "customXmlPr", W + "delText"}
)


@dataclass(slots=True)
class Words:
    """The content of a paragraph, or of several joined ones."""

    runs: list[Run] = field(default_factory=list)
    anchored: list[Anchored] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    """Notes with their first mark here."""
    hidden: bool = False
    """Whether something here is hidden."""


class RunReader:
    """Reads the runs of one part of a docx, paragraph by paragraph."""

    def __init__(
        self, relations: Mapping[str, Relation], styles: Styles, notes: Notes, left_out: LeftOut
    ) -> None:
        self._relations = relations
        self._styles = styles
        self._left_out = left_out
        self._drawings = Drawings(relations, left_out)
        self._notes = notes
        self._fields = Fields()
        self._words = Words()
        self._form = Form()
        self._apart = False
        """Whether a word that follows must be separated from what was read last."""
        self._gap = False
        """Whether there was a drawing here that is written elsewhere."""
        self._ruby: list[str] = []

    def read(self, content: Iterable[Element], form: Form, into: Words | None = None) -> Words:
        """Reads a paragraph whose style gives its text `form`, and appends it to `into`."""
        self._words, self._form, self._apart, self._gap = into or Words(), form, False, False
        self._inlines(content, None)
        self._end_ruby()
        self._fields.end_paragraph()
        return self._words

    def _inline(self, element: Element, link: str | None) -> None:
        tag = element.tag
        if tag == W + "r":
            self._run(element, self._styles.of_run(element.find(W + "rPr"), self._form), link)
        elif tag in DELETED:
            self._left_out["tracked deletion"] += (
                tag == W + "del" and element.find(f".//{W}delText") is not None
            )
        elif tag == ALTERNATES:
            self._inlines(chosen(element), link)
        elif tag in MATH:
            self._put(formula(element), self._form, link)
        elif tag in _DRAWINGS:
            self._drawing(element, link)
        elif tag not in _SILENT:
            self._inlines(element, self._leads_to(element) or link)

    def _inlines(self, elements: Iterable[Element], link: str | None) -> None:
        for element in elements:
            self._inline(element, link)

    def _leads_to(self, element: Element) -> str | None:
        """The address of a link; None for another element and for a link within the document."""
        if element.tag == W + "hyperlink":
            relation = self._relations.get(element.get(R + "id", ""))
            return relation.target if relation is not None and relation.external else None
        return address(element.get(W + "instr", "")) if element.tag == W + "fldSimple" else None

    def _run(self, run: Element, form: Form, link: str | None) -> None:
        font = value(run.find(W + "rPr"), W + "rFonts", W + "ascii") or ""
        for element in run:
            tag = element.tag
            text = self._text(element, font)
            if text is not None:
                self._put(text, form, link)
            elif tag in _NOTES:
                self._note(_NOTES[tag], element.get(W + "id", ""))
            elif tag == W + "ruby":
                self._read_ruby(element, link)
            elif tag == ALTERNATES:
                self._run_of(chosen(element), run, form, link)
            elif tag in _DRAWINGS and form.hidden:
                self._hide()
            elif tag in _DRAWINGS or tag in MATH or tag == W + "r":
                self._inline(element, link)

    def _text(self, element: Element, font: str) -> str | None:
        """The text of a piece of a run; None if it has no text."""
        tag = element.tag
        if tag == W + "t":
            return symbols(_LINES.sub(" ", element.text or ""), font)
        if tag in _BREAKS:
            return _BREAKS[tag]
        if tag == W + "sym":
            return _symbol(element)
        if tag == W + "fldChar":
            return self._fields.mark(element)
        if tag == W + "instrText":
            self._fields.instruct(element.text or "")
            return ""
        return None

    def _run_of(self, branch: Iterable[Element], run: Element, form: Form, link: str | None) -> None:
        """Reads the content of an alternate as if it were directly in the run."""
        part = Element(W + "r")
        properties = run.find(W + "rPr")
        part.extend(branch if properties is None else [properties, *branch])
        self._run(part, form, link)

    def _put(self, text: str, form: Form, link: str | None) -> None:
        if not text or self._fields.hides:
            return
        if form.hidden:
            if text.strip():
                self._hide()
            return
        if self._ruby:
            self._end_ruby()
        if self._apart and text[0].isalnum():
            text = " " + text
        elif (
            self._gap and text[0] == " " and (not self._words.runs or self._words.runs[-1].text.endswith(" "))
        ):
            text = text[1:]
        self._apart = self._gap = False
        self._words.runs.append(
            Run(
                text.upper() if form.capitals else text,
                bold=bool(form.bold),
                italic=bool(form.italic),
                struck=bool(form.struck),
                raised=bool(form.raised),
                lowered=bool(form.lowered),
                link=link or self._fields.link,
            )
        )

    def _hide(self) -> None:
        self._left_out["piece of hidden text"] += not self._words.hidden
        self._words.hidden = True

    def _note(self, kind: str, key: str) -> None:
        met = None if self._fields.hides else self._notes.met(kind, key)
        if met is None:
            return
        self._end_ruby()
        mark, note = met
        self._words.runs.append(Run(f"[^{mark}]"))
        if note is not None:
            self._words.notes.append(note)

    def _drawing(self, element: Element, link: str | None) -> None:
        """The alternative text of an inline picture stays in the line; floating drawings follow the paragraph, so that
        the sentence stays whole."""
        for anchored in self._drawings.read(element):
            if anchored.kind != "alternative":
                self._words.anchored.append(anchored)
                self._gap = True
                continue
            last = self._words.runs[-1].text if self._words.runs else " "
            self._put(anchored.words if last[-1:].isspace() else " " + anchored.words, Form(), link)
            self._apart = True

    def _read_ruby(self, ruby: Element, link: str | None) -> None:
        """Reads the base text. Readings of adjacent characters follow the last one, so that the word is not split."""
        readings, self._ruby = self._ruby, []
        base = ruby.find(W + "rubyBase")
        self._inlines(() if base is None else base, link)
        reading = "".join(part.text or "" for part in ruby.iterfind(f"{W}rt//{W}t"))
        self._ruby = [*readings, reading]

    def _end_ruby(self) -> None:
        readings, self._ruby = "".join(self._ruby), []
        if readings.strip():
            self._put(f"({readings})", self._form, None)


def _symbol(element: Element) -> str:
    try:
        code = int(element.get(W + "char", ""), 16)
    except ValueError:
        return ""
    return symbol(element.get(W + "font", ""), code)


def is_continued(properties: Element | None) -> bool:
    """Whether the next paragraph continues this one: its end is deleted or moved away, or it is a drop cap."""
    if value(properties, W + "framePr", W + "dropCap") in ("drop", "margin"):
        return True
    mark = None if properties is None else properties.find(W + "rPr")
    return mark is not None and any(element.tag in DELETED for element in mark)
