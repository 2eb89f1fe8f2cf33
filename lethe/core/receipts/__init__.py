"""Receipts: the proof of what was erased. links: one receipt; issue: writing it; chain: reading and checking all."""
