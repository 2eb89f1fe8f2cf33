"""Workbooks of Excel, the new container of XML (xlsx) and the old binary one (xls)."""
