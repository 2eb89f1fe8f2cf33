"""Folders and documents of the tree, and its trash."""
