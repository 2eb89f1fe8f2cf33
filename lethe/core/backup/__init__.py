"""Backups that do not bring back deleted documents: create, restore, and replay (of erasures since the backup)."""
