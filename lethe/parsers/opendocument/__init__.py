"""OpenDocument files and their templates, zipped or flat, read from their XML.

text, sheets and slides each read one kind of document: package (the file's parts, its styles and numbering) -> body
(paragraphs, lists, tables to markdown). masters adds the headers and footers, values formats the cells of a sheet.
"""
