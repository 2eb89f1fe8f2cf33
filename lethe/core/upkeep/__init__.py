"""Background upkeep: resuming after crashes, reconciling, measuring."""
