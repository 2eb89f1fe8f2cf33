"""PDF to markdown: kreuzberg for the text, pdfplumber for ruled tables, which kreuzberg takes for words."""

import struct
import time
from itertools import islice

import pdfplumber
import pypdfium2
from pdfminer.pdfexceptions import PDFException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException
from pypdfium2.raw import FPDF_PAGEOBJ_PATH

from lethe.adapters.parsers.extractor import extract
from lethe.adapters.parsers.pdf_streams import check_streams
from lethe.adapters.parsers.pdf_tables import PageTable, place_tables
from lethe.adapters.parsers.source import Reading, Source
from lethe.adapters.parsers.text import clean
from lethe.domain.file_types import MEDIA_TYPES

_FEWEST_LINES = 4
"""Drawn shapes on a page that may hold a ruled table: two lines each way."""
_MOST_SHAPES = 2_000
"""Drawn shapes of a page that is looked at for tables. Maps and drawings have more."""
_MOST_OBJECTS = 20_000
_TABLE_SECONDS = 20.0
"""CPU time for tables in one document, of `limits.parse_cpu_seconds`; pdfplumber takes 0.2 s a page."""
_END_WINDOW = 1024
"""Bytes at the end where readers look for the end mark."""

Rows = list[list[str]]

_PDF_ERRORS = (
    MalformedPDFException,
    PdfminerException,
    PDFException,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
"""What pdfplumber and pdfminer raise on odd pages; their own classes are only some of them."""


def check_pdf(source: Source) -> None:
    """Raises InputRejected for a PDF that is encrypted, cut, has too many pages, or
    whose streams unpack to more than `limits` allow."""
    data = source.read()
    if b"%%EOF" not in data.rstrip(b"\0 \t\r\n")[-_END_WINDOW:]:
        raise source.rejected("is damaged: the PDF ends before its end mark")
    check_streams(source, data)
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as exc:
        if "password" in str(exc).lower():
            raise source.rejected("is encrypted: save it without a password and send it again") from exc
        raise source.rejected("is damaged: it cannot be read as PDF") from exc
    with document:
        pages = len(document)
    if pages == 0:
        raise source.rejected("is damaged: the PDF has no pages")
    if pages > source.limits.pages:
        raise source.rejected(
            f"has {pages:,} pages, which is over the limit of {source.limits.pages:,}: split it"
        )


def read_pdf(source: Source) -> Reading:
    """A PDF that was checked. Raises InputRejected for one without text."""
    result = extract(source, source.read(), MEDIA_TYPES["pdf"])
    if not result.content.strip():
        raise source.rejected("has no text and probably is scanned: run text recognition (OCR) on it first")
    page_texts = result.page_texts
    tables, warnings = _tables(source, len(page_texts))
    if blank := sum(not text.strip() for text in page_texts):
        warnings += (f"{blank} of {len(page_texts)} pages have no text: they are blank or scanned.",)
    markdown = place_tables(source, result.content, page_texts, tables) if tables else result.content
    return Reading(markdown, result.title, len(page_texts), warnings)


def _tables(source: Source, pages: int) -> tuple[list[PageTable], tuple[str, ...]]:
    """The ruled tables of the document, as far as the time for them goes, and warnings about the rest."""
    deadline = time.process_time() + _TABLE_SECONDS
    ruled = _ruled_pages(source, pages, deadline)
    if not ruled:
        return [], ()
    found: list[PageTable] = []
    read = 0
    try:
        with (
            source.path.open("rb") as file,  # pdfplumber leaves a file open that it opened and could not read
            pdfplumber.open(file, pages=[number + 1 for number in ruled]) as document,
        ):
            for number, page in zip(ruled, document.pages, strict=True):
                if time.process_time() > deadline:
                    break
                found += [PageTable(number, rows) for rows in _tables_of_page(page)]
                read += 1
                page.close()
    except _PDF_ERRORS:
        pass  # the pages from here on keep their tables as text, as the warning says
    if read == len(ruled):
        return found, ()
    return found, (f"From page {ruled[read] + 1} on, tables were read as running text.",)


def _ruled_pages(source: Source, pages: int, deadline: float) -> list[int]:
    """Numbers of the pages, from 0, with as many lines as a table has and not as many as a drawing."""
    ruled = []
    with pypdfium2.PdfDocument(source.path) as document:
        for number in range(pages):
            if time.process_time() > deadline:
                break
            page = document[number]
            kinds = [item.type for item in islice(page.get_objects(max_depth=2), _MOST_OBJECTS)]
            page.close()
            if len(kinds) < _MOST_OBJECTS and _FEWEST_LINES <= kinds.count(FPDF_PAGEOBJ_PATH) <= _MOST_SHAPES:
                ruled.append(number)
    return ruled


def _tables_of_page(page: pdfplumber.page.Page) -> list[Rows]:
    """The page's tables of at least two rows and two columns, from top to bottom."""
    tables = sorted(page.find_tables(), key=lambda table: table.bbox[1])
    rows = [[[clean(cell or "") for cell in row] for row in table.extract()] for table in tables]
    return [table for table in rows if len(table) > 1 and len(table[0]) > 1 and any(map(any, table))]
