"""Puts what is drawn on a page into reading order.

scrambled (fonts that give wrong letters) -> overlay (form fields and comments among the words) -> tables (ruled cells)
-> lines (words joined to pieces of lines) -> order (columns) -> blocks (paragraphs, list items, table rows). bidi
reverses text that is written from right to left.
"""
