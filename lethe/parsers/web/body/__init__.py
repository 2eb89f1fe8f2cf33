"""Writes the tree of a page as markdown.

blocks (walks the tree; elements classifies tags, styles finds further blocks) -> paragraphs (ends blocks) -> flow
(text, spaces and formats). They use lists, open_tables and tables, notes, formulas, controls.
"""
