"""Receipts prove erasure. receipt: one receipt; issue: writing it; receipt_log: exporting and verifying all of them."""
