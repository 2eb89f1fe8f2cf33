"""Converts PDF to markdown. pdfium supplies characters and shapes; the layout is worked out here.

check (limits, before pdfium; streams counts what is unpacked) -> reader, which reads each page with pages: drawn
(words, rules, annotations) -> layout (columns, tables, paragraphs). Then, over all pages: running (repeated headers and
footers), headings, losses (warnings).
"""

from lethe.parsers.pdf.check import check_pdf
from lethe.parsers.pdf.reader import read_pdf

__all__ = ["check_pdf", "read_pdf"]
