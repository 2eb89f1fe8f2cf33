"""`lethe sync`: makes a collection mirror a folder. local (what is in the folder), memory (what was synced before),
plan (what has to be done, a pure function), apply (doing it), command.
"""
