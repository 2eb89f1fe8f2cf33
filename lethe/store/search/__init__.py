"""Search and the maintenance of its indexes."""
