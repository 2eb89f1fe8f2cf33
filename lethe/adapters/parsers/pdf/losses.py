"""What of a PDF is not in its text: a sentence for each kind of loss."""

from collections.abc import Sequence
from typing import Any

import pypdfium2.raw as pdfium

from lethe.adapters.parsers.markdown.writer import Writer
from lethe.adapters.parsers.pdf.pages import Page

_MOST_NAMED = 20
_XFA = "The form is of the kind XFA, whose pages are made by the program that opens it: they are not read."
_CUT = "A page has more characters than are read of one page: the rest of it is left out."
_PLAIN = "The document is long: from page {} on, columns and tables were read line by line."


def tell(writer: Writer, document: Any, pages: Sequence[Page]) -> None:
    """Warns of what is left out or may be wrong. `document` is pdfium's, and open."""
    bare = [number for number, page in enumerate(pages, start=1) if not page.letters and page.drawn]
    if bare:
        writer.warn(f"{_named(bare)} no text that can be read: text recognition is not there.")
    damaged = [number for number, page in enumerate(pages, start=1) if page.damaged]
    if damaged:
        writer.warn(f"{_named(damaged)} no text that can be read: the file is damaged there.")
    scrambled = [number for number, page in enumerate(pages, start=1) if page.scrambled]
    if scrambled:
        writer.warn(
            f"{_named(scrambled)} text that may be wrong: the fonts do not tell which letters they show."
        )
    files = pdfium.FPDFDoc_GetAttachmentCount(document) + sum(page.files for page in pages)
    counts = (
        (
            sum(page.images for page in pages if page.letters),
            "1 image has no text that can be read: text recognition is not there.",
            "{:,} images have no text that can be read: text recognition is not there.",
        ),
        (
            sum(page.unreadable for page in pages),
            "1 character could not be read: the file does not tell which letter it is.",
            "{:,} characters could not be read: the file does not tell which letters they are.",
        ),
        (
            sum(page.outside for page in pages),
            "1 character stands outside of the pages, where it cannot be seen: left out.",
            "{:,} characters stand outside of the pages, where they cannot be seen: left out.",
        ),
        (
            sum(page.off for page in pages),
            "1 character is on a layer that is switched off: left out.",
            "{:,} characters are on layers that are switched off: left out.",
        ),
        (
            sum(page.hidden_fields for page in pages),
            "1 hidden field of the form was left out.",
            "{:,} hidden fields of the form were left out.",
        ),
        (
            files,
            "1 embedded file was not read: send it as a document of its own.",
            "{:,} embedded files were not read: send them as documents of their own.",
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
    """`Page 2 has`, `Pages 2, 3 and 9 have`; of many, the first twenty."""
    if len(numbers) == 1:
        return f"Page {numbers[0]} has"
    if len(numbers) > _MOST_NAMED:
        return f"{len(numbers):,} pages ({', '.join(map(str, numbers[:_MOST_NAMED]))} and others) have"
    return f"Pages {', '.join(map(str, numbers[:-1]))} and {numbers[-1]} have"
