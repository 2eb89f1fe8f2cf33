"""An OpenDocument file before its text is read.

parts (the zip or the flat file) -> elements (XML with short names) -> styles -> numbering -> document (what all parts
of one document share while it is read).
"""
