"""What is drawn on a page of a PDF, as pdfium gives it: nothing is laid out yet.

layers (which content is switched off) and letters (codes to text) -> words; rules (the lines that tables are ruled
with); annotations (form fields, comments, links); alternatives (texts that describe figures).
"""
