"""`lethe sync`: keeps a collection like a folder. local (what is in the folder), memory (what was synced before), plan
(what is to be done, a pure function), apply (doing it), command.
"""
