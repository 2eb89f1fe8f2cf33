"""Makers of small files, one module a family of types."""
