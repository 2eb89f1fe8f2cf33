"""The content of an OpenDocument file to markdown.

flow (blocks in their order) -> line (one paragraph), tables, drawings; these use charts, formulas and controls.
"""
