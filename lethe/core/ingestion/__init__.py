"""Ingestion: `submit` accepts a document, `work` is what a worker does with it; `prepare` is the CPU-bound part."""
