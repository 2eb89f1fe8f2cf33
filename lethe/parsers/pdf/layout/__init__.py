"""What is drawn on a page, put into the order in which a person reads it.

scrambled (fonts that give wrong letters) -> overlay (form fields and comments among the words) -> tables (ruled cells)
-> lines (words to pieces of lines) -> order (columns) -> blocks (paragraphs, list items, table rows).
`bidi` turns text that is written from right to left.
"""
