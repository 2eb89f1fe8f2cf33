"""Web pages, and e-books, which consist of them.

page (one HTML page) and ebook (a book of pages) are the entry points: charset (bytes to text) -> bounds (limits on
depth and size) -> Lexbor (text to tree) -> body (tree to markdown).
"""
