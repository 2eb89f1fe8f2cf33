"""Algorithms on text: blocks, chunks, words. They do not use the database."""
