"""Web pages, and the e-books that are made of them.

page (one HTML page) and ebook (a book of pages) are the ways in: charset (bytes to text) -> bounds (limits on depth and
size) -> Lexbor makes the tree -> body (the tree to markdown).
"""
