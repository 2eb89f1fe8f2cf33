"""Erasing documents: by name, by node, by filter."""
