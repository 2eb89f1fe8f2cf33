"""Commands that store, show, search and delete documents on a server, over its HTTP API.

Exit codes: 0 all done; 1 an error; 3 some documents failed, or nothing was found; 130 interrupted.
"""
