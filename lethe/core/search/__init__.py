"""Searching: by words, by meaning, by both."""
