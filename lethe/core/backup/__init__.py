"""Backups that do not bring back deleted documents. create and restore; replay: erasing again what receipts name."""
