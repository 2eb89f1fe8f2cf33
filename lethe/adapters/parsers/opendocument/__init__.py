"""OpenDocument: texts, spreadsheets and presentations, their templates and flat files, read from their XML."""
