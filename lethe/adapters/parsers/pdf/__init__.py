"""PDF to markdown, on pdfium: its characters and shapes, laid out here as a person reads them.

words (characters to words) -> lines -> order (columns) -> blocks (paragraphs, items) -> reader (headings, markdown).
"""

from lethe.adapters.parsers.pdf.check import check_pdf
from lethe.adapters.parsers.pdf.reader import read_pdf

__all__ = ["check_pdf", "read_pdf"]
