"""Commands that put documents into a server, look at them, search and delete them. They speak its HTTP API.

Exit codes: 0 all done; 1 an error; 3 some documents failed, or nothing was found; 130 interrupted.
"""
