"""Writes the content of an OpenDocument file as markdown.

flow (blocks in their order) -> line (one paragraph), tables, drawings; these use charts, formulas and controls.
"""
