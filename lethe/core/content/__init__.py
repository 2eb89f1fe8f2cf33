"""The text of documents, whole, in blocks, in pieces."""
