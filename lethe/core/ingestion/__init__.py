"""Ingestion: `submit` takes a document in, `work` is what a worker does with it, `prepare` is its CPU part."""
