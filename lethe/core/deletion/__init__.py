"""Deletes for good by name, and by filter (also into the trash). From the trash: core/tree/trash.py."""
