"""Puts what is drawn on a page into reading order.

scrambled (fonts that give wrong letters) -> overlay (form fields and comments among the words) -> tables (ruled cells)
-> lines (words joined to pieces of lines) -> order (columns, by rows and sides) -> blocks (paragraphs, list items,
table rows). initials joins drop caps, hyphens the halves of words; bidi reverses text written from right to left.
"""
