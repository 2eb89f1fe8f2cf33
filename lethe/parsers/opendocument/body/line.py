"""One paragraph: its runs of text, and the boxes that are anchored in it."""

import re
from collections.abc import Callable
from dataclasses import replace
from xml.etree.ElementTree import Element

from lethe.parsers.markdown.inline import Run, inline, like, literal
from lethe.parsers.opendocument.body.controls import field_mark, shown
from lethe.parsers.opendocument.body.drawings import alternative, formula_of, in_line, shows_picture
from lethe.parsers.opendocument.package.document import Document
from lethe.parsers.opendocument.package.elements import number, words
from lethe.parsers.opendocument.package.styles import Styles

_SPACES = re.compile(r"[ \t\r\n]+")
_MOST_SPACES = 80
_SILENT = frozenset({
    "office:event-listeners", "office:forms", "svg:desc", "svg:title", "text:note-citation", "text:number",
    "text:script", "text:tracked-changes",
})  # fmt: skip
_CHARACTERS = {"text:tab": "\t", "text:tab-stop": "\t", "text:line-break": "\n"}
_PLAIN = Run("")


class Line:
    """Reads a paragraph. `boxes` are the boxes anchored in it; `hidden` tells whether a field hides all of it.

    `text_of` reads the blocks of a note.
    """

    def __init__(self, document: Document, styles: Styles, text_of: Callable[[Element], str]) -> None:
        self._document, self._styles, self._text_of = document, styles, text_of
        self._runs: list[tuple[Run, str]] = []
        self._after_space = True
        self.boxes: list[Element] = []
        self.hidden = False

    def read(self, element: Element) -> str:
        """The paragraph as inline markdown."""
        if len(element):
            self._children(element, _PLAIN)
        elif element.text:
            self._text(element.text, _PLAIN)
        if all(form is _PLAIN for form, _ in self._runs):
            return literal("".join([text for _, text in self._runs]))
        return inline(like(form, text) for form, text in self._runs)

    def _children(self, element: Element, form: Run) -> None:
        if element.text:
            self._text(element.text, form)
        for child in element:
            if isinstance(child.tag, str):
                self._child(child, form)
            if child.tail:
                self._text(child.tail, form)

    def _text(self, text: str, form: Run) -> None:
        """Collapses white space, and drops it at the start of a paragraph."""
        text = _SPACES.sub(" ", text)
        if self._after_space and text.startswith(" "):
            text = text[1:]
        if text:
            self._after_space = text.endswith(" ")
            self._runs.append((form, text))

    def _put(self, text: str, form: Run = _PLAIN) -> None:
        self._after_space = False
        self._runs.append((form, text))

    def _child(self, child: Element, form: Run) -> None:
        kind = child.tag
        if kind in _CHARACTERS:
            self._put(_CHARACTERS[kind], form)
        elif kind == "text:s":
            self._put(" " * number(child, "text:c", most=_MOST_SPACES), form)
        elif kind in ("text:a", "loext:a"):
            self._children(child, replace(form, link=child.get("xlink:href")))
        elif kind.startswith(("draw:", "dr3d:")):
            self._drawing(child)
        elif kind.startswith("field:fieldmark"):
            self._put(field_mark(child))
        elif kind not in _SILENT:
            self._READERS.get(kind, Line._field)(self, child, form)

    def _span(self, span: Element, form: Run) -> None:
        name = span.get("text:style-name", "")
        if self._styles.hides("text", name):
            if words(span):
                self._document.left_out["piece of hidden text"] += 1
            return
        changes = self._styles.form(name)
        self._children(span, replace(form, **changes) if changes else form)

    def _field(self, field: Element, form: Run) -> None:
        """Reads the text of a field, unless the field is hidden. Unknown elements count as fields."""
        if field.tag == "text:hidden-paragraph":
            self.hidden |= field.get("text:is-hidden") == "true"
            return
        if field.tag == "text:page-number" and field.text == "<number>":  # what Impress writes on every slide
            self._put(str(self._document.slide or ""), form)
            return
        hidden = field.tag == "text:hidden-text" and field.get("text:is-hidden") == "true"
        if not hidden and field.get("text:display") != "none":
            self._children(field, form)
        elif words(field) or field.get("text:string-value"):
            self._document.left_out["piece of hidden text"] += 1

    def _ruby(self, ruby: Element, form: Run) -> None:
        for part in ruby:
            if part.tag == "text:ruby-base":
                self._children(part, form)
            elif text := words(part):
                self._put(f"({text})", form)

    def _note(self, note: Element, _form: Run) -> None:
        body = note.find("text:note-body")
        citation = note.find("text:note-citation")
        label = "" if citation is None else citation.get("text:label") or words(citation)
        mark = self._document.mark(label)
        self._put(f"[^{mark}]")
        if body is not None:
            self._document.notes.append((mark, self._text_of(body)))

    def _annotation(self, element: Element, _form: Run) -> None:
        name = element.get("office:name", "")
        if element.tag == "office:annotation":
            mark = self._document.comment(element, self._text_of(element))
            if name and name in self._document.ranges:
                self._document.ranges.discard(name)
                self._document.waiting[name] = mark
            else:
                self._put_mark(mark)
        elif mark := self._document.waiting.pop(name, ""):
            self._put_mark(mark)

    def _put_mark(self, mark: str) -> None:
        after_space = self._after_space
        self._put(f"[^{mark}]")
        self._after_space = after_space

    def _drawing(self, element: Element) -> None:
        """Keeps text of objects in the sentence: a picture's description, a formula, a control's value."""
        if element.tag == "draw:control":
            control = self._document.controls.get(element.get("draw:control", ""))
            if control is not None:
                self._put(shown(control))
        elif shows_picture(element):
            self._put(alternative(element, self._document))
        elif (text := formula_of(element, self._document)) is not None:
            self._put(text)
        elif (paragraph := in_line(element)) is not None:
            self._children(paragraph, _PLAIN)
        else:
            self.boxes.append(element)

    _READERS = {  # noqa: RUF012
        "text:span": _span,
        "text:note": _note,
        "text:ruby": _ruby,
        "office:annotation": _annotation,
        "office:annotation-end": _annotation,
    }
