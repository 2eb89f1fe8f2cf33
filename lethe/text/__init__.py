"""Algorithms on text: blocks, chunks, words. They know nothing of the database."""
