"""Backups that do not bring back what was deleted. take: making one; replay: what receipts tell; restore: using one."""
