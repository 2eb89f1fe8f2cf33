"""Commands about what was deleted: the trash, receipts, and bytes left on the disk."""
