"""Ingestion: `submit` and `batch` accept documents, `originals` stores their files, `at_once` shows markdown
before a worker has read it.

`work` is what a worker does: `obtain` the file, `prepare` (parsing), `embedding`, storing; `together` does it for many.
`reindex` makes chunks again from a stored text.
"""
