"""Warnings about what could not be read from a PDF: one sentence for each kind of loss."""

from collections.abc import Sequence
from typing import Any

import pypdfium2.raw as pdfium

from lethe.parsers.markdown.writer import Writer
from lethe.parsers.pdf.pages import Page

_MOST_NAMED = 20
_XFA = "The form is an XFA form, built by the program that opens it: it is not read. Print it to a PDF and send that."
_CUT = "A page has more characters than Lethe reads from one page: the rest of it is left out."
_PLAIN = "The document takes long to read: from page {} on, columns and tables were read line by line."


def tell(writer: Writer, document: Any, pages: Sequence[Page]) -> None:
    """Adds warnings about what is left out or may be wrong. `document` is an open pdfium document."""
    bare = [number for number, page in enumerate(pages, start=1) if not page.letters and page.drawn]
    if bare:
        writer.warn(f"{_named(bare)} no readable text: text recognition (OCR) is not available.")
    damaged = [number for number, page in enumerate(pages, start=1) if page.damaged]
    if damaged:
        writer.warn(f"{_named(damaged)} no text that can be read: the file is damaged there.")
    scrambled = [number for number, page in enumerate(pages, start=1) if page.scrambled]
    if scrambled:
        writer.warn(
            f"{_named(scrambled)} text that may be wrong: the fonts do not say which letters they show."
        )
    files = pdfium.FPDFDoc_GetAttachmentCount(document) + sum(page.files for page in pages)
    counts = (
        (
            sum(page.images for page in pages if page.letters),
            "1 image has no readable text: text recognition (OCR) is not available.",
            "{:,} images have no readable text: text recognition (OCR) is not available.",
        ),
        (
            sum(page.unreadable for page in pages),
            "1 character could not be read: the file does not say which letter it is.",
            "{:,} characters could not be read: the file does not say which letters they are.",
        ),
        (
            sum(page.outside for page in pages),
            "1 character outside the visible page is left out.",
            "{:,} characters outside the visible page are left out.",
        ),
        (
            sum(page.off for page in pages),
            "1 character on a hidden layer is left out.",
            "{:,} characters on hidden layers are left out.",
        ),
        (
            sum(page.hidden_fields for page in pages),
            "1 hidden field of the form was left out.",
            "{:,} hidden fields of the form were left out.",
        ),
        (
            files,
            "1 embedded file was not read: send it as a separate document.",
            "{:,} embedded files were not read: send them as separate documents.",
        ),
    )
    for count, one, many in counts:
        if count:
            writer.warn(one if count == 1 else many.format(count))
    if any(page.cut for page in pages):
        writer.warn(_CUT)
    plain = next((number for number, page in enumerate(pages, start=1) if page.plain), None)
    if plain:
        writer.warn(_PLAIN.format(plain))
    if pdfium.FPDF_GetFormType(document) == pdfium.FORMTYPE_XFA_FULL:
        writer.warn(_XFA)


def _named(numbers: Sequence[int]) -> str:
    """`Page 2 has`, or `Pages 2, 3 and 9 have`; of many pages, only the first twenty are named."""
    if len(numbers) == 1:
        return f"Page {numbers[0]} has"
    if len(numbers) > _MOST_NAMED:
        return f"{len(numbers):,} pages ({', '.join(map(str, numbers[:_MOST_NAMED]))} and others) have"
    return f"Pages {', '.join(map(str, numbers[:-1]))} and {numbers[-1]} have"
