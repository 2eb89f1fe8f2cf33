"""Annotations of a page: form fields, notes, links. They are read before pdfium draws them into the page."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as pdfium

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""

_MOST = 5_000
"""The most annotations read from a page."""
_LONGEST = 200_000
_HIDDEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_PASSWORD = 1 << 13
_NOTES = frozenset({
    pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_HIGHLIGHT, pdfium.FPDF_ANNOT_UNDERLINE, pdfium.FPDF_ANNOT_SQUIGGLY,
    pdfium.FPDF_ANNOT_STRIKEOUT, pdfium.FPDF_ANNOT_CARET, pdfium.FPDF_ANNOT_STAMP, pdfium.FPDF_ANNOT_INK,
    pdfium.FPDF_ANNOT_SQUARE, pdfium.FPDF_ANNOT_CIRCLE, pdfium.FPDF_ANNOT_LINE, pdfium.FPDF_ANNOT_POLYGON,
    pdfium.FPDF_ANNOT_POLYLINE,
})  # fmt: skip


@dataclass(slots=True, frozen=True)
class Comment:
    """A reviewer's note, and its place on the page."""

    text: str
    author: str
    box: Box


@dataclass(slots=True, frozen=True)
class Field:
    """A form field. `checked` is None for text fields and choices."""

    value: str
    checked: bool | None
    box: Box


@dataclass(slots=True)
class Annotations:
    """The page's comments, links, form fields and typed texts; and the number of its files and hidden fields."""

    comments: list[Comment] = field(default_factory=list)
    links: list[tuple[str, Box]] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    typed: list[tuple[str, Box]] = field(default_factory=list)
    files: int = 0
    hidden: int = 0


def annotations(document: Any, page: Any, form: Any) -> Annotations:
    """All annotations of the page. `form` is pdfium's form environment, or None."""
    found = Annotations()
    for annotation in _each(page):
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        flags = pdfium.FPDFAnnot_GetFlags(annotation)
        box = _box(annotation)
        if kind == pdfium.FPDF_ANNOT_LINK:
            address = _address(document, annotation)
            if address:
                found.links.append((address, box))
        elif kind == pdfium.FPDF_ANNOT_WIDGET and form is not None:
            _field(found, form, annotation, box, bool(flags & _HIDDEN))
        elif flags & pdfium.FPDF_ANNOT_FLAG_HIDDEN:
            continue
        elif kind == pdfium.FPDF_ANNOT_FREETEXT:
            found.typed.append((_string(annotation, b"Contents"), box))
        elif kind == pdfium.FPDF_ANNOT_FILEATTACHMENT:
            found.files += 1
        elif kind in _NOTES:
            text = _string(annotation, b"Contents").strip()
            if text:
                found.comments.append(Comment(text, _string(annotation, b"T").strip(), box))
    return found


def _each(page: Any) -> Iterator[Any]:
    for number in range(min(_MOST, pdfium.FPDFPage_GetAnnotCount(page))):
        annotation = pdfium.FPDFPage_GetAnnot(page, number)
        if annotation:
            try:
                yield annotation
            finally:
                pdfium.FPDFPage_CloseAnnot(annotation)


def _field(found: Annotations, form: Any, annotation: Any, box: Box, hidden: bool) -> None:
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON):
        if not hidden:
            found.fields.append(Field("", bool(pdfium.FPDFAnnot_IsChecked(form, annotation)), box))
    elif kind in (
        pdfium.FPDF_FORMFIELD_TEXTFIELD,
        pdfium.FPDF_FORMFIELD_COMBOBOX,
        pdfium.FPDF_FORMFIELD_LISTBOX,
    ):
        value = _of(
            lambda buffer, size: pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, buffer, size)
        ).strip()
        secret = kind == pdfium.FPDF_FORMFIELD_TEXTFIELD and (
            pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD
        )
        if hidden:
            found.hidden += bool(value)
        elif value and not secret:
            found.fields.append(Field(value, None, box))


def _address(document: Any, annotation: Any) -> str:
    link = pdfium.FPDFAnnot_GetLink(annotation)
    action = pdfium.FPDFLink_GetAction(link) if link else None
    if not action or pdfium.FPDFAction_GetType(action) != pdfium.PDFACTION_URI:
        return ""
    size = pdfium.FPDFAction_GetURIPath(document, action, None, 0)
    if not 1 < size < _LONGEST:
        return ""
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFAction_GetURIPath(document, action, buffer, size)
    return buffer.raw[: size - 1].decode("utf-8", "replace").strip()


def _string(annotation: Any, key: bytes) -> str:
    return _of(lambda buffer, size: pdfium.FPDFAnnot_GetStringValue(annotation, key, buffer, size))


def _of(ask: Any) -> str:
    """Calls a pdfium function that writes UTF-16 text to a buffer and returns its length in bytes."""
    size = ask(None, 0)
    if not 2 < size < 2 * _LONGEST:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    ask(buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _box(annotation: Any) -> Box:
    sides = pdfium.FS_RECTF()
    pdfium.FPDFAnnot_GetRect(annotation, sides)
    return (
        min(sides.left, sides.right),
        min(sides.bottom, sides.top),
        max(sides.left, sides.right),
        max(sides.bottom, sides.top),
    )
