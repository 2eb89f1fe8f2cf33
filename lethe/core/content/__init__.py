"""The text of documents: as a whole, in blocks or in pieces."""
