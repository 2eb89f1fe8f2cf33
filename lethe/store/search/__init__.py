"""Search, and the upkeep of its indexes."""
