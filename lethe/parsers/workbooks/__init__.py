"""Excel workbooks, in the XML format (xlsx) and the old binary one (xls)."""
