"""Receipts prove erasure.

receipt: one of them; keys, salts: its secrets; issue: writing it; receipt_log: exporting and verifying all of them;
show, certificate, feed: what people and caches see.
"""
