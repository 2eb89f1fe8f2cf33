"""An OpenDocument file before its text is read.

parts (the zip or the flat file) -> elements (XML with short names) -> styles -> numbering -> document (the state shared
while one document is read).
"""
