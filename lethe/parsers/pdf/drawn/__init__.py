"""What is drawn on a page of a PDF, as pdfium reports it, before layout.

layers (which content is switched off) and letters (codes to text) -> words; rules (the lines of tables); annotations
(form fields, comments, links); alternatives (texts that describe figures).
"""
