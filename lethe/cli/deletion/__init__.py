"""Commands about what was deleted: trash, receipts, traces on the disk."""
