"""The tree of a page to markdown.

blocks (walks the tree; elements says what each tag is, styles which are blocks) -> paragraphs (where blocks end) ->
flow (text, spaces and formats). Beside them: lists, open_tables and tables, notes, formulas, controls.
"""
