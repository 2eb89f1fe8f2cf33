"""Word documents (docx)."""
